// What every check has: its keys of place and connects, its timing by keepalived's precedence, and the way back to rows.

import type { CheckPlace, CheckTiming, Source } from "../../check/model-common.ts";
import type { CheckConfig } from "../../check/types/index.ts";
import type { Row } from "../schema/fields.ts";
import { formatDuration } from "../schema/plain-types.ts";
import type { Section } from "../schema/section.ts";

type Timed = Section<"check"> | Section<"real_server"> | Section<"virtual_server">;

/** The first of `sections` that says something wins: check, real server, virtual server. */
export function buildTiming(sections: readonly Timed[]): CheckTiming {
  const first = <K extends TimingKey>(key: K): Timed["values"][K] =>
    sections.map(({ values }) => values[key]).find((value) => value !== undefined);
  return {
    intervalMs: first("interval") ?? 6000,
    timeoutMs: first("timeout") ?? 5000,
    retry: first("retry") ?? 1,
    delayBeforeRetryMs: first("delay_before_retry") ?? 1000,
    rise: first("rise") ?? 1,
    fastIntervalMs: first("fast_interval") ?? null,
    downIntervalMs: first("down_interval") ?? null,
    warmupMs: first("warmup") ?? null,
    connects: 0,
    jitterMs: first("jitter") ?? 0,
  };
}

export type Timing = Readonly<Record<TimingKey, string | number | null>>;

export type TimingKey =
  | "interval"
  | "timeout"
  | "retry"
  | "delay_before_retry"
  | "rise"
  | "fast_interval"
  | "down_interval"
  | "warmup"
  | "jitter";

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
