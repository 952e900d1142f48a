// Sync groups: the outside and the inside of a NAT director move together, whatever happens to one of them.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { HERE, instanceText, openPair, split, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Place } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, startDuet } from "../helpers/duet.ts";
import { linkLocalOf } from "../helpers/netns.ts";
import { startKeepalived } from "../helpers/peer-keepalived.ts";
import { sniff } from "../helpers/sniff.ts";
import { watchAddress } from "../helpers/sniff-addresses.ts";
import { eventually } from "../helpers/wait.ts";

const OUTSIDE = "10.9.0.100";
const INSIDE = "10.8.0.100";
const FOUR = "10.9.0.111";
const SIX_LINK = "fe80::111";
const SIX = "2001:db8::111";

const pair = await openPair(test, { ipv6: true });
await eventually(
  "link-local addresses",
  () => linkLocalOf(pair.here, HERE.device) !== "" && linkLocalOf(pair.there, THERE.device) !== "",
);
pair.here.run(`ip link add in0 type veth peer name in1 netns ${pair.there.pid}`);
pair.here.run("ip link set in0 up");
pair.there.run("ip link set in1 up");
pair.here.run("ip address add 10.8.0.1/24 dev in0");
pair.there.run("ip address add 10.8.0.2/24 dev in1");

test.serial(
  "members become MASTER together, and a fault of one takes both to the peer",
  async (t) => {
    const log = join(mkdtempSync(join(tmpdir(), "duet-group-")), "notify.log");
    writeFileSync(log, "");
    const a = await startDuet(
      t,
      groupText("here", 150, [`notify = /bin/sh -c 'echo "$@" >> ${log}' x`]),
    );
    const b = await startDuet(t, groupText("there", 100), { place: pair.there });
    await bothMaster(a);
    t.deepEqual(holders(pair.here), [OUTSIDE, INSIDE]);
    t.deepEqual((await a.status()).vrrp_sync_groups, [
      { name: "G1", state: "MASTER", members: ["OUT", "IN"] },
    ]);

    // Not the link: the other end of a veth pair would lose its carrier with it.
    pair.here.run("ip address del 10.8.0.1/24 dev in0");
    await bothMaster(b);
    t.deepEqual((await a.instance("OUT")).faults, ["sync_group:G1"]);
    const because = "member IN: no_source_address";
    const { degraded, vrrp_sync_groups: groups } = await a.status();
    t.deepEqual(groups, [{ name: "G1", state: "FAULT", members: ["OUT", "IN"], because }]);
    t.is(
      degraded.find(({ subject }) => subject === "OUT")?.text,
      `FAULT: sync_group:G1 (${because})`,
    );
    await a.said({ msg: "group state changed", group: "G1", to: "FAULT", because });
    t.deepEqual((await a.instance("IN")).faults, ["no_source_address"]);
    t.deepEqual([holders(pair.here), holders(pair.there)], [[], [OUTSIDE, INSIDE]]);

    pair.here.run("ip address add 10.8.0.1/24 dev in0");
    await bothMaster(a);
    t.deepEqual([holders(pair.here), holders(pair.there)], [[OUTSIDE, INSIDE], []]);
    await eventually("the hooks of the group", () =>
      /GROUP G1 MASTER 0\n(GROUP G1 BACKUP 0\n)?GROUP G1 FAULT 0\n(GROUP G1 BACKUP 0\n)?GROUP G1 MASTER 0\n$/.test(
        readFileSync(log, "utf8"),
      ),
    );
  },
);

