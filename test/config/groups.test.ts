// Sync groups: who is in them, and what they track for their members.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { configOf, INSTANCE, linesOf } from "./helpers.ts";

const SECOND = INSTANCE.replace("VI_1", "VI_2")
  .replace("eth0", "eth1")
  .replace("10.0.0.100", "10.0.1.100");
const SCRIPT = "[vrrp_script.s]\nscript = /bin/true\nweight = -20\n";
const FILE = "[track_file.f]\nfile = /run/f\n";
const GROUP = "[vrrp_sync_group.G]\ngroup[] = VI_1\ngroup[] = VI_2\n";

function tracked(text: string): readonly string[] {
  return configOf(text).vrrpInstances.map(({ trackScripts, tracking }) =>
    [...trackScripts.map((use) => ({ kind: "script", ...use })), ...tracking.uses]
      .map(({ kind, name, weight, reverse }) => `${kind} ${name} ${weight}${reverse ? "r" : ""}`)
      .join(", "),
  );
}

test("what a group tracks counts for every member", (t) => {
  const text = `${INSTANCE}${SECOND}${GROUP}track_script[] = s\ntrack_file[] = f weight -3 reverse
track_interface[] = eth2\n${SCRIPT}${FILE}`;
  const all = "script s -20, interface eth2 0, file f -3r";
  t.deepEqual(tracked(text), [all, all]);
  t.deepEqual(linesOf(text), []);
});

test("an interface that is a member's own counts for the others", (t) => {
  const text = `${INSTANCE}${SECOND}${GROUP}track_interface[] = eth0\n`;
  t.deepEqual(tracked(text), ["", "interface eth0 0"]);
});

test("the group's weight holds in place of a member's, unless that is 0", (t) => {
  const text = `${INSTANCE}track_script[] = s weight 7\n${SECOND}track_script[] = s weight 0
${GROUP}track_script[] = s weight -50\n${SCRIPT}`;
  t.deepEqual(tracked(text), ["script s -50", "script s 0"]);
  t.deepEqual(linesOf(text), []);
});

test("a weight that one member has alone is ignored, and said to be; weight 0 is not", (t) => {
  const text = `${INSTANCE}track_script[] = s\ntrack_interface[] = eth2\n${SECOND}${GROUP}${SCRIPT}`;
  t.deepEqual(tracked(text), ["interface eth2 0", ""]);
  t.deepEqual(linesOf(text), [
    "5: warning: track_script s is ignored: its weight would move one member of [vrrp_sync_group.G] and part it from the others (track it in the group, use weight 0 for a FAULT, or set sync_group_tracking_weight there)",
  ]);
});

test("a group of one member has nobody to be parted from", (t) => {
  const text = `${INSTANCE}track_script[] = s\n[vrrp_sync_group.G]\ngroup[] = VI_1\n${SCRIPT}`;
  t.deepEqual(tracked(text), ["script s -20"]);
});

test("sync_group_tracking_weight lets it in", (t) => {
  const text = `${INSTANCE}track_script[] = s\n${SECOND}${GROUP}sync_group_tracking_weight\n${SCRIPT}`;
  t.deepEqual(tracked(text), ["script s -20", ""]);
  t.deepEqual(linesOf(text), []);
});

for (const lines of [
  "track_script[] = s\ntrack_file[] = f weight 0\ntrack_interface[] = eth0 weight -9",
  "sync_group_tracking_weight = yes",
]) {
  test(`printConfig() writes it so that it is read as the same: ${JSON.stringify(lines)}`, (t) => {
    const text = `${INSTANCE}track_script[] = s weight 4\n${SECOND}${GROUP}${lines}\n${SCRIPT}${FILE}`;
    const config = configOf(text);
    t.deepEqual(configOf(printConfig(config)), config);
  });
}

test("names in a group are looked for as those of an instance", (t) => {
  const text = `${INSTANCE}${SECOND}${GROUP}track_script[] = x\ntrack_bfd[] = y\ntrack_file[] = f
track_file[] = f\n${FILE}`;
  t.deepEqual(linesOf(text), [
    '12: Cannot use track_script "x": there is no [vrrp_script.x]',
    '13: Cannot use track_bfd "y": there is no [bfd_instance.y]',
    "15: Cannot use track_file f twice: line 14 has it already",
  ]);
});

test("a group of an owner and others, and one with a single member, are told", (t) => {
  const owner = INSTANCE.replace("10.0.0.100", "10.0.0.1");
  t.deepEqual(linesOf(`${owner}priority = 255\n${SECOND}${GROUP}`), [
    "11: warning: [vrrp_sync_group.G] mixes address owners (priority 255: VI_1) with others: an owner waits for the others here, and one that is heard elsewhere keeps all of them from being MASTER",
  ]);
  t.deepEqual(linesOf(`${INSTANCE}[vrrp_sync_group.G]\ngroup[] = VI_1\n`), [
    "6: warning: [vrrp_sync_group.G] has one member, so it changes nothing",
  ]);
});
