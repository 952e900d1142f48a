// The lease of milliseconds of one instance, as its election says.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { Drive } from "../../lib/drive.ts";
import { PRIORITY_RELEASE } from "../../vrrp/model.ts";
import type { Input, State } from "../../vrrp/states.ts";
import { leaseUntilMs } from "../../vrrp/timers.ts";
import type { LeaseUser } from "./lease.ts";
import type { Leases } from "./leases.ts";
import type { Self } from "./self.ts";

export type LeasesOfMany = Pick<Leases, "cover" | "advertised" | "uncover" | "runs">;

export type Leased = {
  /** Before another configuration is held; who says nothing needs nothing. */
  readonly cover: () => void;
  /** Around an advert: with the first one the lease begins, and only one that has left renews it. */
  readonly saying: <Sent>(priority: number, say: () => Sent) => Sent;
  /** Until the addresses are off, they answer by the lease only. */
  readonly letGo: (release?: () => void) => void;
  /** It has run out: nothing of the instance may leave. */
  readonly isSilent: () => boolean;
};

export function openLeased(
  leases: LeasesOfMany,
  self: Self,
  driven: Drive<VrrpInstanceConfig["vrrp"], State, Input>,
  nowMs: () => number,
): Leased {
  const user: LeaseUser = {
    leaseUntilMs: () => leaseUntilMs(driven.config(), driven.state()),
    wake: () => driven.give({ type: "timer", nowMs: nowMs() }),
  };

  function cover(): void {
    const state = driven.state();
    const isMute = state.name === "BACKUP" && state.mute === true;
    if (state.name === "MASTER" || isMute) leases.cover(user, self.config);
  }

  return {
    cover,
    saying(priority, say) {
      if (priority !== PRIORITY_RELEASE) cover();
      const sent = say();
      leases.advertised(user);
      return sent;
    },
    letGo(release = () => {}) {
      release();
      leases.uncover(user);
    },
    isSilent: () => !leases.runs(user),
  };
}
