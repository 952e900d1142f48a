// What a change of configuration or a look at the kernel means for virtual addresses. Pure.

import type { Thing, Vip } from "./model.ts";
import { identityOf } from "./things.ts";

type Present = {
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  /** duet put it there (an earlier run, when nothing is held yet). */
  readonly ours: boolean;
};

/** A reload while holding: off with what is not wanted any more, on with what is new. */
export function planChange(
  held: readonly Thing[],
  wanted: readonly Thing[],
): { readonly remove: readonly Thing[]; readonly add: readonly Thing[] } {
  const heldNow = new Set(held.map(identityOf));
  const wantedNow = new Set(wanted.map(identityOf));
  return {
    remove: held.filter((thing) => !wantedNow.has(identityOf(thing))),
    add: wanted.filter((thing) => !heldNow.has(identityOf(thing))),
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
