// When a checker probes, and how long it waits. Pure.

import type { CheckTiming } from "./model-common.ts";

export type Timing = Omit<CheckTiming, "warmupMs">;

/** Where a checker is in its course of probes. */
export type Course = {
  readonly phase: Phase;
  readonly up: boolean;
  /** Results in a row that speak against `up`. */
  readonly against: number;
  /** Number of the latest probe; 0 = none yet. */
  readonly serial: number;
  /** 0 to 1: where in its jitter this checker begins. */
  readonly chance: number;
};

export type Phase =
  | { readonly name: "idle" }
  | { readonly name: "waiting"; readonly probeAtMs: number }
  /** Asked for, and not begun: all slots are taken. */
  | { readonly name: "queued"; readonly wantedMs: number; readonly giveUpMs: number }
  | { readonly name: "probing"; readonly startedMs: number; readonly giveUpMs: number };

/** A checker that nothing is heard of for so many intervals fails. */
const STALE_INTERVALS = 3;

/** How much later than its own limit a probe may answer before it counts as lost. */
export const GRACE_MS = 500;

/** Of a director that stands still again and again a failure counts in the end: a server nobody judges is not healthy for ever. */
export const REPEATS_MAX = 2;

/** When the next probe begins; `state.phase` is still that of the last one. */
export function nextMs(config: Timing, state: Course, nowMs: number): number {
  const { intervalMs, fastIntervalMs, downIntervalMs, delayBeforeRetryMs } = config;
  const inDoubt = state.against > 0;
  if (inDoubt && state.up && fastIntervalMs === null) return nowMs + delayBeforeRetryMs;
  const steadyMs = state.up ? intervalMs : (downIntervalMs ?? intervalMs);
  // Thousands begin within a second; from their second probe on they are spread over the interval.
  const firstMs = state.serial === 1 ? steadyMs * (1 - state.chance) : steadyMs;
  const usedMs = inDoubt ? (fastIntervalMs ?? steadyMs) : firstMs;
  return Math.max(nowMs, (beginMs(state.phase) ?? nowMs) + usedMs) + jitterMs(config, state);
}

/** Steps of the golden ratio: spread as evenly as chance, and no randomness in here. */
function jitterMs(config: Timing, { chance, serial }: Course): number {
  return config.jitterMs * ((chance + serial * 0.618_033_988_75) % 1);
}

export function patienceMs({ intervalMs, timeoutMs }: Timing, phase: "queued" | "probing"): number {
  if (phase === "probing") return timeoutMs + GRACE_MS;
  // A busy director must not fail healthy servers at once, and a server nobody asks is not healthy for ever.
  return Math.min(STALE_INTERVALS * intervalMs, intervalMs + timeoutMs) + GRACE_MS;
}

/** This process stood still since it began. */
export function isDisturbed(phase: Phase, pausedMs: number): boolean {
  return (beginMs(phase) ?? Infinity) < pausedMs;
}

export function beginMs(phase: Phase): number | undefined {
  if (phase.name === "probing") return phase.startedMs;
  return phase.name === "queued" ? phase.wantedMs : undefined;
}
