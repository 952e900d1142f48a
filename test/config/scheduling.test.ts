import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { configOf, INSTANCE, linesOf } from "./helpers.ts";

const ALL = `[global]
vrrp_rt_priority = 50
vrrp_priority = -10
vrrp_cpu_affinity[] = 0
vrrp_cpu_affinity[] = 2
vrrp_rlimit_rttime = 1000000
checker_rt_priority = 1
checker_priority = 5
checker_cpu_affinity[] = 1
checker_rlimit_rttime = 500000
min_auto_priority_delay = 0.05
max_auto_priority = 60
${INSTANCE}`;

test("how processes are scheduled is read, and printed so that it is read as the same", (t) => {
  const config = configOf(ALL);
  t.deepEqual(config.scheduling, {
    vrrp: { rtPriority: 50, nice: -10, cpus: [0, 2], rttimeUs: 1_000_000 },
    checker: { rtPriority: 1, nice: 5, cpus: [1], rttimeUs: 500_000 },
    lateness: { fromMs: 50, maxAutoPriority: 60 },
  });
  t.deepEqual(configOf(printConfig(config)), config);
});

test("a timer is late from the shortest advert_int on, a second at most", (t) => {
  const fast = `${INSTANCE}version = 3\nadvert_int = 0.1\n`;
  t.is(configOf(fast).scheduling.lateness.fromMs, 100);
  t.is(configOf(`${INSTANCE}advert_int = 5\n`).scheduling.lateness.fromMs, 1000);
});

for (const [key, why] of [
  [
    "vrrp_no_swap",
    "locked memory makes the JavaScript engine abort; use MemorySwapMax=0 in the systemd unit",
  ],
  ["bfd_rt_priority", "BFD sessions live in the vrrp process, use vrrp_rt_priority"],
] as const) {
  test(`${key} is refused with its reason`, (t) => {
    t.deepEqual(linesOf(`[global]\n${key} = 1\n${INSTANCE}`), [
      `2: Cannot use key "${key}" in [global]: ${why}`,
    ]);
  });
}
