// One piece of work a turn of the event loop. Node stops its loop from fork(2) until the child has called execve(2), tens of
// milliseconds on a busy machine: forty processes that are begun in one turn keep every timer and every message waiting for
// seconds. Those who find the turn taken are asked again, one after the other, in the order in which they came.

export type Turns = {
  /** true = this turn is the caller's; false = it is taken, and `again` is called in a later one, once, to take that. */
  readonly take: (again: () => void) => boolean;
};

/** `nextTurn` calls once, after timers and messages had their turn: setImmediate. */
export function openTurns(nextTurn: (go: () => void) => void): Turns {
  const waiting = new Set<() => void>();
  let isTaken = false;

  function go(): void {
    isTaken = false;
    for (const again of waiting) {
      if (isTaken) return;
      waiting.delete(again);
      again();
    }
  }

  return {
    take(again) {
      if (isTaken) {
        waiting.add(again);
        return false;
      }
      isTaken = true;
      nextTurn(go);
      return true;
    },
  };
}
