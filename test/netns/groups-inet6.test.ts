// A pair of an IPv4 and an IPv6 instance in one sync group, duet on one side and keepalived on the other.

import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Place, type Teardown } from "../helpers/daemon-place.ts";
import { type Duet, startDuet } from "../helpers/duet.ts";
import { linkLocalOf } from "../helpers/netns.ts";
import { type Keepalived, startKeepalived } from "../helpers/peer-keepalived.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test, { ipv6: true });
await eventually(
  "link-local addresses",
  () => linkLocalOf(pair.here, HERE.device) !== "" && linkLocalOf(pair.there, THERE.device) !== "",
);

/** Masters are counted here: neither side may take the other for dead because the machine is busy. */
const ADVERT_S = 1;

function vipsOf(vrid: number): readonly [readonly string[], readonly string[]] {
  return [[`10.9.0.${100 + vrid}/24`], [`fe80::5:${vrid}/64`, `2001:db8::${vrid}/128`]];
}

function duetText(vrid: number, priority: number, device: string): string {
  const [inet4, inet6] = vipsOf(vrid);
  const common = { vrid, priority, interface: device, advertS: ADVERT_S };
  return [
    instanceText({ ...common, name: "V4", vips: inet4 }),
    instanceText({ ...common, name: "V6", vips: inet6 }),
    "[vrrp_sync_group.G]\ngroup[] = V4\ngroup[] = V6\n",
  ].join("\n");
}

async function duet(t: Teardown, vrid: number, priority: number): Promise<Duet> {
  return startDuet(t, duetText(vrid, priority, HERE.device));
}

async function keepalived(t: Teardown, vrid: number, priority: number): Promise<Keepalived> {
  const members = vipsOf(vrid).map(
    (vips, i) => `vrrp_instance V${i === 0 ? 4 : 6} {
  interface ${THERE.device}
  virtual_router_id ${vrid}
  priority ${priority}
  version 3
  advert_int ${ADVERT_S}
  virtual_ipaddress {
    ${vips.join("\n    ")}
  }
}`,
  );
  const group = "vrrp_sync_group G {\n group {\n  V4\n  V6\n }\n}";
  return startKeepalived(t, pair.there, [group, ...members].join("\n"));
}

async function allAt(vrid: number, owner: Place): Promise<void> {
  const addresses = [`10.9.0.${100 + vrid}`, `2001:db8::${vrid}`];
  const other = owner === pair.here ? pair.there : pair.here;
  await eventually(
    "both families on one side, none on the other",
    () =>
      addresses.every((each) => holds(owner, each)) &&
      !addresses.some((each) => holds(other, each)),
  );
}

test.serial("both families move to keepalived with the higher priority, and back", async (t) => {
  const node = await duet(t, 1, 100);
  await allAt(1, pair.here);
  const peer = await keepalived(t, 1, 150);
  await allAt(1, pair.there);
  await peer.stop();
  await allAt(1, pair.here);
  t.deepEqual(
    (await node.status()).vrrp_instances.map(({ state, counters }) => [
      state,
      counters.became_master,
    ]),
    [
      ["MASTER", 2],
      ["MASTER", 2],
    ],
  );
});

test.serial("duet with the higher priority takes both families from keepalived", async (t) => {
  await keepalived(t, 2, 100);
  await allAt(2, pair.there);
  const node = await duet(t, 2, 150);
  await allAt(2, pair.here);
  t.is((await node.status()).vrrp_sync_groups[0]?.state, "MASTER");
  node.signal("SIGTERM");
  await allAt(2, pair.there);
});

test.serial(
  "two duets of equal priorities settle, whatever the order of their addresses",
  async (t) => {
    // The link-local addresses come from the cards: in about half of the runs their order contradicts the IPv4 one.
    const here = await duet(t, 3, 100);
    const there = await startDuet(t, duetText(3, 100, THERE.device), { place: pair.there });
    const sides = [here, there];
    await eventually("one owner of both", async () => {
      const states = await Promise.all(
        sides.map(async (side) => (await side.status()).vrrp_instances),
      );
      return (
        states
          .map((each) => each.map(({ state }) => state).join())
          .toSorted()
          .join(" ") === "BACKUP,BACKUP MASTER,MASTER"
      );
    });
    const before = await Promise.all(
      sides.map(async (side) => (await side.instance("V4")).counters),
    );
    await eventually("ten more adverts", async () => {
      const now = await Promise.all(
        sides.map(async (side) => (await side.instance("V4")).counters),
      );
      return now.some(({ adverts_sent: sent }, i) => sent >= (before[i]?.adverts_sent ?? 0) + 10);
    });
    const after = await Promise.all(
      sides.map(async (side) => (await side.instance("V4")).counters),
    );
    t.deepEqual(
      after.map((counters) => counters.became_master),
      before.map((counters) => counters.became_master),
    );
  },
);
