// What a change of configuration or a look at the kernel means for virtual addresses. Pure.

import type { Vip } from "./model.ts";

type Present = {
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  /** duet put it there (an earlier run, when nothing is held yet). */
  readonly ours: boolean;
};

/** A reload while holding: off with what is not wanted any more, on with what is new. */
export function planChange(
  held: readonly Vip[],
  wanted: readonly Vip[],
): { readonly remove: readonly Vip[]; readonly add: readonly Vip[] } {
  const heldNow = new Set(held.map(fingerprint));
  const wantedNow = new Set(wanted.map(fingerprint));
  return {
    remove: held.filter((vip) => !wantedNow.has(fingerprint(vip))),
    add: wanted.filter((vip) => !heldNow.has(fingerprint(vip))),
  };
}

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

function fingerprint(vip: Vip): string {
  return JSON.stringify([
    vip.address,
    vip.prefixLength,
    vip.interface,
    vip.scope,
    vip.label,
    vip.broadcast,
  ]);
}
