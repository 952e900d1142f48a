// Addresses, routes and rules that are put on, kept there whatever others do, and taken off again.

import type { Address } from "../kernel/addresses.ts";
import { listAddresses } from "../kernel/addresses.ts";
import type { Netlink } from "../kernel/netlink.ts";
import type { Route } from "../kernel/routes.ts";
import type { Rule } from "../kernel/rules.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { type Applied, addThings, type LinkOf, removeThings, renewThings } from "../vip/apply.ts";
import { renewEveryMs } from "../vip/lease.ts";
import type { Thing } from "../vip/model.ts";
import { planChange } from "../vip/plan.ts";
import { dueAtMs, NEVER_PUT_BACK, noted, type PutBacks } from "../vip/put-back.ts";
import {
  identityOf,
  interfacesOf,
  isAddress,
  isRoute,
  isRule,
  isTracked,
  nameOf,
} from "../vip/things.ts";

export type KeptParts = {
  readonly clock: Clock;
  readonly netlink: Netlink;
  readonly linkOf: LinkOf;
  readonly log: Log;
};

export type Kept = {
  readonly putOn: (wanted: Wanted) => void;
  readonly takeOff: () => void;
  /** What is on changes by the difference; returns what is new. */
  readonly change: (wanted: Wanted) => readonly Thing[];
  /** Those that are taken off in the end; the others were there before us. */
  readonly ours: (things: readonly Thing[]) => readonly Thing[];
  /** Somebody removed something: ours is put back. */
  readonly addressGone: (address: Address) => void;
  readonly routeGone: (route: Route) => void;
  readonly ruleGone: (rule: Rule) => void;
  /** Everything may have changed unseen. */
  readonly lookAgain: () => void;
  /** Links changed: what could not be put on may go on now. */
  readonly linksChanged: () => void;
};

export type Wanted = {
  readonly things: readonly Thing[];
  /** Of addresses; null = they stay when everything of duet dies. */
  readonly leaseS: number | null;
  /** Addresses that were there before us belong to the node: they stay when we go. */
  readonly owner: boolean;
};

const NOTHING: Wanted = { things: [], leaseS: null, owner: false };
const CHECK_EVERY_MS = 1000;

