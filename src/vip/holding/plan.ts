// What a look at the kernel means for virtual addresses. Pure.

import type { Vip } from "../model.ts";

type Present = {
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  /** duet put it there (an earlier run, when nothing is held yet). */
  readonly ours: boolean;
};

/**
 * At start nothing is held, so what duet put on was left by a run that crashed. What it did not put on is the machine's, configured
 * or not. `staying`: static ones, which go on as they are.
 */
export function planLeftovers<P extends Present>(
  present: readonly P[],
  staying: readonly Vip[],
): readonly P[] {
  const places = new Set(staying.map(place));
  return present.filter((address) => address.ours && !places.has(place(address)));
}

function place({ interface: device, address, prefixLength }: Omit<Present, "ours">): string {
  return `${address}/${prefixLength} ${device}`;
}
