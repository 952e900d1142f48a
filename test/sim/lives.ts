// Any world of two or three routers, any trouble for it, and what its samples say afterwards.

import fc from "fast-check";
import { masterDownMs } from "../../src/vrrp/timers.ts";
import type { RouterPlan, Sample, World, WorldPlan } from "./world.ts";

/** Clocks of machines differ by 1 % at the very worst. */
const RATE_MIN = 0.99;
const RATE_MAX = 1.01;
/** For rounded times. */
const ROUNDING_MS = 0.001;

export type Trouble = {
  /** When, as a part of the whole time of trouble. */
  readonly at: number;
  readonly router: number;
  readonly kind: "crash" | "stop" | "start" | "fault" | "cleared" | "cut" | "healed" | "lose";
  readonly part: number;
};

export const anyTroubles: fc.Arbitrary<readonly Trouble[]> = fc
  .array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      router: fc.nat({ max: 2 }),
      kind: fc.constantFrom(
        ...(["crash", "stop", "start", "fault", "cleared", "cut", "healed", "lose"] as const),
      ),
      part: fc.constantFrom(0, 0.1, 0.3, 0.6),
    }),
    { maxLength: 15 },
  )
  .map((troubles) => troubles.toSorted((a, b) => a.at - b.at));

/** Version 2 has one interval of whole seconds; version 3 learns the master's, so each may have its own. */
export function anyWorld(options: {
  readonly routers: 2 | 3;
  readonly alwaysPreempt?: boolean;
  readonly oneInterval?: boolean;
  readonly inOrder?: boolean;
}): fc.Arbitrary<WorldPlan> {
  const { routers } = options;
  const preempt = options.alwaysPreempt === true ? fc.constant(true) : fc.boolean();
  const router = fc.record({
    priority: fc.constantFrom(1, 50, 100, 100, 101, 150, 254),
    rate: fc.double({ min: RATE_MIN, max: RATE_MAX, noNaN: true }),
    preempt,
  });
  const version2 = fc.record({
    version: fc.constant(2 as const),
    intervals: fc
      .integer({ min: 1, max: 5 })
      .map((seconds) => Array<number>(3).fill(seconds * 1000)),
  });
  const centiseconds = fc.oneof(fc.constantFrom(1, 10, 100, 500), fc.integer({ min: 1, max: 500 }));
  const one = centiseconds.map((each) => Array<number>(3).fill(each * 10));
  const several = fc
    .array(centiseconds, { minLength: 3, maxLength: 3 })
    .map((each) => each.map((cs) => cs * 10));
  const version3 = fc.record({
    version: fc.constant(3 as const),
    intervals: options.oneInterval === true ? one : fc.oneof(one, several),
  });
  return fc
    .record({
      seed: fc.nat(),
      protocol: fc.oneof(version2, version3),
      routers: fc.array(router, { minLength: routers, maxLength: routers }),
      delayPart: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
      reorders: options.inOrder === true ? fc.constant(false) : fc.boolean(),
    })
    .map(({ seed, protocol, routers: parts, delayPart, reorders }) => {
      const all: RouterPlan[] = parts.map((part, i) => ({
        ...part,
        intervalMs: protocol.intervals[i] ?? 1000,
      }));
      // A wire slower than the adverts makes no sense of their intervals.
      const delayMaxMs = delayPart * Math.min(...all.map(({ intervalMs }) => intervalMs));
      return { seed, version: protocol.version, routers: all, delayMaxMs, reorders };
    });
}

/** The longest Master_Down_Interval that any router may wait, by the slowest clock. */
export function masterDownMaxMs({ version, routers }: WorldPlan): number {
  const intervalMs = intervalMaxMs({ routers });
  const waits = routers.map(({ priority }) => masterDownMs({ version, priority }, intervalMs));
  return Math.max(...waits) / RATE_MIN + ROUNDING_MS;
}

export function intervalMaxMs({ routers }: Pick<WorldPlan, "routers">): number {
  return Math.max(...routers.map(({ intervalMs }) => intervalMs));
}

/** Lives through the troubles, then heals everything and starts who is not running. Returns when that was. */
export function liveThrough(world: World, plan: WorldPlan, troubles: readonly Trouble[]): number {
  const troubleMs = 5 * masterDownMaxMs(plan);
  const everybody = plan.routers.map((_, i) => i);
  for (const i of everybody) world.start(i);
  for (const { at, router, kind, part } of troubles) {
    world.runUntil(at * troubleMs);
    inflict(world, router % plan.routers.length, kind, part);
  }
  world.runUntil(troubleMs);
  world.lose(0);
  for (const i of everybody) {
    world.cut([i], false);
    world.start(i);
    world.fault(i, false);
  }
  return troubleMs;
}

function inflict(world: World, router: number, kind: Trouble["kind"], part: number): void {
  switch (kind) {
    case "crash":
      return world.crash(router);
    case "stop":
      return world.stop(router);
    case "start":
      return world.start(router);
    case "fault":
      return world.fault(router, true);
    case "cleared":
      return world.fault(router, false);
    case "cut":
      return world.cut([router], true);
    case "healed":
      return world.cut([router], false);
    case "lose":
      return world.lose(part);
  }
}

/** The samples from `fromMs` on, the first one as it was at that time. */
export function samplesFrom(samples: readonly Sample[], fromMs: number): readonly Sample[] {
  const before = samples.findLast(({ atMs }) => atMs <= fromMs);
  const after = samples.filter(({ atMs }) => atMs > fromMs);
  return before === undefined ? after : [{ ...before, atMs: fromMs }, ...after];
}

/** The longest time without a break for which `holds`. */
export function longestMs(
  samples: readonly Sample[],
  untilMs: number,
  holds: (sample: Sample) => boolean,
): number {
  let longest = 0;
  let sinceMs: number | undefined;
  for (const sample of samples) {
    if (sinceMs !== undefined) longest = Math.max(longest, sample.atMs - sinceMs);
    sinceMs = holds(sample) ? (sinceMs ?? sample.atMs) : undefined;
  }
  return sinceMs === undefined ? longest : Math.max(longest, untilMs - sinceMs);
}

/** Throws, so that fast-check tells its seed and the smallest world that fails. */
export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
