// Any world, any trouble for it, and what its samples say afterwards.

import { randomInt } from "node:crypto";
import type { ExecutionContext } from "ava";
import fc from "fast-check";
import { unreachable } from "../../src/lib/unreachable.ts";
import { masterDownMs } from "../../src/vrrp/timers.ts";
import type { RouterPlan, Sample, World, WorldPlan, WorldRouter } from "./world.ts";

/** Clocks of machines differ by 1 % at the very worst. */
const RATE_MIN = 0.99;
const RATE_MAX = 1.01;
/** For rounded times. */
const ROUNDING_MS = 0.001;
const ROUTERS_MAX = 5;

const LIVES = Number(process.env["DUET_SIM_LIVES"] ?? 200);
const SEED = Number(process.env["DUET_SIM_SEED"] ?? randomInt(2 ** 31 - 1));

const KINDS = [
  "crash",
  "die",
  "stop",
  "start",
  "fault",
  "cleared",
  "weigh",
  "stall",
  "resume",
  "cut",
  "healed",
  "lose",
  "repeat",
] as const;

export type Trouble = {
  /** When, as a part of the whole time of trouble. */
  readonly at: number;
  readonly router: number;
  readonly member: number;
  readonly kind: (typeof KINDS)[number];
  /** How much of it. */
  readonly part: number;
};

export const anyTroubles: fc.Arbitrary<readonly Trouble[]> = fc
  .array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      router: fc.nat({ max: ROUTERS_MAX - 1 }),
      member: fc.nat({ max: 1 }),
      kind: fc.constantFrom(...KINDS),
      part: fc.constantFrom(0, 0.1, 0.3, 0.6),
    }),
    { maxLength: 15 },
  )
  .map((troubles) => troubles.toSorted((a, b) => a.at - b.at));

/** Lives so many worlds as DUET_SIM_LIVES says; the same ones again with the same DUET_SIM_SEED. */
export function live<T extends [unknown, ...unknown[]]>(
  t: ExecutionContext,
  property: fc.IProperty<T>,
): void {
  t.log(`${LIVES} lives of seed ${SEED}`);
  fc.assert(property, { numRuns: LIVES, seed: SEED });
  t.pass();
}

/** Version 2 has one interval of whole seconds; version 3 learns the master's, so each may have its own. */
export function anyWorld(
  options: {
    readonly alwaysPreempt?: boolean;
    readonly oneInterval?: boolean;
    readonly inOrder?: boolean;
    readonly alone?: boolean;
  } = {},
): fc.Arbitrary<WorldPlan> {
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
      .map((seconds) => Array<number>(ROUTERS_MAX).fill(seconds * 1000)),
  });
  const centiseconds = fc.oneof(fc.constantFrom(1, 10, 100, 500), fc.integer({ min: 1, max: 500 }));
  const one = centiseconds.map((each) => Array<number>(ROUTERS_MAX).fill(each * 10));
  const several = fc
    .array(centiseconds, { minLength: ROUTERS_MAX, maxLength: ROUTERS_MAX })
    .map((each) => each.map((cs) => cs * 10));
  const version3 = fc.record({
    version: fc.constant(3 as const),
    intervals: options.oneInterval === true ? one : fc.oneof(one, several),
  });
  return fc
    .record({
      seed: fc.nat(),
      protocol: fc.oneof(version2, version3),
      routers: fc.array(router, { minLength: 2, maxLength: ROUTERS_MAX }),
      members: options.alone === true ? fc.constant(1 as const) : fc.constantFrom(1, 1, 2),
      otherOrder: fc.boolean(),
      delayPart: fc.double({ min: 0.001, max: 0.2, noNaN: true }),
      reorders: options.inOrder === true ? fc.constant(false) : fc.boolean(),
    })
    .map(({ protocol, routers: parts, delayPart, ...rest }) => {
      const routers: RouterPlan[] = parts.map((part, i) => ({
        ...part,
        intervalMs: protocol.intervals[i] ?? 1000,
      }));
      // A wire slower than the adverts makes no sense of their intervals.
      const delayMaxMs = delayPart * Math.min(...routers.map(({ intervalMs }) => intervalMs));
      // Groups that contradict each other need more than one round where a farewell may be overtaken.
      const reorders = rest.reorders && rest.members === 1;
      return { ...rest, reorders, version: protocol.version, routers, delayMaxMs };
    });
}

/** The longest Master_Down_Interval that any router may wait, whatever its priority becomes, by the slowest clock. */
export function masterDownMaxMs({ version, routers }: WorldPlan): number {
  const waitMs = masterDownMs({ version, priority: 1 }, intervalMaxMs({ routers }));
  return waitMs / RATE_MIN + ROUNDING_MS;
}

/**
 * How long an election may take. Two groups that each win with one member and lose with another both go, and one
 * comes back after Skew_Time.
 */
export function electionMaxMs(plan: WorldPlan): number {
  const skewMs = plan.members === 1 ? 0 : masterDownMaxMs(plan) - 3 * intervalMaxMs(plan);
  return masterDownMaxMs(plan) + skewMs + plan.delayMaxMs;
}

export function intervalMaxMs({ routers }: Pick<WorldPlan, "routers">): number {
  return Math.max(...routers.map(({ intervalMs }) => intervalMs));
}

/** Lives through the troubles, then heals everything and starts who is not running. Returns when that was. */
export function liveThrough(world: World, plan: WorldPlan, troubles: readonly Trouble[]): number {
  const troubleMs = 5 * masterDownMaxMs(plan);
  for (const { start } of world.routers) start();
  for (const { at, router, kind, part, member } of troubles) {
    world.runUntil(at * troubleMs);
    inflict(world, router % plan.routers.length, kind, { part, member: member % plan.members });
  }
  world.runUntil(troubleMs);
  world.lose(0);
  world.repeat(0);
  world.routers.forEach((router, i) => {
    world.cut([i], false);
    router.resume();
    router.start();
    for (let member = 0; member < plan.members; member += 1) router.fault(member, false);
  });
  return troubleMs;
}

function inflict(
  world: World,
  index: number,
  kind: Trouble["kind"],
  { part, member }: Pick<Trouble, "part" | "member">,
): void {
  const router = world.routers[index] as WorldRouter;
  switch (kind) {
    case "fault":
    case "cleared":
      return router.fault(member, kind === "fault");
    case "weigh":
      return router.weigh(member, Math.round(-200 * part));
    case "cut":
    case "healed":
      return world.cut([index], kind === "cut");
    case "lose":
    case "repeat":
      return world[kind](part);
    case "crash":
    case "die":
    case "stop":
    case "start":
    case "stall":
    case "resume":
      return router[kind]();
    default:
      return unreachable(kind);
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
