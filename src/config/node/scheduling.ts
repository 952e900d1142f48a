// How the kernel schedules the processes of duet: rows of [global], and what they come to.

import type { SchedulingConfig } from "../model.ts";
import { fieldsOf, type Row, rowsOf } from "../schema/fields.ts";
import { formatDuration } from "../schema/plain-types.ts";
import type { Draft } from "../schema/section.ts";
import { checkerSchedulingRows, latenessRows, vrrpSchedulingRows } from "./keys-parts.ts";

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
