// use_vmac (RFC 5798 §7.3, §8.1.2): the virtual MAC moves with the addresses, between duet and duet, duet and keepalived.

import { readFileSync } from "node:fs";
import test from "ava";
import { HERE, instanceText, THERE, withoutMilliseconds } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { duetCommand, killAtOnce, killQuietly, startDuet } from "../helpers/duet.ts";
import { ip, sysctl } from "../helpers/netns.ts";
import { keepalivedInstance, startKeepalived } from "../helpers/peer-keepalived.ts";
import { openSegment } from "../helpers/segment.ts";
import { sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const segment = await openSegment();
test.after.always("the segment goes", () => segment.close());
const at = { interface: THERE.device } as const;

// A test that ends leaves its daemons to SIGKILL: what they changed would be what the next one finds.
test.afterEach.always(() => {
  for (const setting of ["arp_ignore", "arp_announce"])
    sysctl(`net.ipv4.conf.${HERE.device}.${setting}=0`);
});

function router(vrid: number, priority: number, more: readonly string[] = []) {
  const vip = `10.9.0.${100 + vrid}`;
  const name = `vrrp.${vrid}`;
  const mac = `00:00:5e:00:01:${vrid.toString(16).padStart(2, "0")}`;
  const common = { vrid, vips: [`${vip}/24`] };
  const text = instanceText({ ...common, priority, more: ["use_vmac", ...more] });
  const peer = (peerPriority: number): string =>
    keepalivedInstance({
      ...at,
      ...common,
      priority: peerPriority,
      version: 3,
      advertS: 0.1,
      more: "use_vmac",
    });
  return { vip, name, mac, text, peer };
}

test.serial(
  "duet takes over from keepalived and hands back: the client's ARP entry stays as it is",
  async (t) => {
    const { vip, name, mac, text, peer } = router(1, 200);
    const sniffer = await sniff(t, segment.client, "eth0");
    const keepalived = await startKeepalived(t, segment.there, peer(100));
    await keepalived.becomes("MASTER");
    await eventually("the client reaches keepalived", () => segment.reaches(vip));

    const duet = await startDuet(t, text);
    const { virtual_interface, virtual_mac } = await duet.becomes("MASTER");
    t.deepEqual([virtual_interface, virtual_mac], [name, mac]);
    await keepalived.becomes("BACKUP");
    t.is(segment.macSeen(vip), mac);
    await eventually(
      "the client reaches duet",
      () => segment.reaches(vip) && holds(segment.here, vip),
    );
    t.is(segment.macSeen(vip), mac);
    t.regex(ip(`address show dev ${name}`), new RegExp(`inet ${vip}/24`));

    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    await keepalived.becomes("MASTER");
    await eventually("the client reaches keepalived again", () => segment.reaches(vip));
    const own = sniffer.adverts({ vrid: 1, source: HERE.address });
    t.true(own.some(({ priority }) => priority === 0));
    t.deepEqual([...new Set(own.map((advert) => advert.mac))], [mac]);
    t.true(sniffer.announcements(vip).length > 0);
    t.deepEqual(
      [...new Set(sniffer.announcements(vip).map((arp) => arp.mac))],
      [mac.replaceAll(":", "")],
    );
  },
);

test.serial(
  "keepalived comes back with a higher priority: duet hears it with its own MAC as source, and yields",
  async (t) => {
    const { vip, mac, text, peer } = router(2, 100);
    const duet = await startDuet(t, text);
    await duet.becomes("MASTER");
    await eventually("the client reaches duet", () => segment.reaches(vip));
    const keepalived = await startKeepalived(t, segment.there, peer(200));
    await keepalived.becomes("MASTER");
    const { cause, master } = await duet.becomes("BACKUP");
    t.is(cause, "higher_priority_advert");
    t.deepEqual(master, { address: THERE.address, priority: 200 });
    await eventually("the client reaches keepalived", () => segment.reaches(vip));
    t.is(segment.macSeen(vip), mac);
    t.false(holds(segment.here, vip));
    const { counters } = await duet.instance();
    t.is(counters.adverts_received > 0, true);
    t.deepEqual(rejectedOf(counters.rejected), []);
    await keepalived.stop();
    await duet.becomes("MASTER");
    await eventually("the client reaches duet again", () => segment.reaches(vip));
    t.is(segment.macSeen(vip), mac);
  },
);

test.serial(
  "two masters of a healed split hear each other though both have the same MAC",
  async (t) => {
    const { vip, name, text } = router(3, 200);
    const high = await startDuet(t, text);
    await high.becomes("MASTER");
    const low = await startDuet(
      t,
      text.replace("priority = 200", "priority = 100").replace(HERE.device, THERE.device),
      {
        place: segment.there,
      },
    );
    await low.becomes("BACKUP");
    t.regex(
      segment.there.run(`ip link show ${name}`),
      /state DOWN/,
      "a backup takes no such frame",
    );
    segment.plug(false);
    await low.becomes("MASTER");
    await eventually("the low one serves", () => segment.reaches(vip));
    segment.plug(true);
    await low.becomes("BACKUP");
    t.is((await high.instance()).state, "MASTER");
    await eventually("the client reaches the winner", () => segment.reaches(vip));
    t.true(holds(segment.here, vip));
    t.false(holds(segment.there, vip));
  },
);

test.serial(
  "SIGKILL of vrrp: priority 0 has the virtual MAC, and the next process is master again",
  async (t) => {
    const { vip, name, mac, text } = router(4, 200);
    const sniffer = await sniff(t, segment.client, "eth0");
    const duet = await startDuet(t, text);
    await duet.becomes("MASTER");
    await eventually("the client reaches duet", () => segment.reaches(vip));
    duet.write(text); // the same again
    killQuietly(await duet.pidOf("vrrp"), "SIGKILL");
    await eventually("priority 0", () => sniffer.adverts({ vrid: 4, priority: 0 }).length === 1);
    t.is(sniffer.adverts({ vrid: 4, priority: 0 })[0]?.mac, mac);
    await duet.said({ msg: "last will of the vrrp role carried out" });
    await eventually("a new process is master", async () => {
      const now = await duet.instance().catch(() => undefined);
      return now?.state === "MASTER" && now.counters.became_master === 1;
    });
    await eventually("the client reaches it", () => segment.reaches(vip));
    duet.signal("SIGTERM");
    await duet.ended;
    assertClean(t, name);
  },
);

test.serial(
  "everything is killed: the settings are as before and no link is left after the next run, or duet release",
  async (t) => {
    withoutMilliseconds(t, segment);
    const { vip, name, text } = router(5, 200);
    for (const how of ["start", "release"] as const) {
      const duet = await startDuet(t, text);
      await duet.becomes("MASTER");
      t.is(settingOf("arp_ignore"), "1");
      killAtOnce(duet);
      t.true(isThere(name));
      await eventually("no owner", () => !holds(segment.here, vip));
      if (how === "start") {
        const next = await startDuet(t, text, { runDir: duet.runDir });
        await next.becomes("MASTER");
        await eventually("the client reaches it", () => segment.reaches(vip));
        t.is(settingOf("arp_ignore"), "1");
        next.signal("SIGTERM");
        t.is(await next.ended, 0);
      } else {
        const { code, output } = await duetCommand(["release", "--run-dir", duet.runDir]);
        t.is(code, 0);
        t.regex(output, new RegExp(`removed interface ${name}`));
      }
      assertClean(t, name);
    }
    const bare = instanceText({ vrid: 6, priority: 100, vips: ["10.9.0.106/24"] });
    const crashed = await startDuet(t, text);
    await crashed.becomes("MASTER");
    killAtOnce(crashed);
    const without = await startDuet(t, bare, { runDir: crashed.runDir });
    await without.said({ msg: "virtual interface of an earlier run removed" });
    assertClean(t, name);
  },
);

test.serial(
  "the link is removed, put down, or goes with the one below: duet is master again with it",
  async (t) => {
    const { vip, name, text } = router(7, 200);
    const duet = await startDuet(t, text);
    await duet.becomes("MASTER");
    await eventually("the client reaches duet", () => segment.reaches(vip));
    ip(`link set ${name} down`);
    await duet.said({ msg: "virtual interface was down while master, put up" });
    await eventually("reached after down", () => segment.reaches(vip));
    ip(`link del ${name}`);
    await eventually("reached after removal", () => isThere(name) && segment.reaches(vip));
    t.is((await duet.instance()).counters.became_master, 1);
    // Not deleted: the far end of the pair would go with it. Another name is the same to who looks for the first one.
    ip(`link set ${HERE.device} down`);
    ip(`link set ${HERE.device} name gone0`);
    await eventually("FAULT", async () =>
      (await duet.instance()).faults.includes("interface_missing"),
    );
    t.false(holds(segment.here, vip));
    ip(`link set gone0 name ${HERE.device}`);
    ip(`link set ${HERE.device} up`);
    await duet.becomes("MASTER");
    await eventually("reached again", () => segment.reaches(vip));
    duet.signal("SIGTERM");
    await duet.ended;
    assertClean(t, name);
  },
);

test.serial(
  "vmac_xmit_base: adverts leave by the interface below, announcements by the virtual one",
  async (t) => {
    const { vip, mac, text } = router(8, 200, ["vmac_xmit_base"]);
    const sniffer = await sniff(t, segment.client, "eth0");
    const duet = await startDuet(t, text);
    await duet.becomes("MASTER");
    await eventually("the client reaches duet", () => segment.reaches(vip));
    t.is(segment.macSeen(vip), mac);
    const below = /link\/ether (\S+)/.exec(ip(`link show ${HERE.device}`))?.[1];
    t.deepEqual([...new Set(sniffer.adverts({ vrid: 8 }).map((advert) => advert.mac))], [below]);
  },
);

test.serial(
  "an interface of somebody else with the name is a FAULT that says so, and left alone",
  async (t) => {
    const { name, text } = router(9, 200);
    ip(`link add ${name} type bridge`);
    t.teardown(() => void ip(`link del ${name}`));
    const duet = await startDuet(t, text);
    const { faults } = await duet.becomes("FAULT");
    t.deepEqual(faults, ["virtual_interface_missing"]);
    const { error } = await duet.said({ msg: "virtual interface not made" });
    t.regex(String(error), /there is an interface of this name that is not duet's/);
    duet.signal("SIGTERM");
    await duet.ended;
    t.true(isThere(name));
  },
);

function isThere(name: string): boolean {
  return ip("-o link show").includes(` ${name}@`) || ip("-o link show").includes(` ${name}:`);
}

function settingOf(setting: string): string {
  return readFileSync(`/proc/sys/net/ipv4/conf/${HERE.device}/${setting}`, "utf8").trim();
}

function assertClean(
  t: { is: (a: unknown, b: unknown, m?: string) => unknown },
  name: string,
): void {
  t.is(isThere(name), false, "no link");
  t.is(settingOf("arp_ignore"), "0");
  t.is(settingOf("arp_announce"), "0");
}

function rejectedOf(rejected: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(rejected).flatMap(([reason, count]) => (count > 0 ? [reason] : []));
}

test.serial(
  "use_vmac_addr: an address on another interface has the virtual MAC there, adverts leave as ever, and a reload goes on",
  async (t) => {
    const sniffer = await sniff(t, segment.client, "eth0");
    segment.here.run("ip link add up0 type veth peer name up0p");
    segment.here.run("ip link set up0 up");
    segment.here.run("ip link set up0p up");
    const config = (last: string): string =>
      instanceText({
        vrid: 9,
        priority: 200,
        vips: ["10.9.0.109/24"],
        more: ["use_vmac_addr", "virtual_ipaddress_excluded[] = 10.66.0.9/24 dev up0", last],
      });
    const duet = await startDuet(t, config(""));
    await duet.becomes("MASTER");
    const link = (): string => segment.here.run("ip -d link show vrrp.9");
    t.regex(link(), /vrrp\.9@up0:.*\bUP\b/);
    t.regex(link(), /link\/ether 00:00:5e:00:01:09/);
    t.regex(segment.here.run("ip address show dev vrrp.9"), /inet 10\.66\.0\.9\/24/);
    t.true(holds(segment.here, "10.9.0.109"));
    const macs = new Set(sniffer.adverts({ vrid: 9 }).map(({ mac }) => mac));
    t.false(macs.has("00:00:5e:00:01:09"));

    duet.write(config("virtual_ipaddress_excluded[] = 2001:db8:66::9/64 dev up0"));
    duet.signal("SIGHUP");
    await eventually("the second link to have its address", () =>
      /vrrp6\.9@up0 .* 2001:db8:66::9\//.test(segment.here.run("ip -6 -br address")),
    );
    t.regex(segment.here.run("ip address show dev vrrp.9"), /inet 10\.66\.0\.9\/24/);
    t.is((await duet.instance()).counters.became_master, 1);

    segment.here.run("ip link set up0p down");
    t.deepEqual((await duet.becomes("FAULT")).faults, ["track_interface:up0"]);
    t.notRegex(segment.here.run("ip address show dev vrrp.9"), /inet /);
    segment.here.run("ip link set up0p up");
    await duet.becomes("MASTER");

    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.throws(link);
  },
);
