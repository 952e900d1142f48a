// How the kernel schedules the processes of duet: rows of [global], and what they come to.

import type { SchedulingConfig } from "../model.ts";
import { fieldsOf, type Row, rowsOf } from "../schema/fields.ts";
import { duration, formatDuration, integer } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import type { Draft } from "../schema/section.ts";

// biome-ignore format: a table, a row a key
export const vrrpSchedulingRows = {
  vrrp_rt_priority: { field: "rtPriority", type: integer(1, 99), otherwise: "none, like other processes", example: "50",
    doc: "Real-time priority (SCHED_RR) of the vrrp process, so that a busy machine does not delay adverts; BFD sessions live in it too" },
  vrrp_priority: { field: "nice", type: integer(-20, 19), otherwise: "as duet was started", example: "-10",
    doc: "Nice value of the vrrp process" },
  vrrp_cpu_affinity: { field: "cpus", type: integer(0, 1023), list: true, example: "0",
    doc: "A processor that the vrrp process may run on; without any it is all that duet may use" },
  // keepalived's default of 10 ms is less than what a start takes here.
  vrrp_rlimit_rttime: { field: "rttimeUs", type: integer(2, 1_000_000_000), otherwise: "no limit", example: "1000000",
    doc: "Microseconds that the vrrp process may work at real-time priority without a pause before the kernel ends it; the guardian then replaces it" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const checkerSchedulingRows = {
  checker_rt_priority: { field: "rtPriority", type: integer(1, 99), otherwise: "none, like other processes", example: "10",
    doc: "Real-time priority (SCHED_RR) of the process that checks real servers" },
  checker_priority: { field: "nice", type: integer(-20, 19), otherwise: "as duet was started", example: "5", doc: "Nice value of that process" },
  checker_cpu_affinity: { field: "cpus", type: integer(0, 1023), list: true, example: "1", doc: "A processor that it may run on" },
  checker_rlimit_rttime: { field: "rttimeUs", type: integer(2, 1_000_000_000), otherwise: "no limit", example: "1000000",
    doc: "Microseconds that it may work at real-time priority without a pause" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const latenessRows = {
  min_auto_priority_delay: { type: duration({ minMs: 1, maxMs: 10_000 }), otherwise: "the shortest advert_int, 1 at most", example: "0.1",
    doc: "From how late on a timer of the vrrp process is told in the log: it is the first sign of a split (keepalived writes microseconds)" },
  max_auto_priority: { field: "maxAutoPriority", type: integer(0, 99), default: "0",
    doc: "The real-time priority of the vrrp process goes up by one with every such timer, up to this; 0 = it does not" },
} as const satisfies Readonly<Record<string, KeySpec>>;

const LATE_MAX_MS = 1000;

export function buildScheduling({ global: { values }, vrrp_instance }: Draft): SchedulingConfig {
  const intervals = vrrp_instance.map((instance) => instance.values.advert_int);
  return {
    vrrp: fieldsOf(vrrpSchedulingRows, values),
    checker: fieldsOf(checkerSchedulingRows, values),
    lateness: {
      ...fieldsOf(latenessRows, values),
      fromMs: values.min_auto_priority_delay ?? Math.min(LATE_MAX_MS, ...intervals),
    },
  };
}

export function schedulingRowsOf({ vrrp, checker, lateness }: SchedulingConfig): readonly Row[] {
  return [
    ...rowsOf(vrrpSchedulingRows, vrrp),
    ...rowsOf(checkerSchedulingRows, checker),
    ["min_auto_priority_delay", formatDuration(lateness.fromMs)],
    ...rowsOf(latenessRows, lateness),
  ];
}
