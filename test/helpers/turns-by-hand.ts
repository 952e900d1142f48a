// Turns of the event loop that come when a test says so.

import { openTurns, type Turns } from "../../src/lib/turns.ts";

export type TurnsByHand = {
  readonly turns: Turns;
  /** The loop comes round: false = nobody waited for it. */
  readonly turn: () => boolean;
};

export function turnsByHand(): TurnsByHand {
  const coming: (() => void)[] = [];
  return {
    turns: openTurns((go) => coming.push(go)),
    turn() {
      const go = coming.shift();
      go?.();
      return go !== undefined;
    },
  };
}

/** For those to whom turns do not matter. */
export const freeTurns: Turns = { take: () => true };
