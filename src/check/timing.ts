// When a checker probes, and how long it waits. Pure.

import type { Config, Phase, State } from "./engine.ts";

/** A checker that nothing is heard of for so many intervals fails. */
const STALE_INTERVALS = 3;

/** How much later than its own limit a probe may answer before it counts as lost. */
export const GRACE_MS = 500;

/** When the next probe begins; `state.phase` is still that of the last one. */
export function nextMs(config: Config, state: State, nowMs: number): number {
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
function jitterMs(config: Config, { chance, serial }: State): number {
  return config.jitterMs * ((chance + serial * 0.618_033_988_75) % 1);
}

export function patienceMs({ intervalMs, timeoutMs }: Config, phase: "queued" | "probing"): number {
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
