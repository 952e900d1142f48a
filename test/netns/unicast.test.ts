// Adverts to peers instead of the group: duet with duet, duet with keepalived, and what is not heard.

import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { type Duet, killQuietly, startDuet } from "../helpers/duet.ts";
import { keepalivedInstance, startKeepalived } from "../helpers/peer-keepalived.ts";
import { advertFrame, sendFrames } from "../helpers/peer-packets.ts";
import { sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const FURTHER = "10.9.0.3";
pair.there.run(`ip address add ${FURTHER}/24 dev ${THERE.device}`);
const at = { interface: THERE.device } as const;
const toThere = [`unicast_peer[] = ${THERE.address}`];
const toHere = [`unicast_src_ip = ${THERE.address}`, `unicast_peer[] = ${HERE.address}`];

for (const version of [2, 3] as const) {
  test.serial(
    `version ${version}: a pair of unicast peers elects, and nothing goes to the group`,
    async (t) => {
      const vip = `10.9.0.${100 + version}`;
      const common = {
        vrid: version,
        version,
        advertS: version === 2 ? 1 : 0.1,
        vips: [`${vip}/24`],
      };
      const sniffer = await sniff(t, pair.there, THERE.device);
      const low = await startDuet(
        t,
        instanceText({ ...at, ...common, priority: 100, more: toHere }),
        { place: pair.there },
      );
      const high = await startDuet(t, instanceText({ ...common, priority: 200, more: toThere }));
      await high.becomes("MASTER");
      await eventually("the backup hears it", async () => (await low.instance()).master !== null);
      t.deepEqual((await low.instance()).master, { address: HERE.address, priority: 200 });
      high.signal("SIGTERM");
      t.is((await low.becomes("MASTER")).cause, "priority_zero_received");
      t.is(await high.ended, 0);
      t.true(holds(pair.there, vip) && !holds(pair.here, vip));
      const heard = sniffer.adverts({ vrid: version });
      t.true(heard.length > 2);
      const ways = new Set(heard.map(({ source, destination }) => `${source} ${destination}`));
      const right = [`${HERE.address} ${THERE.address}`, `${THERE.address} ${HERE.address}`];
      t.deepEqual([...ways].toSorted(), right);
      t.true(heard.every(({ ttl }) => ttl === 255));
    },
  );
}

/** After one advert it is MASTER again within 0.4 s, which is too short for a look on a busy machine. */
async function gaveWay(duet: Duet, instance = "VI"): Promise<void> {
  await duet.said({ instance, to: "BACKUP", cause: "higher_priority_advert" });
}

test.serial("every peer is told, with unicast_ttl, and by the last will as well", async (t) => {
  const sniffer = await sniff(t, pair.there, THERE.device);
  const more = [...toThere, `unicast_peer[] = ${FURTHER}`, "unicast_ttl = 9"];
  const duet = await startDuet(
    t,
    instanceText({ vrid: 5, priority: 150, vips: ["10.9.0.105/24"], more }),
  );
  await duet.becomes("MASTER");
  killQuietly(await duet.pidOf("vrrp"), "SIGKILL");
  const goodbyes = await eventually("priority 0 for both", () => {
    const found = sniffer.adverts({ vrid: 5, priority: 0 });
    return found.length >= 2 && found;
  });
  for (const priority of [150, 0]) {
    const heard = sniffer.adverts({ vrid: 5, priority });
    t.deepEqual(
      new Set(heard.map(({ destination }) => destination)),
      new Set([THERE.address, FURTHER]),
    );
    t.true(heard.every(({ ttl }) => ttl === 9));
  }
  t.is(goodbyes.length, 2);
});

test.serial("an instance with peers does not hear the group, nor strangers", async (t) => {
  const duet = await startDuet(
    t,
    instanceText({
      vrid: 6,
      priority: 100,
      vips: ["10.9.0.106/24"],
      more: [`unicast_peer[] = ${FURTHER} min_ttl 255`],
    }),
  );
  await duet.becomes("MASTER");
  await sendFrames(pair.there, [
    advertFrame({ vrid: 6 }),
    advertFrame({ vrid: 6 }, { destination: HERE.address }),
    advertFrame({ vrid: 6 }, { destination: HERE.address, source: FURTHER, ttl: 254 }),
  ]);
  const rejected = async (): Promise<Readonly<Record<string, number>>> =>
    (await duet.instance()).counters.rejected;
  await eventually("the last one", async () => ((await rejected())["ttl"] ?? 0) > 0);
  t.like(await rejected(), { destination: 1, unknown_peer: 1, ttl: 1 });
  t.is((await duet.instance()).counters.adverts_received, 0);
  await sendFrames(pair.there, [
    advertFrame({ vrid: 6 }, { destination: HERE.address, source: FURTHER }),
  ]);
  await gaveWay(duet);
});

test.serial(
  "check_unicast_src = no hears strangers too; the group's instance hears no unicast",
  async (t) => {
    const duet = await startDuet(
      t,
      instanceText({
        name: "U",
        vrid: 7,
        priority: 100,
        vips: ["10.9.0.107/24"],
        more: [`unicast_peer[] = ${FURTHER}`, "check_unicast_src = no"],
      }) + instanceText({ name: "M", vrid: 8, priority: 100, vips: ["10.9.0.108/24"] }),
    );
    await duet.becomes("MASTER", "U");
    await duet.becomes("MASTER", "M");
    await sendFrames(
      pair.there,
      [7, 8].map((vrid) => advertFrame({ vrid }, { destination: HERE.address })),
    );
    await gaveWay(duet, "U");
    await eventually(
      "the other one",
      async () => (await duet.instance("M")).counters.rejected["destination"] === 1,
    );
    t.is((await duet.instance("M")).state, "MASTER");
  },
);

test.serial("one vrid serves two peers and the group, each for itself", async (t) => {
  const common = { vrid: 9, priority: 100 };
  const duet = await startDuet(
    t,
    [
      instanceText({ ...common, name: "A", vips: ["10.9.0.110/24"], more: toThere }),
      instanceText({
        ...common,
        name: "B",
        vips: ["10.9.0.111/24"],
        more: [`unicast_peer[] = ${FURTHER}`],
      }),
      instanceText({ ...common, name: "M", vips: ["10.9.0.112/24"] }),
    ].join(""),
  );
  for (const name of ["A", "B", "M"]) await duet.becomes("MASTER", name);
  await sendFrames(pair.there, [
    advertFrame({ vrid: 9 }, { destination: HERE.address, source: FURTHER }),
  ]);
  await gaveWay(duet, "B");
  for (const name of ["A", "M"]) {
    const { state, counters } = await duet.instance(name);
    t.is(state, "MASTER");
    t.true(Object.values(counters.rejected).every((count) => count === 0));
  }
});

test.serial(
  "mcast_src_ip is the source of adverts to the group; while it is missing that is a FAULT",
  async (t) => {
    const sniffer = await sniff(t, pair.there, THERE.device);
    const source = "10.9.0.7";
    const duet = await startDuet(
      t,
      instanceText({
        vrid: 10,
        priority: 100,
        vips: ["10.9.0.113/24"],
        more: [`mcast_src_ip = ${source}`],
      }),
    );
    t.deepEqual((await duet.becomes("FAULT")).faults, ["no_source_address"]);
    pair.here.run(`ip address add ${source}/24 dev ${HERE.device}`);
    await duet.becomes("MASTER");
    await eventually("an advert", () => sniffer.adverts({ vrid: 10, source }).length > 0);
    t.deepEqual(
      new Set(sniffer.adverts({ vrid: 10 }).map((advert) => advert.source)),
      new Set([source]),
    );
    pair.here.run(`ip address del ${source}/24 dev ${HERE.device}`);
  },
);

for (const version of [2, 3] as const) {
  test.serial(`version ${version}: keepalived and duet as unicast peers, both roles`, async (t) => {
    const vrid = 20 + version;
    const vip = `10.9.0.${100 + vrid}`;
    const common = { vrid, version, advertS: version === 2 ? 1 : 0.1, vips: [`${vip}/24`] };
    const peer = await startKeepalived(
      t,
      pair.there,
      keepalivedInstance({
        ...at,
        ...common,
        priority: 100,
        more: `unicast_src_ip ${THERE.address}\n  unicast_peer {\n    ${HERE.address}\n  }`,
      }),
    );
    await peer.becomes("MASTER");
    const low = await startDuet(t, instanceText({ ...common, priority: 50, more: toThere }));
    await eventually("duet hears it", async () => (await low.instance()).master?.priority === 100);
    low.signal("SIGTERM");
    await low.ended;
    const high = await startDuet(t, instanceText({ ...common, priority: 150, more: toThere }));
    await high.becomes("MASTER");
    await peer.becomes("BACKUP");
    await eventually("one holder", () => holds(pair.here, vip) && !holds(pair.there, vip));
    high.signal("SIGTERM");
    await peer.becomes("MASTER");
    await eventually("one holder", () => holds(pair.there, vip) && !holds(pair.here, vip));
    await peer.stop();
    t.pass();
  });
}
