// Weights that cannot do what they are for are told, with the why.

import test from "ava";
import { INSTANCE, linesOf, SERVICE } from "./helpers.ts";

/** A weight of the first tracker alone, by the line of the instance that it is told for. */
const cases: readonly {
  readonly title: string;
  readonly lines: string;
  readonly says: readonly string[];
}[] = [
  {
    title: "a negative weight at priority 1",
    lines: "priority = 1\ntrack_interface[] = eth1 weight -20",
    says: [
      "6: warning: Cannot use the weight -20 of track_interface eth1: the priority is 1 already, and does not fall below",
    ],
  },
  {
    title: "a positive weight at priority 254",
    lines: "priority = 254\ntrack_interface[] = eth1 weight 20",
    says: [
      "6: warning: Cannot use the weight 20 of track_interface eth1: the priority is 254 already, and does not rise above",
    ],
  },
  {
    title: "a reverse weight is the other way round",
    lines: "priority = 254\ntrack_interface[] = eth1 weight -20 reverse",
    says: [],
  },
  {
    title: "a weight that others make too small",
    lines: "priority = 200\ntrack_interface[] = eth1 weight 100\ntrack_interface[] = eth2 weight 4",
    says: [
      "7: warning: Cannot use the weight 4 of track_interface eth2: the priority is 254 already, and does not rise above, while everything else that is tracked is well (200 and the other weights come to 300)",
    ],
  },
  {
    title: "a weight that another one makes room for",
    lines: "priority = 1\ntrack_interface[] = eth1 weight -20\ntrack_interface[] = eth2 weight 20",
    says: [],
  },
  {
    title: "a weight beside a file, of which nobody knows how much it counts",
    lines:
      "priority = 254\ntrack_interface[] = eth1 weight 20\ntrack_file[] = f\n[track_file.f]\nfile = /f",
    says: [],
  },
  {
    title: "a weight with nopreempt",
    lines: "nopreempt\ntrack_interface[] = eth1 weight -20",
    says: [
      "6: warning: Cannot fail over by the weight of track_interface eth1 on a pair with nopreempt: a backup leaves a master alone whose priority has fallen (use weight 0 for a FAULT)",
    ],
  },
  {
    title: "nopreempt with state MASTER, which clears it: the weight works",
    lines: "state = MASTER\npriority = 150\nnopreempt\ntrack_interface[] = eth1 weight -20",
    says: [
      "7: warning: Cannot keep nopreempt with state MASTER, it is ignored: write state = BACKUP on both nodes",
    ],
  },
  {
    title: "a weight of a virtual server that changes nothing",
    lines: `priority = 1\ntrack_virtual_server[] = web weight -60\n${SERVICE}`,
    says: [
      "6: warning: Cannot use the weight -60 of track_virtual_server web: the priority is 1 already, and does not fall below",
    ],
  },
  { title: "a weight that works", lines: "track_interface[] = eth1 weight -20", says: [] },
  { title: "no weight", lines: "priority = 1\ntrack_interface[] = eth1", says: [] },
];

for (const { title, lines, says } of cases) {
  test(`${title} is ${says.length === 0 ? "no problem" : "told"}`, (t) => {
    t.deepEqual(linesOf(`${INSTANCE}${lines}\n`), says);
  });
}

test("the owner's priority never changes", (t) => {
  const text = INSTANCE.replace("10.0.0.100", "10.0.0.1");
  t.deepEqual(linesOf(`${text}priority = 255\ntrack_interface[] = eth1 weight -20\n`), [
    "6: warning: Cannot use the weight -20 of track_interface eth1: priority 255 never changes",
  ]);
});

test("what a sync group tracks counts for its members, and is told once", (t) => {
  const second = INSTANCE.replace("VI_1", "VI_2").replace("51", "52").replace(".100", ".101");
  const group = "[vrrp_sync_group.G]\ngroup[] = VI_1\ngroup[] = VI_2\n";
  const low = `${INSTANCE}priority = 1\n${second}priority = 1\n${group}`;
  t.deepEqual(linesOf(`${low}track_interface[] = eth1 weight -20\n`), [
    "14: warning: Cannot use the weight -20 of track_interface eth1: the priority is 1 already, and does not fall below",
  ]);
});
