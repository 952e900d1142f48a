// The weight that the checks of a real server make of the configured one. Pure.

import type { SaidWeight } from "../check/model.ts";
import type { RealServerConfig } from "../config/model.ts";

/** undefined = no check says anything. The lowest that is set, and all that is added to it, within its limits. */
export function saidWeight(
  said: readonly (SaidWeight | null)[],
  { destination, weightMin, weightMax }: RealServerConfig,
): number | undefined {
  const words = said.filter((one) => one !== null);
  if (words.length === 0) return undefined;
  const sets = words.filter(({ kind }) => kind === "set").map(({ value }) => value);
  const base = sets.length === 0 ? destination.weight : Math.min(...sets);
  const added = words.reduce((sum, { kind, value }) => (kind === "add" ? sum + value : sum), base);
  return Math.min(Math.max(added, weightMin), weightMax);
}
