// use_ipvlan and vrf on a kernel that has them: two directors and a client on one switch, keepalived as the other director.

import { HERE, instanceText, THERE } from "../../build/test/helpers/daemon-pair.js";
import { holds } from "../../build/test/helpers/daemon-place.js";
import { startDuet } from "../../build/test/helpers/duet.js";
import { ip } from "../../build/test/helpers/netns.js";
import { keepalivedInstance, startKeepalived } from "../../build/test/helpers/peer-keepalived.js";
import { openSegment } from "../../build/test/helpers/segment.js";
import { sniff } from "../../build/test/helpers/sniff.js";
import { eventually } from "../../build/test/helpers/wait.js";
import { test } from "./lab.mjs";

const VIP = "10.9.0.51";
const SOURCE = "10.9.0.7";
const LINK = "vrrp.51";
const DEADLINE_MS = 30_000;
let segment;

test.before(async () => {
  segment = await openSegment();
});
test.after.always("the segment goes", () => segment?.close());

test("addresses and adverts are on the ipvlan; keepalived takes over and hands back", async (t) => {
  const sniffer = await sniff(t, segment.client, "eth0");
  const common = { vrid: 51, vips: [`${VIP}/24`] };
  const duet = await startDuet(
    t,
    instanceText({ ...common, priority: 100, more: [`use_ipvlan = ${SOURCE}`] }),
  );
  const { virtual_interface, virtual_mac } = await duet.becomes("MASTER", undefined, DEADLINE_MS);
  t.deepEqual([virtual_interface, virtual_mac], [LINK, null]);
  await eventually("the client reaches duet", () => segment.reaches(VIP), DEADLINE_MS);
  t.regex(ip(`-d link show ${LINK}`), /ipvlan {2}mode l2 bridge/);
  t.regex(ip(`address show dev ${LINK}`), new RegExp(`inet ${VIP}/24`));
  const below = /link\/ether (\S+)/.exec(ip(`link show ${HERE.device}`))?.[1];
  t.is(segment.macSeen(VIP), below);
  const adverts = sniffer.adverts({ vrid: 51 });
  t.deepEqual(
    [...new Set(adverts.map(({ mac, source }) => `${mac} ${source}`))],
    [`${below} ${SOURCE}`],
  );

  const keepalived = await startKeepalived(
    t,
    segment.there,
    keepalivedInstance({
      ...common,
      interface: THERE.device,
      priority: 200,
      version: 3,
      advertS: 0.1,
      vips: common.vips,
    }),
  );
  await keepalived.becomes("MASTER", DEADLINE_MS);
  await duet.becomes("BACKUP", undefined, DEADLINE_MS);
  t.false(holds(segment.here, VIP));
  await eventually("the client reaches keepalived", () => segment.reaches(VIP), DEADLINE_MS);
  await keepalived.stop();
  await duet.becomes("MASTER", undefined, DEADLINE_MS);
  await eventually("the client reaches duet again", () => segment.reaches(VIP), DEADLINE_MS);
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.false(ip("link show").includes(LINK));
});

test("vrf takes the place of the interface: keepalived takes over and hands back, a VMAC follows its interface into the VRF", async (t) => {
  const enter = () => {
    ip("link add blue type vrf table 10");
    ip("link set blue up");
    ip(`link set ${HERE.device} master blue`);
  };
  enter();
  t.teardown(() => ip("link delete blue"));
  const common = { vrid: 52, vips: [`10.9.0.52/24 dev ${HERE.device}`], advertS: 0.5 };
  const inVrf = instanceText({
    ...common,
    priority: 100,
    more: [`unicast_src_ip = ${HERE.address}`, `unicast_peer[] = ${THERE.address}`],
  }).replace(`interface = ${HERE.device}`, "vrf = blue");
  const onVmac = instanceText({
    name: "VMAC",
    vrid: 53,
    priority: 100,
    advertS: 0.5,
    vips: ["10.9.0.53/24"],
    more: ["use_vmac"],
  });
  const duet = await startDuet(t, `${inVrf}${onVmac}`);
  const { interface: device } = await duet.becomes("MASTER", "VI", DEADLINE_MS);
  t.is(device, "blue");
  await duet.becomes("MASTER", "VMAC", DEADLINE_MS);
  t.regex(ip("link show vrrp.53"), /master blue/);
  for (const vip of ["10.9.0.52", "10.9.0.53"]) {
    await eventually(`the client reaches ${vip}`, () => segment.reaches(vip), DEADLINE_MS);
  }

  const keepalived = await startKeepalived(
    t,
    segment.there,
    keepalivedInstance({
      ...common,
      interface: THERE.device,
      priority: 200,
      version: 3,
      vips: ["10.9.0.52/24"],
      more: `unicast_src_ip ${THERE.address}\n  unicast_peer {\n    ${HERE.address}\n  }`,
    }),
  );
  await keepalived.becomes("MASTER", DEADLINE_MS);
  await duet.becomes("BACKUP", "VI", DEADLINE_MS);
  t.false(holds(segment.here, "10.9.0.52"));
  await keepalived.stop();
  await duet.becomes("MASTER", "VI", DEADLINE_MS);

  ip("link delete blue");
  const { faults } = await duet.becomes("FAULT", "VI", DEADLINE_MS);
  t.deepEqual(faults, ["interface_missing"]);
  const isOut = () => !ip("link show vrrp.53").includes("master");
  await eventually("the VMAC leaves the VRF", isOut, DEADLINE_MS);
  await eventually("the client reaches it", () => segment.reaches("10.9.0.53"), DEADLINE_MS);
  enter();
  await duet.becomes("MASTER", "VI", DEADLINE_MS);
  const isIn = () => ip("link show vrrp.53").includes("master blue");
  await eventually("the VMAC follows its interface", isIn, DEADLINE_MS);
  for (const vip of ["10.9.0.52", "10.9.0.53"]) {
    await eventually(`the client reaches ${vip} again`, () => segment.reaches(vip), DEADLINE_MS);
  }
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
});
