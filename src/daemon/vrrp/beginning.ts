// When an instance may take part in its election: the start delay is over, and what could forbid it is known.

import type { Clock } from "../../lib/clock.ts";
import type { FaultCause } from "../../vrrp/model.ts";
import type { Waiting } from "./start-delay.ts";

/** How long an election waits for the first run of a script that could forbid it, or for the director's first words. */
export const PATIENCE_MS = 10_000;

export type Beginning = {
  /** Nothing holds elections back any more. */
  readonly start: () => void;
  /** More is known: begins when it is enough. */
  readonly look: () => void;
  readonly begun: () => boolean;
  /** null = begun. */
  readonly waiting: () => Waiting | null;
  readonly close: () => void;
};

export function openBeginning(parts: {
  readonly clock: Clock;
  readonly heldBack: () => Waiting | null;
  /** What would be a FAULT if it were not just unknown. */
  readonly undecided: () => readonly FaultCause[];
  readonly begin: () => void;
}): Beginning {
  const { clock, undecided } = parts;
  let begun = false;
  let patienceAtMs = Infinity;
  const patience = clock.alarm(begin);

  function begin(): void {
    begun = true;
    patience.set(Infinity);
    parts.begin();
  }

  function look(): void {
    if (!begun && patienceAtMs !== Infinity && undecided().length === 0) begin();
  }

  return {
    start() {
      if (patienceAtMs !== Infinity) return;
      patienceAtMs = clock.nowMs() + PATIENCE_MS;
      patience.set(patienceAtMs);
      look();
    },
    look,
    begun: () => begun,
    waiting() {
      if (begun) return null;
      if (patienceAtMs === Infinity) return parts.heldBack();
      return { for: undecided(), left_ms: Math.max(0, Math.round(patienceAtMs - clock.nowMs())) };
    },
    close: () => patience.set(Infinity),
  };
}
