// The counters of one instance.

import type { InstanceCounters } from "../../control/status.ts";
import { REJECT_REASONS, type RejectReason } from "../../vrrp/accept.ts";

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export type Counters = Writable<Omit<InstanceCounters, "rejected">> & {
  readonly rejected: Record<RejectReason, number>;
};

export function newCounters(): Counters {
  return {
    adverts_sent: 0,
    adverts_received: 0,
    priority_zero_sent: 0,
    priority_zero_received: 0,
    became_master: 0,
    released_master: 0,
    send_errors: 0,
    address_list_mismatch: 0,
    checksum_form_mismatch: 0,
    advert_interval_limited: 0,
    rejected: Object.fromEntries(REJECT_REASONS.map((reason) => [reason, 0])) as Record<
      RejectReason,
      number
    >,
  };
}
