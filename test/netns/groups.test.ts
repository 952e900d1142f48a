// Sync groups: the outside and the inside of a NAT director move together, whatever happens to one of them.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Place } from "../helpers/daemon-place.ts";
import { type Duet, startDuet } from "../helpers/duet.ts";
import { startKeepalived } from "../helpers/peer-keepalived.ts";
import { eventually } from "../helpers/wait.ts";

const OUTSIDE = "10.9.0.100";
const INSIDE = "10.8.0.100";

const pair = await openPair(test);
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

function groupText(side: "here" | "there", priority: number, more: readonly string[] = []): string {
  const outside = side === "here" ? HERE.device : THERE.device;
  const inside = side === "here" ? "in0" : "in1";
  return [
    instanceText({ name: "OUT", vrid: 1, priority, interface: outside, vips: [`${OUTSIDE}/24`] }),
    instanceText({ name: "IN", vrid: 2, priority, interface: inside, vips: [`${INSIDE}/24`] }),
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