/** `what` is said of its things ("virtual"); `onBack` is told what has been put back. */
export function openKept(
  parts: KeptParts,
  what: string,
  onBack: (things: readonly Thing[]) => void,
): Kept {
  const { clock, netlink, linkOf, log } = parts;
  let wanted: Wanted = NOTHING;
  let on = false;
  /** The links that things were put on; another link of the same name has none of them. */
  let onLinks = "";
  let owned: ReadonlySet<string> = new Set();
  /** Not tracked, and somebody took them off. */
  const abandoned = new Set<string>();
  const putBacks = new Map<string, PutBacks>();
  /** Waiting until they may be put back. */
  const waiting = new Map<string, Thing>();
  const toldFailures = new Map<string, string>();

  const renewal = clock.alarm(renew);
  const retry = clock.alarm(retryWaiting);

  function add(things: readonly Thing[]): readonly Thing[] {
    return attempt("added", things, () => addThings(netlink, things, linkOf, wanted.leaseS))
      .changed;
  }

  function addFirst(things: readonly Thing[]): void {
    const put = new Set(add(things));
    if (!wanted.owner) return;
    const before = things.filter((thing) => !put.has(thing) && thing.kind === "address");
    owned = new Set([...owned, ...before.map(nameOf)]);
  }

  function remove(things: readonly Thing[]): void {
    attempt("removed", things, () => removeThings(netlink, ours(things), linkOf));
  }

  function renew(): void {
    armRenewal();
    const { leaseS } = wanted;
    const things = ours(wanted.things).filter((thing) => {
      if (thing.kind !== "address" && !isTracked(thing)) return false;
      if (abandoned.size === 0 && waiting.size === 0) return true;
      const key = identityOf(thing);
      return !abandoned.has(key) && !waiting.has(key);
    });
    const { changed } = attempt("renewed", things, () =>
      renewThings(netlink, things, linkOf, leaseS),
    );
    // An address is renewed in any case; a route or rule only changes when it was away.
    for (const thing of changed) if (thing.kind !== "address") tellBack(thing);
  }

  function armRenewal(): void {
    const { leaseS } = wanted;
    renewal.set(clock.nowMs() + (leaseS === null ? CHECK_EVERY_MS : renewEveryMs(leaseS)));
  }

  function gone(things: readonly Thing[]): void {
    if (!on || things.length === 0) return;
    const nowMs = clock.nowMs();
    const due: Thing[] = [];
    for (const thing of things) {
      const key = identityOf(thing);
      if (!isTracked(thing)) abandon(thing, key);
      else if (dueAtMs(putBacks.get(key) ?? NEVER_PUT_BACK, nowMs) <= nowMs) due.push(thing);
      else waiting.set(key, thing);
    }
    putBack(due);
    armRetry();
  }

  /** What we hear may be a removal of our own, and the address there again. */
  function abandon(thing: Thing, key: string): void {
    if (thing.kind === "address" && isThere(thing)) return;
    abandoned.add(key);
    log.warn({ [thing.kind]: nameOf(thing) }, `${saying(thing)} was removed by somebody, left off`);
  }

  function isThere({ vip }: Thing & { readonly kind: "address" }): boolean {
    const index = linkOf(vip.interface)?.index;
    return listAddresses(netlink).some(
      ({ address, interfaceIndex }) => address === vip.address && interfaceIndex === index,
    );
  }

  function putBack(things: readonly Thing[]): void {
    if (things.length === 0) return;
    // When it is there already, what we heard was a removal of our own.
    const back = add(things);
    for (const thing of back) tellBack(thing);
    if (back.length > 0) onBack(back);
    // With an address the kernel takes off the routes that need it, and says nothing of them.
    if (back.some(({ kind }) => kind === "address")) putBack(routesBeside(things));
  }

  function routesBeside(done: readonly Thing[]): readonly Thing[] {
    const tried = new Set(done);
    return wanted.things.filter(
      (thing) =>
        thing.kind === "route" &&
        isTracked(thing) &&
        !tried.has(thing) &&
        !waiting.has(identityOf(thing)),
    );
  }

  function tellBack(thing: Thing): void {
    const key = identityOf(thing);
    const { state, tell } = noted(putBacks.get(key) ?? NEVER_PUT_BACK, clock.nowMs());
    putBacks.set(key, state);
    if (tell === null) return;
    const times = tell === 1 ? {} : { times: tell };
    log.warn(
      { [thing.kind]: nameOf(thing), ...times },
      `${saying(thing)} was removed by somebody, put back`,
    );
  }

  function retryWaiting(): void {
    const nowMs = clock.nowMs();
    const due = [...waiting].filter(([key]) => waitsUntilMs(key, nowMs) <= nowMs);
    for (const [key] of due) waiting.delete(key);
    putBack(due.map(([, thing]) => thing));
    armRetry();
  }

  function armRetry(): void {
    const nowMs = clock.nowMs();
    retry.set(Math.min(Infinity, ...[...waiting.keys()].map((key) => waitsUntilMs(key, nowMs))));
  }

  function waitsUntilMs(key: string, nowMs: number): number {
    return dueAtMs(putBacks.get(key) ?? NEVER_PUT_BACK, nowMs);
  }

  /** The kernel may refuse one thing or everything: both are told once, neither stops an election. */
  function attempt(done: string, things: readonly Thing[], change: () => Applied): Applied {
    try {
      const applied = change();
      const failed = new Map(applied.failed.map(({ thing, cause }) => [thing, cause]));
      for (const thing of things) tellFailure(thing, done, failed.get(thing));
      return applied;
    } catch (error) {
      log.error({ error: errorText(error) }, `${what} addresses, routes and rules not ${done}`);
      return { changed: [], failed: [] };
    }
  }

  function tellFailure(thing: Thing, done: string, cause: string | undefined): void {
    if (cause === undefined && toldFailures.size === 0) return;
    const key = identityOf(thing);
    if (cause === undefined) toldFailures.delete(key);
    else if (toldFailures.get(key) !== cause) {
      toldFailures.set(key, cause);
      log.error({ [thing.kind]: nameOf(thing), cause }, `${saying(thing)} not ${done}`);
    }
  }

  function saying({ kind }: Thing): string {
    return `${what} ${kind}`;
  }

  function ours(things: readonly Thing[]): readonly Thing[] {
    return things.filter((thing) => thing.kind !== "address" || !owned.has(thing.vip.address));
  }

  function links(): string {
    const names = new Set(wanted.things.flatMap(interfacesOf));
    return Array.from(names, (name) => {
      const link = linkOf(name);
      return link === undefined ? "-" : `${link.index} ${link.running}`;
    }).join();
  }

  function forget(): void {
    abandoned.clear();
    waiting.clear();
    toldFailures.clear();
    retry.set(Infinity);
  }

  function lookAgain(): void {
    if (!on) return;
    const usable = (thing: Thing): boolean =>
      interfacesOf(thing).every((name) => linkOf(name) !== undefined);
    putBack(wanted.things.filter((thing) => usable(thing) && !abandoned.has(identityOf(thing))));
  }

  return {
    putOn(next) {
      wanted = next;
      on = true;
      owned = new Set();
      forget();
      onLinks = links();
      addFirst(wanted.things);
      armRenewal();
    },
    takeOff() {
      on = false;
      forget();
      renewal.set(Infinity);
      remove(wanted.things);
    },
    change(next) {
      const { remove: off, add: more } = planChange(wanted.things, next.things);
      wanted = next;
      if (!on) return [];
      forget();
      onLinks = links();
      remove(off);
      addFirst(more);
      armRenewal();
      return more;
    },
    ours,
    addressGone: (address) =>
      gone(wanted.things.filter((thing) => isAddress(thing, address, linkOf))),
    routeGone: (route) => gone(wanted.things.filter((thing) => isRoute(thing, route))),
    ruleGone: (rule) => gone(wanted.things.filter((thing) => isRule(thing, rule))),
    lookAgain,
    linksChanged() {
      const now = links();
      if (!on || onLinks === now) return;
      onLinks = now;
      abandoned.clear();
      lookAgain();
    },
  };
}
