// What a look at the kernel means for virtual addresses. Pure.

import type { Vip } from "./model.ts";

type Present = {
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  /** duet put it there (an earlier run, when nothing is held yet). */
  readonly ours: boolean;
};

/**
 * At start nothing is held, so what is there was left over by a run that crashed: every address that duet
 * marked, and every configured one. `owned` addresses (priority 255) belong to the node and stay.
 */
export function planLeftovers<P extends Present>(
  present: readonly P[],
  configured: readonly Vip[],
  owned: ReadonlySet<string>,
): readonly P[] {
  const places = new Set(configured.map(place));
  return present.filter(
    (address) => !owned.has(address.address) && (address.ours || places.has(place(address))),
  );
}

function place(at: { readonly interface: string; readonly address: string }): string {
  return `${at.address} ${at.interface}`;
}
