// Who has an address, as a client sees it that asks every few milliseconds.

export type Side = "left" | "right";
export const SIDES: readonly Side[] = ["left", "right"];

export type Ownership = {
  /** How long both answered the same questions. */
  readonly twoOwnersMs: number;
  /** The longest time without an answer. */
  readonly outageMs: number;
  /** Who answered, in order. */
  readonly owners: readonly Side[];
};

/** All times on one clock, in order. An answer belongs to the last question before it. */
export function ownershipOf(
  questionsMs: readonly number[],
  answersMs: Readonly<Record<Side, readonly number[]>>,
): Ownership {
  const next = { left: 0, right: 0 };
  const owners: Side[] = [];
  let [twoOwnersMs, outageMs, silentMs] = [0, 0, 0];
  for (const [i, fromMs] of questionsMs.slice(0, -1).entries()) {
    const toMs = questionsMs[i + 1] ?? fromMs;
    const answered = SIDES.filter((side) => {
      const before = next[side];
      while ((answersMs[side][next[side]] ?? Infinity) < toMs) next[side] += 1;
      return next[side] > before;
    });
    silentMs = answered.length === 0 ? silentMs + toMs - fromMs : 0;
    outageMs = Math.max(outageMs, silentMs);
    if (answered.length === 2) twoOwnersMs += toMs - fromMs;
    for (const side of answered) if (owners.at(-1) !== side) owners.push(side);
  }
  return { twoOwnersMs, outageMs, owners };
}
