// What a master should hold and does not, and whether it could hold anything. When none of its addresses can be held the
// instance is in FAULT, so that another node serves them. What only turned out when it tried is tried again, later and later.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { NotHeldStatus } from "../../control/status.ts";
import { hasNetAdmin } from "../../kernel/capabilities.ts";
import { readSysctl } from "../../kernel/sysctl.ts";
import { backoffMs } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Place, whyNotHeld } from "../../vip/holdable.ts";
import type { LinkOf } from "../../vip/holding/things.ts";
import type { Vip } from "../../vip/model.ts";
import { type FaultCause, PRIORITY_OWNER } from "../../vrrp/model.ts";

export type NotHeld = {
  /** Looks at this machine; true = something differs. */
  readonly look: (config: VrrpInstanceConfig, vips: readonly Vip[]) => boolean;
  readonly faults: () => readonly FaultCause[];
  /** As far as is known without trying. */
  readonly list: () => readonly NotHeldStatus[];
  /** It tried to hold them, and this is why it holds none; null = it holds some. */
  readonly tried: (reasons: readonly NotHeldStatus[] | null) => void;
};

const RETRY = { firstMs: 10_000, maxMs: 600_000 };

/** What is so on this machine, for all instances. */
export type Ability = Omit<Place, "hasLink">;

const LOOK_AGAIN_MS = 900;

/** It asks the kernel once for everybody who looks in the same second. */
export function openAbility(clock: Clock): Ability {
  const known = new Map<string, { readonly atMs: number; readonly isOff: boolean }>();
  return {
    hasNetAdmin: hasNetAdmin(),
    isWithoutIpv6(name) {
      const before = known.get(name);
      const nowMs = clock.nowMs();
      if (before !== undefined && nowMs - before.atMs < LOOK_AGAIN_MS) return before.isOff;
      const isOff = readSysctl(`net/ipv6/conf/${name}/disable_ipv6`) !== "0";
      known.set(name, { atMs: nowMs, isOff });
      return isOff;
    },
  };
}

export type NotHeldParts = {
  readonly clock: Clock;
  readonly linkOf: LinkOf;
  readonly ability: Ability;
};

export function openNotHeld({ clock, linkOf, ability }: NotHeldParts): NotHeld {
  const hasLink = (name: string): boolean => linkOf(name) !== undefined;
  let known: readonly NotHeldStatus[] = [];
  let isAll = false;
  let refused: readonly NotHeldStatus[] = [];
  let retryAtMs = Infinity;
  let failures = 0;

  const list = (): readonly NotHeldStatus[] => (refused.length > 0 ? refused : known);

  return {
    look({ vrrp }, vips) {
      const before = JSON.stringify([list(), isAll]);
      if (clock.nowMs() >= retryAtMs) {
        refused = [];
        retryAtMs = Infinity;
      }
      const place = { ...ability, hasLink };
      known = vips.flatMap((vip) => {
        const cause = whyNotHeld(vip, place);
        return cause === undefined ? [] : [{ what: vip.address, cause }];
      });
      // The owner's addresses are its own: they are there whether duet can do anything or not.
      if (vrrp.priority === PRIORITY_OWNER) known = [];
      // An interface that is missing is a FAULT of its own name.
      const isOff = ({ interface: device }: Vip): boolean => !place.hasNetAdmin || hasLink(device);
      isAll = vips.length > 0 && known.length === vips.length && vips.every(isOff);
      return JSON.stringify([list(), isAll]) !== before;
    },
    faults: () => (isAll || refused.length > 0 ? ["addresses_not_held"] : []),
    list,
    tried(reasons) {
      refused = reasons ?? [];
      failures = reasons === null ? 0 : failures + 1;
      retryAtMs = reasons === null ? Infinity : clock.nowMs() + backoffMs(RETRY, failures);
    },
  };
}
