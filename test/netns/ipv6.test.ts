// VRRP over IPv6 (RFC 5798 §5.1.2, §6.4): duet with duet, duet with keepalived, and what Wireshark says of our packets.

import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Teardown } from "../helpers/daemon-place.ts";
import { type Duet, killQuietly, startDuet } from "../helpers/duet.ts";
import { linkLocalOf } from "../helpers/netns.ts";
import {
  type Keepalived,
  keepalivedInstance,
  startKeepalived,
} from "../helpers/peer-keepalived.ts";
import { sniff } from "../helpers/sniff.ts";
import { complaints, fields } from "../helpers/tshark.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test, { ipv6: true });
await eventually(
  "link-local addresses",
  () => linkLocalOf(pair.here, HERE.device) !== "" && linkLocalOf(pair.there, THERE.device) !== "",
);
const OWN = linkLocalOf(pair.here, HERE.device);
const OTHER = linkLocalOf(pair.there, THERE.device);
const at = { interface: THERE.device } as const;
/** A master that gets no processor for three of them lets go, and that is right. */
const ADVERT_S = 0.3;

function vipsOf(vrid: number): readonly string[] {
  return [`fe80::5:${vrid}/64`, `2001:db8::${vrid}/128`];
}

/** keepalived beside it, the same virtual router. */
async function peerOf(t: Teardown, vrid: number, priority: number): Promise<Keepalived> {
  const common = { vrid, priority, version: 3 as const, advertS: ADVERT_S, vips: vipsOf(vrid) };
  return startKeepalived(t, pair.there, keepalivedInstance({ ...at, ...common }));
}

async function nodeOf(t: Teardown, vrid: number, priority: number): Promise<Duet> {
  return startDuet(t, instanceText({ vrid, priority, advertS: ADVERT_S, vips: vipsOf(vrid) }));
}

test.serial("two duets elect; the last will says priority 0 to ff02::12", async (t) => {
  const vrid = 1;
  const sniffer = await sniff(t, pair.there, THERE.device);
  const high = await nodeOf(t, vrid, 200);
  await high.becomes("MASTER");
  const low = await startDuet(
    t,
    instanceText({ ...at, vrid, priority: 100, advertS: ADVERT_S, vips: vipsOf(vrid) }),
    {
      place: pair.there,
    },
  );
  await eventually("the backup hears it", async () => (await low.instance()).master !== null);
  t.deepEqual((await low.instance()).master, { address: OWN, priority: 200 });
  t.is((await low.instance()).state, "BACKUP");
  t.is((await low.instance()).counters.address_list_mismatch, 0);
  killQuietly(await high.pidOf("vrrp"), "SIGKILL");
  await eventually(
    "priority 0",
    () => sniffer.adverts({ vrid, priority: 0, source: OWN }).length > 0,
  );
  await low.becomes("MASTER");
  t.deepEqual(
    new Set(
      sniffer
        .adverts({ vrid })
        .map(({ destination, ttl, version }) => [destination, ttl, version].join()),
    ),
    new Set(["ff02::12,255,3"]),
  );
});

test.serial(
  "virtual addresses are usable at once, and without a network never preferred",
  async (t) => {
    const duet = await nodeOf(t, 2, 150);
    await duet.becomes("MASTER");
    const shown = pair.here.run(`ip -6 address show dev ${HERE.device}`);
    t.regex(
      shown,
      /inet6 2001:db8::2\/128 scope global[^\n]* nodad[^\n]* deprecated|inet6 2001:db8::2\/128 scope global[^\n]* deprecated[^\n]* nodad/,
    );
    t.regex(shown, /inet6 fe80::5:2\/64 scope link[^\n]* nodad/);
    t.notRegex(shown, /2001:db8::2[^\n]*tentative/);
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.false(holds(pair.here, "2001:db8::2") || holds(pair.here, "fe80::5:2"));
  },
);