test.serial(
  "a healed split: every member of the winner announces itself again, and its hooks run once more",
  async (t) => {
    const log = join(mkdtempSync(join(tmpdir(), "duet-split-")), "notify.log");
    writeFileSync(log, "");
    const notify = `notify = /bin/sh -c 'echo "$@" >> ${log}' x`;
    // Slow adverts: a busy machine's pauses are no deaths.
    const slow = (text: string): string => text.replaceAll("advert_int = 0.1", "advert_int = 0.5");
    const ours = slow(groupText("here", 150, [notify], [notify]));
    const a = await startDuet(t, ours);
    const b = await startDuet(t, slow(groupText("there", 100)), { place: pair.there });
    await bothMaster(a);
    await eventually("the hooks", () => told(log).length === 3);
    split(pair, true);
    await bothMaster(b);
    const sniffer = await sniff(t, pair.there, "in1");
    split(pair, false);
    await b.becomes("BACKUP", "OUT");
    await b.becomes("BACKUP", "IN");
    await eventually("the announcement", () => sniffer.announcements(INSIDE).length >= 5);
    const once = ["GROUP G1 MASTER 0", "INSTANCE IN MASTER 150", "INSTANCE OUT MASTER 150"];
    await eventually("the hooks once more", () => told(log).length === 6);
    t.deepEqual(told(log), [...once, ...once].toSorted());
    t.is((await a.instance("OUT")).counters.became_master, 1);
    t.is(
      a.lines().filter(({ msg }) => msg === "the other master is gone: hooks run once more").length,
      2,
    );
    await b.said({ msg: "state changed", from: "MASTER", to: "BACKUP" });
    // A hand-over is no split: the hooks of the one that takes back run once.
    writeFileSync(log, "");
    a.signal("SIGTERM");
    await bothMaster(b);
    const again = await startDuet(t, ours);
    await bothMaster(again);
    await b.becomes("BACKUP", "OUT");
    await eventually("their adverts", async () => {
      return (await again.instance("OUT")).counters.adverts_sent > 15;
    });
    t.deepEqual(told(log), once);
  },
);

test.serial(
  "a member that a reload adds to masters, or that gets another vrid, joins them: nobody else moves",
  async (t) => {
    const log = join(mkdtempSync(join(tmpdir(), "duet-joins-")), "notify.log");
    writeFileSync(log, "");
    const hook = `notify = /bin/sh -c 'echo "$@" >> ${log}' x`;
    const text = (side: "here" | "there", priority: number): string =>
      // Slow adverts: a busy machine's pauses are no deaths.
      groupText(side, priority, [hook], ["nopreempt = yes"]).replaceAll(
        "advert_int = 0.1",
        "advert_int = 1",
      );
    const a = await startDuet(t, text("here", 150));
    await bothMaster(a);
    // Its peer takes over for good at the first chance.
    const b = await startDuet(t, text("there", 100), { place: pair.there });
    await eventually("the peer hears the masters", async () =>
      (await b.status()).vrrp_instances.every(({ master }) => master !== null),
    );
    const watched = [
      await watchAddress(t, pair.here, OUTSIDE),
      await watchAddress(t, pair.here, INSIDE),
    ];
    writeFileSync(log, "");
    const linesBefore = a.lines().length;
    const vip = "10.9.0.103";
    const third = (vrid: number): string =>
      `${text("here", 150)}group[] = MORE\n${instanceText({ name: "MORE", vrid, priority: 150, advertS: 1, vips: [`${vip}/24`], more: ["nopreempt = yes"] })}`;
    for (const vrid of [3, 4]) {
      a.write(third(vrid));
      t.is((await duetCommand(["reload", "--run-dir", a.runDir])).code, 0);
      await eventually("the third is MASTER", async () => {
        const more = await a.instance("MORE");
        return more.vrid === vrid && more.state === "MASTER" && holds(pair.here, vip);
      });
    }
    for (const each of watched) {
      t.deepEqual(
        each.changes().map(({ present }) => present),
        [true],
        "never taken off",
      );
    }
    t.is((await a.status()).vrrp_sync_groups[0]?.state, "MASTER");
    const left = a
      .lines()
      .slice(linesBefore)
      .filter(({ from, instance }) => from === "MASTER" && instance !== "MORE");
    t.deepEqual(left, []);
    t.notRegex(readFileSync(log, "utf8"), /GROUP G1 (BACKUP|FAULT)/);
  },
);

test.serial(
  "a group of an IPv4 and an IPv6 instance, and keepalived with the same: over and back, whole",
  async (t) => {
    const group = "vrrp_sync_group G1 {\n group {\n  FOUR\n  SIX\n }\n}";
    const a = await startDuet(t, mixedText(150));
    await a.becomes("MASTER", "FOUR");
    await a.becomes("MASTER", "SIX");
    const k = await startKeepalived(
      t,
      pair.there,
      [
        group,
        keepalivedMember("FOUR", THERE.device, 11, FOUR),
        keepalivedMember("SIX", THERE.device, 11, `${SIX_LINK}/64\n    ${SIX}`),
      ].join("\n"),
    );
    await eventually("both there", () => [FOUR, SIX].every((each) => holds(pair.there, each)));
    await eventually("none here", () => ![FOUR, SIX].some((each) => holds(pair.here, each)));
    t.is((await a.status()).vrrp_sync_groups[0]?.state, "BACKUP");
    await k.stop();
    await a.becomes("MASTER", "FOUR");
    await a.becomes("MASTER", "SIX");
    t.true([FOUR, SIX].every((each) => holds(pair.here, each)));
    t.is((await a.status()).vrrp_sync_groups[0]?.state, "MASTER");
  },
);

