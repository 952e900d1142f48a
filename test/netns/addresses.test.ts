// Virtual addresses in the kernel: as configured, put back when somebody takes them, announced.

import test from "ava";
import { HERE, instanceText, openPair, split, THERE } from "../helpers/daemon-pair.ts";
import { holds, type Place, wallMs } from "../helpers/daemon-place.ts";
import { startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { sniff } from "../helpers/sniff.ts";
import { watchAddress } from "../helpers/sniff-addresses.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);

function macOf(place: Place, device: string): string | undefined {
  const link = place.run(`ip -o link show dev ${device}`);
  return link.match(/link\/ether (\S+)/)?.[1]?.replaceAll(":", "");
}

test.serial("label, scope, broadcast, prefix and device are as configured", async (t) => {
  pair.here.run("ip link add side0 type veth peer name side1");
  pair.here.run("ip link set side0 up");
  pair.here.run("ip link set side1 up");
  const sniffer = await sniff(t, pair.here, "side1");
  const vips = [
    `10.9.0.101/25 dev ${HERE.device} scope link label ${HERE.device}:v1 brd 10.9.0.127`,
    "10.7.0.1/32 dev side0",
  ];
  const duet = await startDuet(t, instanceText({ vrid: 1, priority: 100, vips }));
  await duet.becomes("MASTER");
  const main = pair.here.run(`ip -o -4 address show dev ${HERE.device}`);
  t.regex(main, /inet 10\.9\.0\.101\/25 brd 10\.9\.0\.127 scope link .*here0:v1/);
  t.regex(pair.here.run("ip -o -4 address show dev side0"), /inet 10\.7\.0\.1\/32 scope global/);
  await eventually("announced where it is", () => sniffer.announcements("10.7.0.1").length >= 5);
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.false(holds(pair.here, "10.9.0.101") || holds(pair.here, "10.7.0.1"));
});

test.serial(
  "an address that somebody takes off is back within 100 ms, announced and told",
  async (t) => {
    const vip = "10.9.0.102";
    const duet = await startDuet(t, instanceText({ vrid: 2, priority: 100, vips: [`${vip}/24`] }));
    await duet.becomes("MASTER");
    const sniffer = await sniff(t, pair.there, THERE.device);
    const log = await watchAddress(t, pair.here, vip);
    const before = sniffer.announcements(vip).length;
    pair.here.run(`ip address del ${vip}/24 dev ${HERE.device}`);
    await eventually("back", () => log.changes().length >= 3);
    const [, gone, back] = log.changes();
    const awayMs = (back?.atMs ?? Infinity) - (gone?.atMs ?? 0);
    t.log(`away for ${awayMs.toFixed(1)} ms`);
    t.true(awayMs < 100 + (await metronome.lostMs(gone?.atMs ?? 0, back?.atMs ?? 0)));
    const line = await duet.said({ msg: "virtual address was removed by somebody, put back" });
    t.is(line["address"], vip);
    await eventually("announced", () => sniffer.announcements(vip).length >= before + 5);
    t.is((await duet.instance()).counters.became_master, 1, "no transition");
  },
);

test.serial(
  "a MASTER announces 5 times at once, once after 0.1 s, and 5 times after garp_master_delay",
  async (t) => {
    const vip = "10.9.0.103";
    const sniffer = await sniff(t, pair.there, THERE.device);
    const more = ["garp_master_delay = 1"];
    const duet = await startDuet(
      t,
      instanceText({ vrid: 3, priority: 100, vips: [`${vip}/24`], more }),
    );
    await duet.becomes("MASTER");
    await eventually("eleven", () => sniffer.announcements(vip).length >= 11);
    const heard = sniffer.announcements(vip);
    const mac = macOf(pair.here, HERE.device);
    t.deepEqual([...new Set(heard.map((arp) => arp.mac))], [mac]);
    const [first, , , , fifth, echo, second] = heard.map(({ atMs }) => atMs);
    const isAfter = async (atMs = 0, leastMs: number, mostMs: number): Promise<boolean> => {
      const lostMs = await metronome.lostMs((first ?? 0) - 100, atMs);
      const afterMs = atMs - (first ?? 0);
      t.log(`after ${afterMs.toFixed(1)} ms`);
      return afterMs > leastMs - lostMs && afterMs < mostMs + lostMs;
    };
    t.true(await isAfter(fifth, -1, 100), "the first five at once");
    t.true(await isAfter(echo, 95, 400), "the echo");
    t.true(await isAfter(second, 950, 1300), "the second five after 1 s");
  },
);

test.serial("the winner of a healed split announces itself at once", async (t) => {
  const vip = "10.9.0.104";
  // Slow adverts: a busy machine's pauses are no deaths.
  const common = {
    vrid: 4,
    advertS: 0.5,
    vips: [`${vip}/24`],
    more: ["garp_master_delay = 0"],
  };
  const winner = await startDuet(t, instanceText({ ...common, priority: 200 }));
  await winner.becomes("MASTER");
  const loser = await startDuet(
    t,
    instanceText({ ...common, priority: 100, interface: THERE.device }),
    {
      place: pair.there,
    },
  );
  await eventually(
    "the loser hears its master",
    async () => (await loser.instance()).master !== null,
  );
  const sniffer = await sniff(t, pair.there, THERE.device);
  const theirs = await watchAddress(t, pair.there, vip);
  split(pair, true);
  await loser.becomes("MASTER");
  const healedMs = wallMs();
  split(pair, false);
  await loser.becomes("BACKUP");
  const gone = await eventually("the loser's address gone", () =>
    theirs.changes().find(({ atMs, present }) => !present && atMs > healedMs),
  );
  // The loser's last word, which it says when the address is off.
  const word = await eventually("the loser's last advert", () =>
    sniffer.adverts({ vrid: 4, source: THERE.address }).findLast(({ atMs }) => atMs > healedMs),
  );
  const announced = await eventually("an announcement after it", () =>
    sniffer.announcements(vip).find(({ atMs }) => atMs >= word.atMs),
  );
  t.log(
    `announced ${(announced.atMs - word.atMs).toFixed(1)} ms after the loser let go, ${(announced.atMs - healedMs).toFixed(0)} ms after the split was over`,
  );
  t.true(gone.atMs > healedMs);
  // The same process sends both: whatever delays its announcement delays its adverts.
  const between = sniffer
    .adverts({ vrid: 4, source: HERE.address })
    .filter(({ atMs }) => atMs > word.atMs && atMs < announced.atMs);
  t.true(between.length <= 1, "before its next advert, or with it");
  const mac = macOf(pair.here, HERE.device);
  t.is(sniffer.announcements(vip).at(-1)?.mac, mac, "the last word is the winner's");
  t.is((await winner.instance()).counters.became_master, 1);
});