test.serial(
  "duet with the higher priority takes over from keepalived, and gives back",
  async (t) => {
    const vrid = 3;
    const peer = await peerOf(t, vrid, 100);
    await peer.becomes("MASTER");
    const node = await nodeOf(t, vrid, 150);
    await node.becomes("MASTER");
    await peer.becomes("BACKUP");
    await eventually("one holder", () => {
      return vipsOf(vrid).every((vip) => {
        const address = vip.split("/")[0] ?? "";
        return holds(pair.here, address) && !holds(pair.there, address);
      });
    });
    node.signal("SIGTERM");
    await node.ended;
    await peer.becomes("MASTER");
    t.true(holds(pair.there, `2001:db8::${vrid}`) && !holds(pair.here, `2001:db8::${vrid}`));
    await peer.stop(); // killed, it would leave a link-local address behind, and the next one would speak from that
  },
);

test.serial("duet yields to keepalived, and takes over when it stops or dies", async (t) => {
  const vrid = 4;
  const node = await nodeOf(t, vrid, 100);
  await node.becomes("MASTER");
  const peer = await peerOf(t, vrid, 150);
  const { cause, master } = await node.becomes("BACKUP");
  t.is(cause, "higher_priority_advert");
  t.deepEqual(master, { address: OTHER, priority: 150 });
  await peer.stop();
  t.is((await node.becomes("MASTER")).cause, "priority_zero_received");
  const again = await peerOf(t, vrid, 150);
  await node.becomes("BACKUP");
  await eventually("duet hears it", async () => (await node.instance()).master !== null);
  again.killAll();
  t.is((await node.becomes("MASTER")).cause, "master_down_timer");
  for (const vip of vipsOf(vrid)) {
    if (holds(pair.there, vip.split("/")[0] ?? "")) {
      pair.there.run(`ip address del ${vip} dev ${THERE.device}`);
    }
  }
});

test.serial("without a link-local address it is a FAULT", async (t) => {
  pair.here.run(`ip address del ${OWN}/64 dev ${HERE.device}`);
  const duet = await nodeOf(t, 5, 100);
  t.deepEqual((await duet.becomes("FAULT")).faults, ["no_source_address"]);
  pair.here.run(`ip address add ${OWN}/64 dev ${HERE.device} nodad`);
  await duet.becomes("MASTER");
});

test.serial(
  "an IPv4 and an IPv6 instance with one vrid on one interface are two routers",
  async (t) => {
    const vrid = 6;
    const duet = await startDuet(
      t,
      instanceText({ name: "V4", vrid, priority: 150, vips: ["10.9.0.106/24"] }) +
        instanceText({ name: "V6", vrid, priority: 150, vips: vipsOf(vrid) }) +
        "[vrrp_sync_group.G]\ngroup[] = V4\ngroup[] = V6\n",
    );
    await duet.becomes("MASTER", "V4");
    await duet.becomes("MASTER", "V6");
    t.true(holds(pair.here, "10.9.0.106") && holds(pair.here, "2001:db8::6"));
  },
);

test.serial("IPv6 unicast peers: from unicast_src_ip, with its own hop limit", async (t) => {
  pair.here.run(`ip address add 2001:db8:1::1/64 dev ${HERE.device} nodad`);
  pair.there.run(`ip address add 2001:db8:1::2/64 dev ${THERE.device} nodad`);
  const common = { vrid: 7, vips: vipsOf(7) };
  const sniffer = await sniff(t, pair.there, THERE.device);
  const more = (own: number, peer: number): readonly string[] => [
    `unicast_src_ip = 2001:db8:1::${own}`,
    `unicast_peer[] = 2001:db8:1::${peer} min_ttl 60 max_ttl 64`,
    "unicast_ttl = 64",
  ];
  const low = await startDuet(
    t,
    instanceText({ ...at, ...common, priority: 100, more: more(2, 1) }),
    { place: pair.there },
  );
  const high = await startDuet(t, instanceText({ ...common, priority: 200, more: more(1, 2) }));
  await high.becomes("MASTER");
  await eventually(
    "the backup hears it",
    async () => (await low.instance()).master?.address === "2001:db8:1::1",
  );
  const ways = sniffer.adverts({ vrid: 7, priority: 200 });
  t.true(ways.length > 0);
  t.true(ways.every(({ ttl, destination }) => ttl === 64 && destination === "2001:db8:1::2"));
});

