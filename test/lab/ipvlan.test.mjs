// use_ipvlan on a kernel that has it: two directors and a client on one switch, keepalived as the other director.

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
