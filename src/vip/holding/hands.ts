// The hands of one holder change the kernel. The ledger, which knows what other holders want, tells them to put, adopt, take
// off and ensure; the keeper tells them the rest. They log a refusal once and remember it until the thing succeeds, and go on
// with the others: the kernel may refuse one thing or everything.

import type { Link } from "../../kernel/links.ts";
import type { Netlink } from "../../kernel/netlink.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Thing } from "../model.ts";
import {
  type Applied,
  addThings,
  type Failure,
  type LinkOf,
  removeThings,
  renewThings,
} from "./apply.ts";
import type { Holder } from "./holders.ts";
import type { Machines } from "./machines.ts";
import type { PutBacks } from "./put-back.ts";
import {
  type Gone,
  identityOf,
  interfacesOf,
  isGone,
  keyOfGone,
  keyOfThing,
  nameOf,
} from "./things.ts";

export type FailedThing = { readonly thing: Thing; readonly cause: string };

export type Wanted = {
  readonly things: readonly Thing[];
  /** Of addresses; null = they stay when everything of duet dies. */
  readonly leaseS: number | null;
};

/** "more": by a change of the configuration, or another holder's until now; "back": put back, or their link came up. */
export type OnThere = (things: readonly Thing[], why: "more" | "back") => void;

type LinksByName = ReadonlyMap<string, Link | undefined>;

const NOTHING: Wanted = { things: [], leaseS: null };

type Done = "added" | "renewed" | "removed";

export type HandsParts = {
  readonly netlink: Netlink;
  readonly machines: Machines;
  readonly linkOf: LinkOf;
  readonly log: Log;
};

export class Hands implements Holder {
  readonly #parts: HandsParts;
  readonly #what: string;
  readonly #putBacks: PutBacks;
  readonly #onThere: OnThere;
  /** Of what was refused, by identityOf(). */
  readonly #causes = new Map<string, string>();
  #wanted = NOTHING;
  #byKey: ReadonlyMap<string, readonly Thing[]> = new Map();
  #isOn = false;
  /** Since it was put on. */
  #hasChanged = false;
  /** Where things were put on: a link of the same name may be another one by now. */
  #onLinks: LinksByName = new Map();

  /** `what` is said of the things ("virtual"); `putBacks`: which of them are left off. */
  constructor(parts: HandsParts, what: string, putBacks: PutBacks, onThere: OnThere) {
    this.#parts = parts;
    this.#what = what;
    this.#putBacks = putBacks;
    this.#onThere = onThere;
  }

  /** It holds these from now on: the ledger says what there is to do for that. */
  want(next: Wanted): void {
    this.#hasChanged = this.#isOn;
    this.#isOn = true;
    const index = new Map<string, Thing[]>();
    for (const thing of next.things) {
      const key = keyOfThing(thing);
      index.set(key, [...(index.get(key) ?? []), thing]);
    }
    this.#wanted = next;
    this.#byKey = index;
    this.#causes.clear();
    this.#onLinks = new Map([...(this.#hasChanged ? this.#onLinks : []), ...this.#linksNow()]);
  }

  letGo(): void {
    this.#isOn = false;
    this.#causes.clear();
  }

  isOn(): boolean {
    return this.#isOn;
  }

  wanted(): Wanted {
    return this.#wanted;
  }

  // The ledger calls these.