test.serial(
  "tshark finds nothing wrong with adverts, priority 0 and neighbour advertisements",
  async (t) => {
    const vrid = 8;
    const sniffer = await sniff(t, pair.there, THERE.device);
    const duet = await nodeOf(t, vrid, 150);
    await duet.becomes("MASTER");
    await eventually("adverts", () => sniffer.adverts({ vrid, priority: 150 }).length > 1);
    duet.signal("SIGTERM");
    await eventually("priority 0", () => sniffer.adverts({ vrid, priority: 0 }).length > 0);
    await sniffer.close();
    const mac = /link\/ether (\S+)/.exec(pair.here.run(`ip link show dev ${HERE.device}`))?.[1];
    const right = (priority: number): string =>
      ["33:33:00:00:00:12", OWN, "ff02::12", 255, "0xc0", 3, priority, 2, 1, ""].join("\t");
    const adverts = fields(sniffer.file, "vrrp", [
      "eth.dst",
      "ipv6.src",
      "ipv6.dst",
      "ipv6.hlim",
      "ipv6.tclass",
      "vrrp.version",
      "vrrp.prio",
      "vrrp.addr_count",
      "vrrp.checksum.status",
      "_ws.expert",
    ]);
    t.deepEqual(
      new Set(adverts.map((line) => line.replace("0x000000c0", "0xc0"))),
      new Set([right(150), right(0)]),
    );
    const told = fields(
      sniffer.file,
      // Not what the kernel answers when it is asked for the address.
      `icmpv6.nd.na.target_address==2001:db8::${vrid} && icmpv6.nd.na.flag.s==0`,
      [
        "eth.dst",
        "eth.src",
        "ipv6.dst",
        "ipv6.hlim",
        "icmpv6.opt.linkaddr",
        "icmpv6.checksum.status",
        "_ws.expert",
      ],
    );
    t.true(told.length >= 5);
    t.deepEqual(
      new Set(told),
      new Set([["33:33:00:00:00:01", mac, "ff02::1", 255, mac, 1, ""].join("\t")]),
    );
    const ours = `icmpv6.nd.na.target_address==2001:db8::${vrid} && eth.dst==33:33:00:00:00:01`;
    const flags = fields(sniffer.file, ours, [
      "icmpv6.nd.na.flag.r",
      "icmpv6.nd.na.flag.s",
      "icmpv6.nd.na.flag.o",
    ]);
    t.deepEqual(
      new Set(flags.map((line) => line.replaceAll("False", "0").replaceAll("True", "1"))),
      new Set(["0\t0\t1"]),
    );
    t.deepEqual(complaints(sniffer.file), []);
  },
);

test.serial("one link-local gateway on two LANs: held on both, and gone from both", async (t) => {
  pair.here.run("ip link add lan2 type veth peer name lan2p");
  for (const end of ["lan2p", "lan2"]) pair.here.run(`ip link set ${end} up`);
  t.teardown(() => pair.here.run("ip link delete lan2"));
  const gateway = { priority: 100, vips: ["fe80::1/64"] };
  const duet = await startDuet(
    t,
    instanceText({ ...gateway, name: "A", vrid: 61 }) +
      instanceText({ ...gateway, name: "B", vrid: 62, interface: "lan2" }),
  );
  const holders = (): string =>
    pair.here
      .run("ip -o -6 address show to fe80::1")
      .split("\n")
      .flatMap((line) => line.split(/\s+/)[1] ?? [])
      .sort()
      .join(" ");
  await eventually("both LANs to have it", () => holders() === `${HERE.device} lan2`);
  pair.here.run(`ip -6 address delete fe80::1/64 dev lan2`);
  await eventually("what somebody took off to be back", () => holders() === `${HERE.device} lan2`);
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.is(holders(), "");
});
