// How often something that others take off is put back: at once, but who does it again and again is not
// answered as fast as he can, nor told about as often. Pure.

const BURST_MAX = 10;
const PACE_MS = 1000;
// Ten in ten seconds; the pace itself must not count as quiet again.
const BURST_MS = 10_000 + PACE_MS;
const TELL_EVERY_MS = 60_000;

export type PutBacks = {
  /** When it was put back, the latest last. */
  readonly timesMs: readonly number[];
  readonly toldAtMs: number;
  readonly untold: number;
};

export const NEVER_PUT_BACK: PutBacks = { timesMs: [], toldAtMs: -Infinity, untold: 0 };

/** When it may be put back that is gone now. */
export function dueAtMs({ timesMs }: PutBacks, nowMs: number): number {
  const last = timesMs.at(-1) ?? -Infinity;
  return isBurst(timesMs, nowMs) ? Math.max(nowMs, last + PACE_MS) : nowMs;
}

/** It was put back. `tell` = how many times since it was last told; null = tell later. */
export function noted(
  state: PutBacks,
  nowMs: number,
): { readonly state: PutBacks; readonly tell: number | null } {
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
