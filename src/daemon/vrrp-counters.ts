// The counters of one instance, and a log that tells the first rejected packet of a kind and then one a minute.

import type { InstanceCounters } from "../control/status.ts";
import type { Log } from "../lib/log.ts";
import { REJECT_REASONS, type RejectReason } from "../vrrp/accept.ts";

const LOG_AGAIN_MS = 60_000;
/** Kinds may carry what a stranger sent: beyond these, all are one. */
const KINDS_MAX = 100;

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
    rejected: Object.fromEntries(REJECT_REASONS.map((reason) => [reason, 0])) as Record<
      RejectReason,
      number
    >,
  };
}

/** Counts what it does not say: a flood of packets is a line a minute. */
export function openSparseLog(
  log: Log,
): (
  subject: { readonly kind: string; readonly nowMs: number },
  write: (log: Log, times: number) => void,
) => void {
  const seen = new Map<string, { saidAtMs: number; times: number }>();
  return ({ kind, nowMs }, write) => {
    const key = seen.has(kind) || seen.size < KINDS_MAX ? kind : "others";
    const entry = seen.get(key) ?? { saidAtMs: -Infinity, times: 0 };
    entry.times += 1;
    seen.set(key, entry);
    if (nowMs - entry.saidAtMs < LOG_AGAIN_MS) return;
    write(log, entry.times);
    entry.saidAtMs = nowMs;
    entry.times = 0;
  };
}
