// use_vmac over IPv6 (RFC 5798 §7.3, §8.2.2): adverts with the link-local source of the interface below and the virtual MAC,
// the first virtual address link-local too.

import { execFileSync } from "node:child_process";
import test from "ava";
import { HERE, instanceText, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { startDuet } from "../helpers/duet.ts";
import { ip, linkLocalOf } from "../helpers/netns.ts";
import { keepalivedInstance, startKeepalived } from "../helpers/peer-keepalived.ts";
import { openSegment } from "../helpers/segment.ts";
import { sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const segment = await openSegment({ ipv6: true });
test.after.always("the segment goes", () => segment.close());

const VRID = 7;
const MAC = "00:00:5e:00:02:07";
const LINK = "vrrp6.7";
const VIP = "2001:db8::7";
const GATEWAY = "fe80::5:7";
const common = { vrid: VRID, vips: [`${GATEWAY}/64`, `${VIP}/64`] };

test.before(async () => {
  ip(`address add 2001:db8::1/64 dev ${HERE.device}`);
  segment.there.run(`ip address add 2001:db8::2/64 dev ${THERE.device}`);
  segment.client.run("ip address add 2001:db8::9/64 dev eth0");
  await eventually(
    "link-local addresses",
    () =>
      linkLocalOf(segment.here, HERE.device) !== "" &&
      linkLocalOf(segment.there, THERE.device) !== "",
  );
});

test.serial(
  "duet and keepalived take over from each other; what duet sends has the virtual MAC, and no more addresses",
  async (t) => {
    const sniffer = await sniff(t, segment.client, "eth0");
    const duet = await startDuet(t, instanceText({ ...common, priority: 100, more: ["use_vmac"] }));
    const own = linkLocalOf(segment.here, HERE.device);
    await duet.becomes("MASTER");
    for (const address of [VIP, `${GATEWAY}%eth0`]) {
      await eventually(`the client reaches ${address}`, () => segment.reaches(address));
    }
    t.is(segment.macSeen(VIP), MAC);
    t.is(segment.macSeen(GATEWAY), MAC);
    const held = [...ip(`-6 -o address show dev ${LINK}`).matchAll(/inet6 (\S+)/g)];
    t.is(held.length, 2, "no address made of the virtual MAC");
    for (const vip of common.vips) t.true(held.some(([, address]) => address === vip));
    const adverts = sniffer.adverts({ vrid: VRID, source: own });
    t.true(adverts.length > 0);
    t.deepEqual(
      [...new Set(adverts.map((advert) => `${advert.mac} ${advert.ttl}`))],
      [`${MAC} 255`],
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
        more: "use_vmac",
      }),
    );
    await keepalived.becomes("MASTER");
    t.is((await duet.becomes("BACKUP")).cause, "higher_priority_advert");
    await eventually("the address given up", () => !holds(segment.here, VIP));
    await eventually("the link down", () => /state DOWN/.test(ip(`link show ${LINK}`)));
    await eventually("the client reaches keepalived", () => segment.reaches(VIP));
    await keepalived.stop();
    await duet.becomes("MASTER");
    await eventually("the client reaches duet again", () => segment.reaches(VIP));
    t.is(segment.macSeen(VIP), MAC);
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    await eventually(
      "priority 0",
      () => sniffer.adverts({ vrid: VRID, priority: 0, source: own }).length > 0,
    );
    await sniffer.close();
    const seen = ["-r", sniffer.file, "-Y", "vrrp || icmpv6.type == 136", "-V"];
    const text = execFileSync("tshark", seen, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    t.regex(text, /Virtual Rtr ID: 7/);
    t.notRegex(text, /Expert Info \((?:Warning|Error)/);
  },
);
