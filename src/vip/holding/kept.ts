// Addresses, routes and rules of one holder: put on, kept there whatever others do, and taken off again.

import type { Link } from "../../kernel/links.ts";
import type { Netlink } from "../../kernel/netlink.ts";
import { requesterOf } from "../../kernel/requester.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Thing } from "../model.ts";
import { type Applied, addThings, type LinkOf, removeThings, renewThings } from "./apply.ts";
import { type FailedThing, openFailures } from "./failures.ts";
import type { Holder, Holders } from "./holders.ts";
import { renewEveryMs } from "./lease.ts";
import type { Machines } from "./machines.ts";
import { openPutBacks } from "./put-backs.ts";
import { interfacesWithNetwork, promotePath } from "./secondaries.ts";
import { type Gone, interfacesOf, isGone, isTracked, keyOfGone, keyOfThing } from "./things.ts";
import { type LinksByName, turnedBetween } from "./turned-links.ts";

export type KeptParts = {
  readonly clock: Clock;
  readonly netlink: Netlink;
  readonly holders: Holders;
  readonly machines: Machines;
  readonly linkOf: LinkOf;
  /** Settings of the kernel, held by who needs them. */
  readonly sysctls: {
    readonly need: (user: object, path: string, value: string) => unknown;
    readonly release: (user: object) => void;
  };
  readonly log: Log;
};

export type Kept = {
  readonly putOn: (wanted: Wanted) => void;
  readonly takeOff: () => void;
  /** What is on changes by the difference. */
  readonly change: (wanted: Wanted) => void;
  /** Those that are taken off in the end; the others are the machine's. */
  readonly ours: (things: readonly Thing[]) => readonly Thing[];
  /** Somebody removed something: ours is put back. */
  readonly gone: (gone: readonly Gone[]) => void;
  /** Wanted, and not there, each with the reason. */
  readonly failed: () => readonly FailedThing[];
  /** Everything may have changed unseen. */
  readonly lookAgain: () => void;
  /** Links changed: what could not be put on may go on now. true = what is held is elsewhere now. */
  readonly linksChanged: () => boolean;
};

export type Wanted = {
  readonly things: readonly Thing[];
  /** Of addresses; null = they stay when everything of duet dies. */
  readonly leaseS: number | null;
};

const NOTHING: Wanted = { things: [], leaseS: null };
const CHECK_EVERY_MS = 1000;

