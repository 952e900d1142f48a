// Who has an address, as a client sees it that asks every few milliseconds.

export type Side = "left" | "right";
export const SIDES: readonly Side[] = ["left", "right"];

export type Ownership = {
  /** Questions that both answered: when, counted from the first question, and how long until the next. */
  readonly twoOwners: readonly { readonly atMs: number; readonly ms: number }[];
  /** The longest time without an answer. */
  readonly outageMs: number;
  /** Who answered, in order, from when on. */
  readonly owners: readonly { readonly side: Side; readonly atMs: number }[];
};

/** All times on one clock, in order. An answer belongs to the last question before it. */
export function ownershipOf(
  questionsMs: readonly number[],
  answersMs: Readonly<Record<Side, readonly number[]>>,
): Ownership {
  const next = { left: 0, right: 0 };
  const owners: Ownership["owners"][number][] = [];
  const twoOwners: Ownership["twoOwners"][number][] = [];
  const [beginMs = 0] = questionsMs;
  let [outageMs, silentMs] = [0, 0];
  for (const [i, fromMs] of questionsMs.slice(0, -1).entries()) {
    const ms = (questionsMs[i + 1] ?? fromMs) - fromMs;
    const atMs = fromMs - beginMs;
    const answered = SIDES.filter((side) => {
      const before = next[side];
      while ((answersMs[side][next[side]] ?? Infinity) < fromMs + ms) next[side] += 1;
      return next[side] > before;
    });
    silentMs = answered.length === 0 ? silentMs + ms : 0;
    outageMs = Math.max(outageMs, silentMs);
    if (answered.length === 2) twoOwners.push({ atMs, ms });
    for (const side of answered) if (owners.at(-1)?.side !== side) owners.push({ side, atMs });
  }
  return { twoOwners, outageMs, owners };
}

/**
 * A master that preempts speaks before its predecessor has heard it (RFC 9568 §6.4.2): what both answered around the moment at which
 * the address went back for good to the one that had it first, apart from all the rest.
 */
export function twoOwnersMsOf({ twoOwners, owners }: Ownership): {
  readonly takenBackMs: number;
  readonly otherMs: number;
} {
  const AROUND_MS = 100;
  const last = owners.at(-1);
  const isTakenBack = (atMs: number): boolean =>
    owners.length > 2 &&
    last !== undefined &&
    last.side === owners[0]?.side &&
    atMs >= last.atMs - AROUND_MS;
  let [takenBackMs, otherMs] = [0, 0];
  for (const { atMs, ms } of twoOwners) {
    if (isTakenBack(atMs)) takenBackMs += ms;
    else otherMs += ms;
  }
  return { takenBackMs, otherMs };
}