test.serial("what a group tracks moves every member; weight 0 is a FAULT of all", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "duet-tracked-"));
  const [load, sick] = ["load", "sick"].map((name) => join(directory, name)) as [string, string];
  for (const file of [load, sick]) writeFileSync(file, "0\n");
  const files = `[track_file.load]\nfile = ${load}\n[track_file.sick]\nfile = ${sick}\n`;
  const lines = ["track_file[] = load weight -100", "track_file[] = sick weight 0"];
  const a = await startDuet(t, groupText("here", 150, lines) + files);
  const b = await startDuet(t, groupText("there", 100), { place: pair.there });
  await bothMaster(a);
  writeFileSync(load, "1\n");
  await bothMaster(b);
  await a.becomes("BACKUP", "OUT");
  for (const name of ["OUT", "IN"]) t.is((await a.instance(name)).priority, 50);
  writeFileSync(load, "0\n");
  await bothMaster(a);
  writeFileSync(sick, "1\n");
  await bothMaster(b);
  for (const name of ["OUT", "IN"]) {
    t.true((await a.becomes("FAULT", name)).faults.includes("track_file:sick"));
  }
});

test.serial(
  "a group of duet and a sync group of keepalived hand over to each other whole",
  async (t) => {
    const a = await startDuet(t, groupText("here", 150));
    await bothMaster(a);
    await startKeepalived(
      t,
      pair.there,
      [
        "vrrp_sync_group G1 {\n group {\n  OUT\n  IN\n }\n}",
        keepalivedMember("OUT", THERE.device, 1, OUTSIDE),
        keepalivedMember("IN", "in1", 2, INSIDE),
      ].join("\n"),
    );
    await eventually("both at keepalived", () => holders(pair.there).length === 2);
    await eventually("none here", () => holders(pair.here).length === 0);
    t.is((await a.status()).vrrp_sync_groups[0]?.state, "BACKUP");
  },
);

function told(log: string): readonly string[] {
  const lines = readFileSync(log, "utf8").split("\n");
  return lines.filter((line) => line.includes(" MASTER ")).toSorted();
}

function mixedText(priority: number): string {
  return [
    instanceText({ name: "FOUR", vrid: 11, priority, vips: [`${FOUR}/24`] }),
    instanceText({ name: "SIX", vrid: 11, priority, vips: [`${SIX_LINK}/64`, `${SIX}/64`] }),
    "[vrrp_sync_group.G1]\ngroup[] = FOUR\ngroup[] = SIX\n",
  ].join("\n");
}

function groupText(
  side: "here" | "there",
  priority: number,
  more: readonly string[] = [],
  each: readonly string[] = [],
): string {
  const outside = side === "here" ? HERE.device : THERE.device;
  const inside = side === "here" ? "in0" : "in1";
  return [
    instanceText({
      name: "OUT",
      vrid: 1,
      priority,
      interface: outside,
      vips: [`${OUTSIDE}/24`],
      more: each,
    }),
    instanceText({
      name: "IN",
      vrid: 2,
      priority,
      interface: inside,
      vips: [`${INSIDE}/24`],
      more: each,
    }),
    "[vrrp_sync_group.G1]",
    "group[] = OUT",
    "group[] = IN",
    ...more,
    "",
  ].join("\n");
}

function keepalivedMember(name: string, device: string, vrid: number, vip: string): string {
  return `vrrp_instance ${name} {
  interface ${device}
  virtual_router_id ${vrid}
  priority 200
  version 3
  advert_int 0.1
  virtual_ipaddress {
    ${vip}/24
  }
}`;
}

async function bothMaster(duet: Duet): Promise<void> {
  await duet.becomes("MASTER", "OUT");
  await duet.becomes("MASTER", "IN");
}

function holders(place: Place): readonly string[] {
  return [OUTSIDE, INSIDE].filter((address) => holds(place, address));
}
