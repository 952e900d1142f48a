// How processes are scheduled: draft -> config -> canonical INI.

import type { Draft } from "./draft.ts";
import type { Scheduling, SchedulingConfig } from "./model.ts";
import { formatDuration } from "./plain-types.ts";
import type { Row } from "./print-trackers.ts";

const LATE_MAX_MS = 1000;

export function buildScheduling(draft: Draft): SchedulingConfig {
  const values = draft.global[0]?.values;
  const intervals = draft.vrrp_instance.map((instance) => instance.values.advert_int);
  return {
    vrrp: {
      rtPriority: values?.vrrp_rt_priority ?? null,
      nice: values?.vrrp_priority ?? null,
      cpus: (values?.vrrp_cpu_affinity ?? []).map(({ value }) => value),
      rttimeUs: values?.vrrp_rlimit_rttime ?? null,
    },
    checker: {
      rtPriority: values?.checker_rt_priority ?? null,
      nice: values?.checker_priority ?? null,
      cpus: (values?.checker_cpu_affinity ?? []).map(({ value }) => value),
      rttimeUs: values?.checker_rlimit_rttime ?? null,
    },
    lateness: {
      fromMs: values?.min_auto_priority_delay ?? Math.min(LATE_MAX_MS, ...intervals),
      maxAutoPriority: values?.max_auto_priority ?? 0,
    },
  };
}

export function schedulingRowsOf({ vrrp, checker, lateness }: SchedulingConfig): readonly Row[] {
  return [
    ...processRows("vrrp", vrrp),
    ...processRows("checker", checker),
    ["min_auto_priority_delay", formatDuration(lateness.fromMs)],
    ["max_auto_priority", lateness.maxAutoPriority],
  ];
}

function processRows(
  name: string,
  { rtPriority, nice, cpus, rttimeUs }: Scheduling,
): readonly Row[] {
  return [
    [`${name}_rt_priority`, rtPriority],
    [`${name}_priority`, nice],
    ...cpus.map((cpu): Row => [`${name}_cpu_affinity[]`, cpu]),
    [`${name}_rlimit_rttime`, rttimeUs],
  ];
}
