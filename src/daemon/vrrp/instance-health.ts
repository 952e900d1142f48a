// What is wrong with one instance that its state does not show.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { DegradedKind } from "../../control/degraded.ts";
import type { NotHeldStatus, OtherMasterStatus } from "../../control/status.ts";
import type { Others } from "../../vrrp/others.ts";
import { otherStatus, otherText } from "./other-text.ts";

export type Wrong = { readonly kind: DegradedKind; readonly text: string };

/** Who acts as master of the same virtual router, and is not heard or does not hear. */
export function otherMasters(
  { addresses }: VrrpInstanceConfig["vrrp"],
  others: Pick<Others, "lasting">,
  nowMs: number,
): readonly OtherMasterStatus[] {
  return others
    .lasting(nowMs)
    .map((other) => otherStatus(other, nowMs))
    .filter(
      // Beside our peers there may be another pair, which speaks to the group and has its own addresses: that is no fault.
      ({ cause, virtual_addresses: theirs }) =>
        (cause !== "destination" && cause !== "unknown_peer") ||
        theirs.some((address) => addresses.includes(address)),
    );
}

export function wrongsOf(
  config: VrrpInstanceConfig,
  {
    others,
    notHeld,
    unsent,
    refused,
  }: {
    readonly others: readonly OtherMasterStatus[];
    readonly notHeld: readonly NotHeldStatus[];
    /** Why its adverts do not leave. */
    readonly unsent: string | null;
    /** Settings of the kernel that could not be made. */
    readonly refused: readonly string[];
  },
): readonly Wrong[] {
  const off = notHeld.map(({ what, cause }): Wrong => {
    return { kind: "not_held", text: `${what} is not held: ${cause}` };
  });
  const masters = others.map((other): Wrong => {
    const kind = other.cause === "addresses" ? "address_list" : "other_master";
    return { kind, text: otherText(other, config) };
  });
  const settings = refused.map((text): Wrong => ({ kind: "setting_refused", text }));
  const muted: readonly Wrong[] =
    unsent === null ? [] : [{ kind: "adverts_not_sent", text: unsent }];
  return [...off, ...muted, ...settings, ...masters];
}
