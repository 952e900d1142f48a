// One lease of milliseconds: of all masters with one advert interval, renewed with their adverts. See vip/lease-table.ts for what
// the kernel does without it, and leaseUntilMs() of vrrp/timers.ts for how long it may run.

import { KernelError } from "../../kernel/errors.ts";
import type { LeaseChange, NftLeases } from "../../kernel/nft-leases.ts";
import type { Alarm, Clock } from "../../lib/clock.ts";
import { type AdvertMark, leasedElements, leaseTables, renewal } from "../../vip/lease-table.ts";
import type { Vip } from "../../vip/model.ts";

export type LeaseUser = {
  /** Until when the kernel may answer for its addresses; -Infinity = it is no master. */
  readonly leaseUntilMs: () => number;
  /** Its time is over: it looks whether it may still be master. */
  readonly wake: () => void;
};

export type LeaseParts = {
  readonly clock: Clock;
  readonly nft: NftLeases;
  /** Not even new tables can be made: what is said now must do without. */
  readonly onLost: (error: unknown) => void;
};

/** Adverts of many instances come in between. */
const RENEWALS_AN_INTERVAL_MAX = 4;

/** Without a renewal the kernel is silent for so long: valid_lft has taken the addresses off by then. Longer than most pauses. */
const HELD_MS = 300_000;
const HELD_RENEWED_MS = 60_000;

export class Lease {
  readonly name: string;
  readonly #parts: LeaseParts;
  readonly #gapMs: number;
  readonly #covered = new Map<LeaseUser, readonly Vip[]>();
  /** How many users have an address: a reload may hand it from one to the other. */
  readonly #counts = new Map<string, number>();
  readonly #alarm: Alarm;
  #adverts: readonly AdvertMark[] = [];
  #untilMs = -Infinity;
  #renewedMs = -Infinity;
  #heldMs = -Infinity;

  constructor(intervalMs: number, parts: LeaseParts) {
    this.name = leaseName(intervalMs);
    this.#parts = parts;
    this.#gapMs = intervalMs / RENEWALS_AN_INTERVAL_MAX;
    this.#alarm = parts.clock.alarm(() => this.#renew());
  }

  /** Makes the tables, in place of those that are there, with what is covered now. Throws KernelError. */
  make(adverts: readonly AdvertMark[] = this.#adverts): void {
    this.#adverts = adverts;
    const timeoutMs = this.#timeoutMs();
    this.#heldMs = -Infinity;
    const alive = timeoutMs < 1 ? [] : (this.#renewal(timeoutMs).add ?? []);
    const vips = [...this.#covered.values()].flat();
    const elements = [...leasedElements(this.name, distinct(vips)), ...alive];
    this.#parts.nft.make(leaseTables(this.name, adverts), elements);
    this.#renewed(timeoutMs);
  }

  isMadeFor(adverts: readonly AdvertMark[]): boolean {
    return JSON.stringify(adverts) === JSON.stringify(this.#adverts);
  }

  isUsed(): boolean {
    return this.#covered.size > 0;
  }

  /** What is said for these from now on passes while the lease runs; it does when this returns, or its user has to look. */
  cover(user: LeaseUser, vips: readonly Vip[]): void {
    const before = this.#covered.get(user);
    if (before !== vips) this.#change(user, vips, before ?? []);
    if (!this.runs()) this.#renew();
  }

  uncover(user: LeaseUser): void {
    const before = this.#covered.get(user);
    if (before === undefined) return;
    this.#change(user, undefined, before);
    if (this.#covered.size === 0) this.#alarm.set(Infinity);
  }

  /** The tables are gone, or will be. */
  stop(): void {
    this.#alarm.set(Infinity);
  }

  /** An advert of a user has left. */
  advertised(): void {
    const dueMs = this.#renewedMs + this.#gapMs;
    if (this.#parts.clock.nowMs() >= dueMs) this.#renew();
    else this.#alarm.set(dueMs);
  }

  runs(): boolean {
    return this.#parts.clock.nowMs() < this.#untilMs;
  }

  #change(user: LeaseUser, vips: readonly Vip[] | undefined, before: readonly Vip[]): void {
    if (vips === undefined) this.#covered.delete(user);
    else this.#covered.set(user, vips);
    const added = (vips ?? []).filter((vip) => this.#count(vip, 1) === 1);
    const removed = before.filter((vip) => this.#count(vip, -1) === 0);
    const gone = new Set(removed.map(keyOf));
    const came = new Set(added.map(keyOf));
    // Counted up before it is counted down, an address that stays is in neither.
    const add = leasedElements(
      this.name,
      added.filter((vip) => !gone.has(keyOf(vip))),
    );
    const remove = leasedElements(
      this.name,
      removed.filter((vip) => !came.has(keyOf(vip))),
    );
    if (add.length + remove.length > 0)
      this.#attempt(() => this.#parts.nft.change({ add, remove }));
  }

  #count(vip: Vip, change: 1 | -1): number {
    const key = keyOf(vip);
    const next = (this.#counts.get(key) ?? 0) + change;
    if (next === 0) this.#counts.delete(key);
    else this.#counts.set(key, next);
    return next;
  }

  /** Who was silent for too long looks first: it is not master any more, or it speaks. */
  #renew(): void {
    const nowMs = this.#parts.clock.nowMs();
    for (const user of this.#covered.keys()) {
      const untilMs = user.leaseUntilMs();
      if (untilMs !== -Infinity && untilMs <= nowMs) user.wake();
    }
    const timeoutMs = this.#timeoutMs();
    if (timeoutMs < 1) return;
    this.#attempt(() => this.#parts.nft.change(this.#renewal(timeoutMs)));
    this.#renewed(timeoutMs);
  }

  #renewal(timeoutMs: number): LeaseChange {
    const nowMs = this.#parts.clock.nowMs();
    if (nowMs < this.#heldMs + HELD_RENEWED_MS) return renewal(this.name, timeoutMs, null);
    this.#heldMs = nowMs;
    return renewal(this.name, timeoutMs, HELD_MS);
  }

  #renewed(timeoutMs: number): void {
    if (timeoutMs < 1) return;
    this.#renewedMs = this.#parts.clock.nowMs();
    this.#untilMs = this.#renewedMs + timeoutMs;
    this.#alarm.set(Infinity);
  }

  /** Until the first of them may have a successor. */
  #timeoutMs(): number {
    let untilMs = Infinity;
    for (const user of this.#covered.keys()) {
      const each = user.leaseUntilMs();
      if (each !== -Infinity) untilMs = Math.min(untilMs, each);
    }
    return untilMs === Infinity ? 0 : Math.floor(untilMs - this.#parts.clock.nowMs());
  }

  /** Somebody may have taken the tables away: with all others, as "flush ruleset" does. */
  #attempt(change: () => void): void {
    try {
      change();
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      try {
        this.make();
      } catch (again) {
        this.#parts.onLost(again);
      }
    }
  }
}

/** Of its tables. */
export function leaseName(intervalMs: number): string {
  return `duet_lease_${String(intervalMs).replace(".", "_")}ms`;
}

function keyOf({ address, interface: name }: Vip): string {
  return `${address} ${name}`;
}

function distinct(vips: readonly Vip[]): readonly Vip[] {
  return [...new Map(vips.map((vip) => [keyOf(vip), vip])).values()];
}
