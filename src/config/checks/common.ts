// What every check has: its keys of place and connects, its timing by keepalived's precedence, and the way back to rows.

import type { CheckPlace, CheckTiming, Source } from "../../check/model-common.ts";
import type { CheckConfig } from "../../check/types/index.ts";
import type { Row } from "../schema/fields.ts";
import { formatDuration } from "../schema/plain-types.ts";
import type { Section } from "../schema/section.ts";

/** What the check does not say, its real server says, which has it from the virtual server where it says nothing itself. */
export function buildTiming(
  { values: own }: Section<"check">,
  { values: ofServer }: Section<"real_server">,
): CheckTiming {
  return {
    intervalMs: own.interval ?? ofServer.interval ?? 6000,
    timeoutMs: own.timeout ?? ofServer.timeout ?? 5000,
    retry: own.retry ?? ofServer.retry ?? 1,
    delayBeforeRetryMs: own.delay_before_retry ?? ofServer.delay_before_retry ?? 1000,
    rise: own.rise ?? ofServer.rise ?? 1,
    fastIntervalMs: own.fast_interval ?? ofServer.fast_interval ?? null,
    downIntervalMs: own.down_interval ?? ofServer.down_interval ?? null,
    warmupMs: own.warmup ?? ofServer.warmup ?? null,
    connects: 0,
    jitterMs: own.jitter ?? ofServer.jitter ?? 0,
  };
}

export type Timing = Readonly<Record<TimingKey, string | number | null>>;

export const TIMING_KEYS = [
  "interval",
  "timeout",
  "retry",
  "delay_before_retry",
  "rise",
  "fast_interval",
  "down_interval",
  "warmup",
  "jitter",
] as const;

export type TimingKey = (typeof TIMING_KEYS)[number];

/** As the keys that buildTiming() makes the same of; null = left out. */
export function timingOf(check: CheckTiming): Timing {
  return {
    interval: formatDuration(check.intervalMs),
    timeout: formatDuration(check.timeoutMs),
    retry: check.retry,
    delay_before_retry: formatDuration(check.delayBeforeRetryMs),
    rise: check.rise,
    fast_interval: durationOrNull(check.fastIntervalMs),
    down_interval: durationOrNull(check.downIntervalMs),
    warmup: durationOrNull(check.warmupMs),
    jitter: formatDuration(check.jitterMs),
  };
}

function durationOrNull(ms: number | null): string | null {
  return ms === null ? null : formatDuration(ms);
}

export function buildPlace({ values }: Section<"check">): CheckPlace {
  const source: Source = {
    address: values.bind_address ?? null,
    port: values.bind_port ?? null,
    interface: values.bind_interface ?? null,
    fwmark: values.fwmark ?? null,
  };
  const isFree = Object.values(source).every((part) => part === null);
  return {
    address: values.address ?? null,
    port: values.port ?? null,
    source: isFree ? null : source,
  };
}

export function placeRows({ address, port, source }: CheckConfig): readonly Row[] {
  return [
    ["address", address],
    ["port", port],
    ["bind_address", source?.address ?? null],
    ["bind_port", source?.port ?? null],
    ["bind_interface", source?.interface ?? null],
    ["fwmark", source?.fwmark ?? null],
  ];
}
