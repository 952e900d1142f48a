// What somebody takes off is put back: at once, all of one moment in one batch, but who does it again and again is
// neither answered as fast as he can nor told about as often. It says who it was when the kernel says so.

import type { Requester } from "../../kernel/requester.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Thing } from "../model.ts";
import { dueAtMs, NEVER_PUT_BACK, noted, type PutBacks as State } from "./put-back.ts";
import { identityOf, isTracked, nameOf } from "./things.ts";

export type PutBacks = {
  readonly gone: (gone: readonly GoneThing[]) => void;
  /** Some of these may have gone unheard; returns those. */
  readonly lookAgain: (things: readonly Thing[]) => readonly Thing[];
  /** They were found to be away, and are back. */
  readonly found: (things: readonly Thing[]) => void;
  /** Nobody put it back, and nobody will before its time. */
  readonly isLeftOff: (thing: Thing) => boolean;
  /** Other things are held now, or the same anew. */
  readonly forget: () => void;
};

export type GoneThing = { readonly thing: Thing; readonly portId: number | null };

export type PutBacksParts = {
  readonly clock: Clock;
  readonly log: Log;
  /** What is said of its things: "virtual". */
  readonly what: string;
  /** Returns those that were not there. */
  readonly add: (things: readonly Thing[]) => readonly Thing[];
  readonly isThere: (thing: Thing & { readonly kind: "address" }) => boolean;
  /** What may go with an address, and nobody says so. */
  readonly beside: () => readonly Thing[];
  readonly onBack: (things: readonly Thing[]) => void;
  readonly requesterOf: (portId: number | null) => Requester;
  /** Of our own requests. */
  readonly ownPortId: () => number;
};

/** So many are told by name. */
const NAMES_MAX = 10;

export function openPutBacks(parts: PutBacksParts): PutBacks {
  const { clock, log, what, add } = parts;
  /** Not tracked, and somebody took them off. */
  const abandoned = new Set<string>();
  const states = new Map<string, State>();
  /** Waiting until they may be put back. */
  const waiting = new Map<string, Thing>();
  const retry = clock.alarm(retryWaiting);

  function gone(all: readonly GoneThing[]): void {
    const nowMs = clock.nowMs();
    const due: Thing[] = [];
    for (const { thing } of all) {
      const key = identityOf(thing);
      if (!isTracked(thing)) abandon(thing, key);
      else if (dueAt(key, nowMs) <= nowMs) due.push(thing);
      else waiting.set(key, thing);
    }
    if (due.length > 0) putBack(due, removerOf(all));
    armRetry();
  }

  /** Asked first: whoever did it may be about to end. "self" = with a removal of our own, as secondary addresses go. */
  function removerOf(all: readonly GoneThing[]): Requester | "self" {
    const own = parts.ownPortId();
    const foreign = all.find(({ portId }) => portId === null || portId === 0 || portId !== own);
    return foreign === undefined ? "self" : parts.requesterOf(foreign.portId);
  }

  /** What we hear may be a removal of our own, and the address there again. */
  function abandon(thing: Thing, key: string): void {
    if (thing.kind === "address" && parts.isThere(thing)) return;
    abandoned.add(key);
    log.warn(
      { [thing.kind]: nameOf(thing) },
      `${what} ${thing.kind} was removed by somebody, left off`,
    );
  }

  /** Returns what was not there. */
  function putBack(things: readonly Thing[], by?: Requester | "self"): readonly Thing[] {
    if (things.length === 0) return [];
    // When it is there already, what we heard was a removal of our own.
    const back = add(things);
    if (by !== "self") tell(back, by);
    if (back.length > 0) parts.onBack(back);
    // With an address the kernel takes off the routes that need it, and says nothing of them.
    if (!back.some(({ kind }) => kind === "address")) return back;
    const tried = new Set(things);
    const beside = parts.beside().filter((thing) => !tried.has(thing) && !isLeftOff(thing));
    return [...back, ...putBack(beside, by)];
  }

  function tell(back: readonly Thing[], by?: Requester): void {
    const nowMs = clock.nowMs();
    for (const kind of ["address", "route", "rule"] as const) {
      const names: string[] = [];
      let times = 0;
      for (const thing of back) {
        if (thing.kind !== kind) continue;
        const key = identityOf(thing);
        const { state, tell: count } = noted(states.get(key) ?? NEVER_PUT_BACK, nowMs);
        states.set(key, state);
        if (count === null) continue;
        names.push(nameOf(thing));
        times += count;
      }
      if (names.length > 0) say(kind, names, times, by);
    }
  }

  function say(kind: Thing["kind"], names: readonly string[], times: number, by?: Requester): void {
    const subject =
      names.length === 1
        ? { [kind]: names[0] }
        : { [`${kind}_list`]: names.slice(0, NAMES_MAX), count: names.length };
    const fields = { ...subject, ...(times > names.length ? { times } : {}), ...byFields(by) };
    const plural = names.length === 1 ? [kind, "was"] : [plurals[kind], "were"];
    log.warn(fields, `${what} ${plural.join(" ")} removed by somebody, put back`);
  }

  function retryWaiting(): void {
    const nowMs = clock.nowMs();
    const due = [...waiting].filter(([key]) => dueAt(key, nowMs) <= nowMs);
    for (const [key] of due) waiting.delete(key);
    putBack(due.map(([, thing]) => thing));
    armRetry();
  }

  function armRetry(): void {
    const nowMs = clock.nowMs();
    let earliestMs = Infinity;
    for (const key of waiting.keys()) earliestMs = Math.min(earliestMs, dueAt(key, nowMs));
    retry.set(earliestMs);
  }

  function dueAt(key: string, nowMs: number): number {
    return dueAtMs(states.get(key) ?? NEVER_PUT_BACK, nowMs);
  }

  function isLeftOff(thing: Thing): boolean {
    if (abandoned.size === 0 && waiting.size === 0) return false;
    const key = identityOf(thing);
    return abandoned.has(key) || waiting.has(key);
  }

  return {
    gone,
    lookAgain: (things) => putBack(things.filter((thing) => !abandoned.has(identityOf(thing)))),
    found: tell,
    isLeftOff,
    forget() {
      abandoned.clear();
      waiting.clear();
      retry.set(Infinity);
    },
  };
}

const plurals = { address: "addresses", route: "routes", rule: "rules" } as const;

/** Fields of a log line. Who cannot be named for sure is not named. */
function byFields(by: Requester | undefined): Record<string, unknown> {
  if (by === undefined) return {};
  if (by.kind === "process") return { by: by.name, by_pid: by.pid, by_command: by.command };
  return by.portId === null ? {} : { by_netlink_port: by.portId };
}