/** `what` is said of its things ("virtual"). */
export function openKept(
  parts: KeptParts,
  what: string,
  told: {
    /** Put back. */
    readonly onBack: (things: readonly Thing[]) => void;
    /** New by a change of the configuration, or another holder's until now. */
    readonly onMore: (things: readonly Thing[]) => void;
  },
): Kept {
  const { clock, netlink, linkOf, log, holders, machines } = parts;
  let wanted: Wanted = NOTHING;
  let byKey: ReadonlyMap<string, readonly Thing[]> = new Map();
  let interfaces: ReadonlySet<string> = new Set();
  let on = false;
  let changing = false;
  /** Where things were put on: a link of the same name may be another one by now. */
  let onLinks: LinksByName = new Map();
  const failures = openFailures(log, what);
  const renewal = clock.alarm(renew);
  const putBacks = openPutBacks({
    clock,
    log,
    what,
    add: (things) => add(things).changed,
    isThere: machines.isThere,
    beside: () => wanted.things.filter((thing) => thing.kind === "route" && isTracked(thing)),
    onBack: told.onBack,
    requesterOf,
    ownPortId: netlink.portId,
  });

  const holder: Holder = {
    putOn(things) {
      addFirst(things);
      if (changing) told.onMore(things);
    },
    adopt(things) {
      renewNow(machines.without(things));
      if (changing) told.onMore(things);
    },
    takeOff: (things) => remove(things, lastLink),
    ensure: () => addAgain(wanted.things),
    ensureLike: (keys) => addAgain([...keys].flatMap((key) => byKey.get(key) ?? [])),
  };

  function add(things: readonly Thing[]): Applied {
    return attempt("added", things, () => addThings(netlink, things, linkOf, wanted.leaseS));
  }

  function addAgain(things: readonly Thing[]): void {
    if (on && things.length > 0)
      add(things.filter((thing) => usable(thing, linkOf) && !putBacks.isLeftOff(thing)));
  }

  /** What is there already has its lease from another holder or an earlier run, or is the machine's. */
  function addFirst(things: readonly Thing[]): void {
    const { changed, failed } = add(things);
    const done = new Set([...changed, ...failed.map(({ thing }) => thing)]);
    const there = things.filter((thing) => !done.has(thing));
    if (there.length > 0) {
      renewNow(machines.found(there));
      for (const thing of there) failures.tell(thing, "added", machines.inTheWayOf(thing));
    }
  }

  function renewNow(things: readonly Thing[]): readonly Thing[] {
    if (things.length === 0) return [];
    const renewed = () => renewThings(netlink, things, linkOf, wanted.leaseS);
    return attempt("renewed", things, renewed).changed;
  }

  function remove(things: readonly Thing[], where: LinkOf): void {
    const due = machines.without(things);
    // The kernel takes the route of an IPv6 prefix off only with an address that is under no lease (net/ipv6/addrconf.c).
    const leased = wanted.leaseS === null ? [] : machines.withRouteOf6(due);
    if (leased.length > 0) {
      attempt("renewed", leased, () => renewThings(netlink, leased, where, null));
    }
    attempt("removed", things, () => removeThings(netlink, due, where));
  }

  /** A link that has another name by now still has what was put on it. */
  function lastLink(name: string): Link | undefined {
    return onLinks.get(name) ?? linkOf(name);
  }

  function renew(): void {
    armRenewal();
    const things = machines
      .without(wanted.things)
      .filter(
        (thing) => (thing.kind === "address" || isTracked(thing)) && !putBacks.isLeftOff(thing),
      );
    // An address is renewed in any case; a route or rule only changes when it was away.
    putBacks.found(renewNow(things).filter(({ kind }) => kind !== "address"));
  }

  function armRenewal(): void {
    const { leaseS } = wanted;
    renewal.set(clock.nowMs() + (leaseS === null ? CHECK_EVERY_MS : renewEveryMs(leaseS)));
  }

  /** The kernel may refuse one thing or everything: both are told once, neither stops an election. */
  function attempt(done: string, things: readonly Thing[], change: () => Applied): Applied {
    try {
      const applied = change();
      const failed = new Map(applied.failed.map((failure) => [failure.thing, failure]));
      const isOn = done !== "removed";
      if (isOn) machines.put(applied.changed);
      for (const thing of things) {
        const inTheWay = isOn ? machines.inTheWayOf(thing) : undefined;
        failures.tell(thing, done, failed.get(thing) ?? inTheWay);
      }
      return applied;
    } catch (error) {
      const cause = errorText(error);
      failures.tellAll(things, done, cause);
      const failed = things.map((thing) => ({ thing, cause, interfaceGone: false }));
      return { changed: [], failed };
    }
  }

  function want(next: Wanted): void {
    const index = new Map<string, Thing[]>();
    for (const thing of next.things) {
      const key = keyOfThing(thing);
      index.set(key, [...(index.get(key) ?? []), thing]);
    }
    wanted = next;
    byKey = index;
    interfaces = new Set(next.things.flatMap(interfacesOf));
  }

  function keepSecondaries(): void {
    for (const name of interfacesWithNetwork(wanted.things))
      parts.sysctls.need(holder, promotePath(name), "1");
  }

  function linksNow(): LinksByName {
    return new Map(Array.from(interfaces, (name) => [name, linkOf(name)]));
  }

  function forget(): void {
    putBacks.forget();
    failures.forget();
  }

  function lookAgain(): readonly Thing[] {
    return on ? putBacks.lookAgain(wanted.things.filter((thing) => usable(thing, linkOf))) : [];
  }

  /** Nobody has heard of what is there since the link was down, and the kernel may have taken a part of it. */
  function cameUp(names: ReadonlySet<string>, back: ReadonlySet<Thing>): void {
    if (names.size === 0) return;
    renew();
    told.onBack(
      wanted.things.filter(
        (thing) => thing.kind === "address" && names.has(thing.vip.interface) && !back.has(thing),
      ),
    );
  }

  return {
    putOn(next) {
      want(next);
      on = true;
      forget();
      onLinks = linksNow();
      holders.set(holder, next.things);
      keepSecondaries();
      armRenewal();
    },
    takeOff() {
      on = false;
      forget();
      renewal.set(Infinity);
      holders.set(holder, []);
      parts.sysctls.release(holder);
    },
    change(next) {
      if (!on) return want(next);
      changing = true;
      const before = onLinks;
      want(next);
      forget();
      onLinks = new Map([...before, ...linksNow()]);
      holders.set(holder, next.things);
      keepSecondaries();
      armRenewal();
    },
    ours: machines.without,
    gone(all) {
      if (!on) return;
      const things = all.flatMap((each) =>
        (byKey.get(keyOfGone(each)) ?? [])
          .filter((thing) => isGone(thing, each, linkOf) && usable(thing, linkOf))
          .map((thing) => ({ thing, portId: each.portId })),
      );
      if (things.length > 0) putBacks.gone(things);
    },
    failed: () => (on ? failures.of(wanted.things) : []),
    lookAgain: () => void lookAgain(),
    linksChanged() {
      if (!on) return false;
      const before = onLinks;
      const now = linksNow();
      const turned = turnedBetween(before, now);
      if (turned === undefined) return false;
      const stranded = wanted.things.filter((thing) =>
        interfacesOf(thing).some((name) => turned.moved.has(name)),
      );
      if (stranded.length > 0) remove(stranded, (name) => before.get(name));
      onLinks = now;
      putBacks.forget();
      cameUp(turned.up, new Set(lookAgain()));
      return true;
    },
  };
}

function usable(thing: Thing, linkOf: LinkOf): boolean {
  return interfacesOf(thing).every((name) => linkOf(name) !== undefined);
}