  /** A thing that is there already has its lease from another holder or an earlier run, or is the machine's. */
  put(things: readonly Thing[]): void {
    const { machines } = this.#parts;
    const { changed, failed } = this.#add(things);
    const done = new Set([...changed, ...failed.map(({ thing }) => thing)]);
    const there = things.filter((thing) => !done.has(thing));
    if (there.length > 0) {
      this.renew(machines.found(there));
      for (const thing of there) this.#tell(thing, "added", machines.inTheWayOf(thing));
    }
    if (this.#hasChanged) this.#onThere(things, "more");
  }

  adopt(things: readonly Thing[]): void {
    this.renew(this.#parts.machines.without(things));
    if (this.#hasChanged) this.#onThere(things, "more");
  }

  /** A link that has another name by now still has what was put on it. */
  takeOff(things: readonly Thing[]): void {
    this.#remove(things, (name) => this.#onLinks.get(name) ?? this.#parts.linkOf(name));
  }

  ensure(keys?: ReadonlySet<string>): void {
    if (!this.#isOn) return;
    const things =
      keys === undefined
        ? this.#wanted.things
        : [...keys].flatMap((key) => this.#byKey.get(key) ?? []);
    const missing = things.filter(
      (each) => this.#isUsable(each) && !this.#putBacks.isLeftOff(each),
    );
    if (missing.length > 0) this.#add(missing);
  }

  // The keeper calls these.

  /** Gives what was not there. */
  add(things: readonly Thing[]): readonly Thing[] {
    return this.#add(things).changed;
  }

  /** Gives what was not there. */
  renew(
    things: readonly Thing[],
    where = this.#parts.linkOf,
    leaseS = this.#wanted.leaseS,
  ): readonly Thing[] {
    if (things.length === 0) return [];
    const { netlink, machines } = this.#parts;
    const renewed = (): Applied =>
      renewThings(netlink, things, where, leaseS, machines.sharesRoute);
    return this.#attempt("renewed", things, renewed).changed;
  }

  /** Wanted, and not there, each with the reason. */
  failed(): readonly FailedThing[] {
    if (!this.#isOn || this.#causes.size === 0) return [];
    return this.#wanted.things.flatMap((thing) => {
      const cause = this.#causes.get(identityOf(thing));
      return cause === undefined ? [] : [{ thing, cause }];
    });
  }

  /** All that is wanted, and can be there. */
  usable(): readonly Thing[] {
    return this.#wanted.things.filter((thing) => this.#isUsable(thing));
  }

  /** The things that this is about. */
  goneWith(gone: Gone): readonly Thing[] {
    return (this.#byKey.get(keyOfGone(gone)) ?? []).filter(
      (thing) => isGone(thing, gone, this.#parts.linkOf) && this.#isUsable(thing),
    );
  }

  /** Gives the links that came up; undefined = nothing turned that matters here. */
  followLinks(): ReadonlySet<string> | undefined {
    const before = this.#onLinks;
    const now = this.#linksNow();
    const turned = turnedBetween(before, now);
    if (turned === undefined) return undefined;
    const stranded = this.#wanted.things.filter((thing) =>
      interfacesOf(thing).some((name) => turned.moved.has(name)),
    );
    if (stranded.length > 0) this.#remove(stranded, (name) => before.get(name));
    this.#onLinks = now;
    return turned.up;
  }

  #linksNow(): LinksByName {
    const names = new Set(this.#wanted.things.flatMap(interfacesOf));
    return new Map(Array.from(names, (name) => [name, this.#parts.linkOf(name)]));
  }

  #isUsable(thing: Thing): boolean {
    return interfacesOf(thing).every((name) => this.#parts.linkOf(name) !== undefined);
  }

  #remove(things: readonly Thing[], where: LinkOf): void {
    const { netlink, machines } = this.#parts;
    const due = machines.without(things);
    // The kernel takes the route of an IPv6 prefix off only with an address that is under no lease (net/ipv6/addrconf.c).
    if (this.#wanted.leaseS !== null) this.renew(machines.withRouteOf6(due), where, null);
    this.#attempt("removed", things, () => removeThings(netlink, due, where));
  }

  #add(things: readonly Thing[]): Applied {
    const { netlink, linkOf, machines } = this.#parts;
    return this.#attempt("added", things, () =>
      addThings(netlink, things, linkOf, this.#wanted.leaseS, machines.sharesRoute),
    );
  }

  #attempt(done: Done, things: readonly Thing[], change: () => Applied): Applied {
    const { machines } = this.#parts;
    try {
      const applied = change();
      const failed = new Map(applied.failed.map((failure) => [failure.thing, failure]));
      const isOn = done !== "removed";
      if (isOn) machines.put(applied.changed);
      for (const thing of things) {
        const inTheWay = isOn ? machines.inTheWayOf(thing) : undefined;
        this.#tell(thing, done, failed.get(thing) ?? inTheWay);
      }
      return applied;
    } catch (error) {
      const cause = errorText(error);
      for (const thing of things) this.#causes.set(identityOf(thing), cause);
      const text = `${this.#what} addresses, routes and rules not ${done}`;
      this.#parts.log.error({ error: cause }, text);
      const failed = things.map((thing) => ({ thing, cause, interfaceGone: false }));
      return { changed: [], failed };
    }
  }

  /** undefined = it succeeded. */
  #tell(thing: Thing, done: Done, failure: Failure | undefined): void {
    if (failure === undefined && this.#causes.size === 0) return;
    const key = identityOf(thing);
    if (failure === undefined) return void this.#causes.delete(key);
    const { cause, interfaceGone } = failure;
    if (this.#causes.get(key) === cause) return;
    this.#causes.set(key, cause);
    const text = `${this.#what} ${thing.kind} not ${done}`;
    this.#parts.log[interfaceGone ? "warn" : "error"]({ [thing.kind]: nameOf(thing), cause }, text);
  }
}

/** What happened to links between two looks; undefined = nothing that matters to what is held on them. */
function turnedBetween(
  before: LinksByName,
  now: LinksByName,
): { readonly moved: ReadonlySet<string>; readonly up: ReadonlySet<string> } | undefined {
  const moved = new Set<string>();
  const up = new Set<string>();
  let isSame = true;
  for (const [name, link] of now) {
    const old = before.get(name);
    if (old?.index === link?.index && old?.running === link?.running) continue;
    isSame = false;
    // The old one may live on under another name.
    if (old !== undefined && old.index !== link?.index) moved.add(name);
    if (link?.running && old?.running === false) up.add(name);
  }
  return isSame ? undefined : { moved, up };
}
