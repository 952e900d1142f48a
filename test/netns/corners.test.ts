// The corners of VRRP on a real wire: both forms of version 3's checksum, padded frames, groups of one's own, address
// lists that differ, long intervals, virtual routers of strangers.

import { execFileSync } from "node:child_process";
import test from "ava";
import { masterDownMs } from "../../src/vrrp/timers.ts";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { duetCommand, killQuietly, startDuet } from "../helpers/duet.ts";
import { keepalivedInstance, startKeepalived } from "../helpers/peer-keepalived.ts";
import { advertFrame, FORGED_MAC, sendFrames } from "../helpers/peer-packets.ts";
import { sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const AS_V2 = ["v3_checksum_as_v2 = yes"];
/** RFC 894: what is shorter is filled up. */
const ETHERNET_PAYLOAD_BYTES_MIN = 46;

test.serial("a short advert that Ethernet fills up is accepted, by its IP length", async (t) => {
  const routers = [
    { name: "V2", vrid: 2, version: 2, advertS: 1 },
    { name: "V3", vrid: 3, version: 3, advertS: 1 },
  ] as const;
  const duet = await startDuet(
    t,
    routers
      .map((each) => instanceText({ ...each, priority: 100, vips: [`10.9.0.${100 + each.vrid}`] }))
      .join(""),
  );
  for (const { name, vrid, version } of routers) {
    const advert = { vrid, version, advertIntervalMs: 1000, addresses: [`10.9.0.${100 + vrid}`] };
    const packetBytes = 20 + 8 + 4 + (version === 2 ? 8 : 0);
    const paddingBytes = ETHERNET_PAYLOAD_BYTES_MIN - packetBytes;
    t.true(paddingBytes > 0);
    const inside = (vrrp: Buffer): Buffer =>
      Buffer.concat([vrrp, Buffer.alloc(paddingBytes, 0xa5)]);
    await sendFrames(pair.there, [
      advertFrame(advert, { paddingBytes }),
      advertFrame(advert, { paddingBytes: paddingBytes + 4 }),
      advertFrame(advert, { spoil: inside }),
    ]);
    const { counters, master } = await duet.instance(name);
    t.is(counters.adverts_received, 2, name);
    t.is(counters.rejected["length"], 1, name);
    t.deepEqual(master, { address: THERE.address, priority: 254 });
  }
});

test.serial(
  "v3_checksum_as_v2: Wireshark and the other node agree, and either node may have it first",
  async (t) => {
    const sniffer = await sniff(t, pair.there, THERE.device);
    const common = { vrid: 4, vips: ["10.9.0.104/24"] };
    const low = await startDuet(
      t,
      instanceText({ ...common, priority: 100, interface: THERE.device }),
      { place: pair.there },
    );
    const high = await startDuet(t, instanceText({ ...common, priority: 200, more: AS_V2 }));
    await high.becomes("MASTER");
    await low.said({ msg: "checksums are not made as the master's", theirs: "bytes" });
    t.like(await low.instance(), { state: "BACKUP" });
    t.true((await low.instance()).counters.checksum_form_mismatch > 0);
    await sendFrames(pair.there, [
      advertFrame({ vrid: 4 }, { wrongSum: true }),
      advertFrame({ vrid: 4 }, { wrongSum: true, checksumAsV2: true }),
    ]);
    t.is((await high.instance()).counters.rejected["checksum"], 2);
    high.signal("SIGTERM");
    t.is((await low.becomes("MASTER")).cause, "priority_zero_received");
    await eventually("adverts of the other", () => sniffer.adverts({ source: THERE.address })[0]);
    await sniffer.close();
    for (const [source, asV2] of [
      [HERE.address, true],
      [THERE.address, false],
    ] as const) {
      const right = statuses(sniffer.file, source, asV2);
      t.deepEqual(right, new Set(["1"]), `${source}: the form that was asked for is right`);
      t.deepEqual(statuses(sniffer.file, source, !asV2), new Set(["0"]), "the other one is not");
    }
  },
);

/** Of the checksums of all honest adverts of one node, as Wireshark sees them: 1 = good, 0 = bad. */
function statuses(file: string, source: string, asV2: boolean): ReadonlySet<string> {
  const option = `vrrp.v3_checksum_as_in_v2:${asV2 ? "TRUE" : "FALSE"}`;
  const filter = `vrrp && ip.src==${source} && eth.src!=${FORGED_MAC} && vrrp.version==3 && vrrp.virt_rtr_id==4`;
  const wanted = ["-Y", filter, "-T", "fields", "-e", "vrrp.checksum.status"];
  const printed = execFileSync("tshark", ["-r", file, "-o", option, ...wanted], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return new Set(printed.trim().split("\n"));
}

test.serial(
  "a group of one's own: keepalived hears us there, the same vrid elects elsewhere, a death is told there",
  async (t) => {
    const group = "mcast_dst_ip = 224.0.0.77";
    const common = { vrid: 5, priority: 200, vips: ["10.9.0.105/24"] };
    const sniffer = await sniff(t, pair.there, THERE.device);
    const peer = await startKeepalived(
      t,
      pair.there,
      keepalivedInstance({
        ...common,
        interface: THERE.device,
        version: 3,
        advertS: 0.1,
        priority: 100,
        more: "mcast_dst_ip 224.0.0.77",
      }),
    );
    const duet = await startDuet(
      t,
      instanceText({ ...common, name: "OWN", more: [group] }) +
        instanceText({ ...common, name: "USUAL", vips: ["10.9.0.115/24"] }),
    );
    await duet.becomes("MASTER", "OWN");
    await duet.becomes("MASTER", "USUAL");
    await peer.becomes("BACKUP");
    t.is((await duet.instance("USUAL")).counters.adverts_received, 0);
    killQuietly(await duet.pidOf("vrrp"), "SIGKILL");
    await eventually("the last will, to both groups", () => {
      const goodbyes = sniffer.adverts({ vrid: 5, priority: 0 });
      return new Set(goodbyes.map(({ destination }) => destination)).size === 2;
    });
    t.true(
      sniffer
        .adverts({ vrid: 5, source: HERE.address })
        .every(({ destination, addresses }) =>
          destination === "224.0.0.77"
            ? addresses.includes("10.9.0.105")
            : addresses.includes("10.9.0.115"),
        ),
    );
  },
);

test.serial(
  "keepalived 2.2.7 takes our list in another order, and what is excluded is not in it",
  async (t) => {
    const common = { vrid: 6, version: 3, advertS: 0.1 } as const;
    const vips = ["10.9.0.106/24", "10.9.0.116/24"];
    const peer = await startKeepalived(
      t,
      pair.there,
      keepalivedInstance({ ...common, interface: THERE.device, priority: 100, vips }),
    );
    const more = ["virtual_ipaddress_excluded[] = 10.9.0.126/24"];
    const duet = await startDuet(
      t,
      instanceText({ ...common, priority: 200, vips: vips.toReversed(), more }),
    );
    await duet.becomes("MASTER");
    await peer.becomes("BACKUP");
    const heard = peer.lines().length;
    const { adverts_sent: sent } = (await duet.instance()).counters;
    await eventually(
      "three Master_Down_Intervals of adverts",
      async () => (await duet.instance()).counters.adverts_sent > sent + 12,
    );
    t.deepEqual(
      peer
        .lines()
        .slice(heard)
        .filter((line) => /VIP|Entering|address/i.test(line))
        .filter((line) => !line.endsWith("removing VIPs.")), // said after "Entering BACKUP STATE"
      [],
    );
    t.is((await duet.instance()).counters.became_master, 1);
  },
);

test.serial("a master's list that differs is told, and the master stays ours", async (t) => {
  const common = { vrid: 7, version: 3, advertS: 0.1 } as const;
  const peer = await startKeepalived(
    t,
    pair.there,
    keepalivedInstance({
      ...common,
      interface: THERE.device,
      priority: 200,
      vips: ["10.9.0.107/24", "10.9.0.117/24"],
    }),
  );
  await peer.becomes("MASTER");
  const text = (more: readonly string[]): string =>
    instanceText({ ...common, priority: 100, vips: ["10.9.0.107/24"], more });
  const duet = await startDuet(t, text([]));
  await duet.said({ msg: "address list differs from the master's", source: THERE.address });
  await eventually(
    "many adverts with it",
    async () => (await duet.instance()).counters.address_list_mismatch > 8,
  );
  t.like(await duet.instance(), { state: "BACKUP", master: { address: THERE.address } });
  duet.write(text(["skip_check_adv_addr = yes"]));
  t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
  const { counters } = await duet.instance();
  await eventually(
    "as many again",
    async () => (await duet.instance()).counters.adverts_received > counters.adverts_received + 8,
  );
  const after = (await duet.instance()).counters;
  t.true(after.address_list_mismatch <= counters.address_list_mismatch + 1, "compared once");
});

test.serial("version 3 learns an interval of 40.95 s, version 2 drops another one", async (t) => {
  const duet = await startDuet(
    t,
    instanceText({
      name: "V3",
      vrid: 8,
      advertS: 1,
      priority: 100,
      vips: ["10.9.0.108/24"],
      more: ["learned_advert_int_max = 0"],
    }) +
      instanceText({
        name: "V2",
        vrid: 9,
        version: 2,
        advertS: 1,
        priority: 100,
        vips: ["10.9.0.109/24"],
      }),
  );
  await sendFrames(pair.there, [
    advertFrame({ vrid: 8, advertIntervalMs: 40_950 }),
    advertFrame({ vrid: 9, version: 2, advertIntervalMs: 40_000 }),
  ]);
  const learned = await duet.instance("V3");
  const dueMs = masterDownMs({ version: 3, priority: 100 }, 40_950);
  t.is(learned.master_down_interval_ms, Math.round(dueMs));
  const dropped = await duet.instance("V2");
  t.is(dropped.counters.rejected["advert_interval"], 1);
  t.not(dropped.master?.address, THERE.address);
});

test.serial("unicast_fault_no_peer: no peer is a FAULT until a reload brings one", async (t) => {
  const sniffer = await sniff(t, pair.there, THERE.device);
  const text = (...peers: readonly string[]): string =>
    instanceText({
      vrid: 10,
      priority: 100,
      vips: ["10.9.0.110/24"],
      more: ["unicast_fault_no_peer", ...peers.map((peer) => `unicast_peer[] = ${peer}`)],
    });
  const duet = await startDuet(t, text());
  t.deepEqual((await duet.becomes("FAULT")).faults, ["no_unicast_peer"]);
  const reload = async (config: string): Promise<void> => {
    duet.write(config);
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
  };
  await reload(text(THERE.address));
  await duet.becomes("MASTER");
  await reload(text());
  await duet.becomes("FAULT");
  await eventually("goodbye to the peer", () => sniffer.adverts({ vrid: 10, priority: 0 })[0]);
  const ways = new Set(sniffer.adverts({ vrid: 10 }).map(({ destination }) => destination));
  t.deepEqual(ways, new Set([THERE.address]), "nothing went to the group");
});

test.serial(
  "adverts of unknown virtual routers are counted, and told when asked for",
  async (t) => {
    const text = instanceText({ vrid: 11, priority: 100, vips: ["10.9.0.111/24"] });
    const duet = await startDuet(t, text);
    const unknown = (): number =>
      duet.lines().filter(({ msg }) => msg === "advert of an unknown virtual router").length;
    await sendFrames(pair.there, [advertFrame({ vrid: 77 })], { times: 3, pauseMs: 1 });
    t.is((await duet.status()).vrrp_unknown_vrids, 3);
    t.is(unknown(), 0);
    duet.write(`[global]\nlog_unknown_vrids = yes\n${text}`);
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    await sendFrames(pair.there, [advertFrame({ vrid: 77 })], { times: 3, pauseMs: 1 });
    await duet.said({
      msg: "advert of an unknown virtual router",
      vrid: 77,
      source: THERE.address,
    });
    t.is((await duet.status()).vrrp_unknown_vrids, 6);
    t.is(unknown(), 1);
  },
);
