// A thing that somebody takes off is put back at once. When it happens again and again, duet puts it back and tells of it more
// slowly. This file is pure: it decides when a thing goes back on, what stays off, and what is said.

import type { Requester } from "../../kernel/requester.ts";
import type { Thing } from "../model.ts";
import { identityOf, nameOf } from "./things.ts";

const BURST_MAX = 10;
const PACE_MS = 1000;
// Ten in ten seconds; the pace itself must not count as quiet again.
const BURST_MS = 10_000 + PACE_MS;
const TELL_EVERY_MS = 60_000;

/** Of one thing. */
export type PutBack = {
  /** When it was put back, the latest last. */
  readonly timesMs: readonly number[];
  readonly toldAtMs: number;
  readonly untold: number;
};

export const NEVER_PUT_BACK: PutBack = { timesMs: [], toldAtMs: -Infinity, untold: 0 };

/** When it may be put back that is gone now. */
export function dueAtMs({ timesMs }: PutBack, nowMs: number): number {
  const last = timesMs.at(-1) ?? -Infinity;
  return isBurst(timesMs, nowMs) ? Math.max(nowMs, last + PACE_MS) : nowMs;
}

/** It was put back. `tell` = how many times since it was last told; null = tell later. */
export function noted(
  state: PutBack,
  nowMs: number,
): { readonly state: PutBack; readonly tell: number | null } {
  const timesMs = [...state.timesMs, nowMs].slice(-BURST_MAX);
  const untold = state.untold + 1;
  const quiet = isBurst(state.timesMs, nowMs) && nowMs < state.toldAtMs + TELL_EVERY_MS;
  return quiet
    ? { state: { timesMs, toldAtMs: state.toldAtMs, untold }, tell: null }
    : { state: { timesMs, toldAtMs: nowMs, untold: 0 }, tell: untold };
}

function isBurst(timesMs: readonly number[], nowMs: number): boolean {
  return timesMs.length === BURST_MAX && (timesMs[0] ?? 0) > nowMs - BURST_MS;
}

/** What is to be told of things of one kind that are back. */
export type Told = {
  readonly kind: Thing["kind"];
  readonly names: readonly string[];
  /** How often, those included that were not told at once. */
  readonly times: number;
};

/** Of all things of one holder. */
export class PutBacks {
  readonly #states = new Map<string, PutBack>();
  /** Not tracked, and somebody took them off. */
  readonly #abandoned = new Set<string>();
  /** Until they may be put back. */
  readonly #waiting = new Map<string, Thing>();

  /** It is gone: true = it may be put back at once; else it waits. */
  mayReturn(thing: Thing, nowMs: number): boolean {
    const key = identityOf(thing);
    if (this.#dueAtMs(key, nowMs) <= nowMs) return true;
    this.#waiting.set(key, thing);
    return false;
  }

  /** It is gone, and stays so. */
  abandon(thing: Thing): void {
    this.#abandoned.add(identityOf(thing));
  }

  /** Those whose time has come: they wait no more. */
  takeDue(nowMs: number): readonly Thing[] {
    const due = [...this.#waiting].filter(([key]) => this.#dueAtMs(key, nowMs) <= nowMs);
    for (const [key] of due) this.#waiting.delete(key);
    return due.map(([, thing]) => thing);
  }

  /** Of those that wait; Infinity = none does. */
  deadlineMs(nowMs: number): number {
    let earliestMs = Infinity;
    for (const key of this.#waiting.keys()) {
      earliestMs = Math.min(earliestMs, this.#dueAtMs(key, nowMs));
    }
    return earliestMs;
  }

  /** They are back. */
  returned(things: readonly Thing[], nowMs: number): readonly Told[] {
    return (["address", "route", "rule"] as const).flatMap((kind) => {
      const names: string[] = [];
      let times = 0;
      for (const thing of things) {
        if (thing.kind !== kind) continue;
        const key = identityOf(thing);
        const { state, tell } = noted(this.#states.get(key) ?? NEVER_PUT_BACK, nowMs);
        this.#states.set(key, state);
        if (tell === null) continue;
        names.push(nameOf(thing));
        times += tell;
      }
      return names.length === 0 ? [] : [{ kind, names, times }];
    });
  }

  isAbandoned(thing: Thing): boolean {
    return this.#abandoned.size > 0 && this.#abandoned.has(identityOf(thing));
  }

  /** Nobody put it back, and nobody will before its time. */
  isLeftOff(thing: Thing): boolean {
    if (this.#abandoned.size === 0 && this.#waiting.size === 0) return false;
    const key = identityOf(thing);
    return this.#abandoned.has(key) || this.#waiting.has(key);
  }

  /** Other things are held now, or the same anew. */
  forget(): void {
    this.#abandoned.clear();
    this.#waiting.clear();
  }

  #dueAtMs(key: string, nowMs: number): number {
    return dueAtMs(this.#states.get(key) ?? NEVER_PUT_BACK, nowMs);
  }
}

/** So many are told by name. */
const NAMES_MAX = 10;
const plurals = { address: "addresses", route: "routes", rule: "rules" } as const;

/** The line of the log. `what` is said of the things ("virtual"); `by`: who took them off, where the kernel says so. */
export function lineOf(
  { kind, names, times }: Told,
  what: string,
  by: Requester | undefined,
): { readonly fields: Record<string, unknown>; readonly text: string } {
  const isOne = names.length === 1;
  const subject = isOne
    ? { [kind]: names[0] }
    : { [`${kind}_list`]: names.slice(0, NAMES_MAX), count: names.length };
  const fields = { ...subject, ...(times > names.length ? { times } : {}), ...byFields(by) };
  const were = isOne ? `${kind} was` : `${plurals[kind]} were`;
  return { fields, text: `${what} ${were} removed by somebody, put back` };
}

/** Names the process that removed it, where that is known for sure. */
function byFields(by: Requester | undefined): Record<string, unknown> {
  if (by === undefined) return {};
  if (by.kind === "process") return { by: by.name, by_pid: by.pid, by_command: by.command };
  return by.portId === null ? {} : { by_netlink_port: by.portId };
}
