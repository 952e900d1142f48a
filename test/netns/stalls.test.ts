// Processes that are stopped and go on: who wakes up late lets go first, and looks then (law 1).

import test from "ava";
import { delayMs } from "../../src/lib/clock.ts";
import {
  HERE,
  instanceText,
  openPair,
  split,
  THERE,
  withoutMilliseconds,
} from "../helpers/daemon-pair.ts";
import { holds, type Teardown, wallMs } from "../helpers/daemon-place.ts";
import { type Duet, killQuietly, startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { type Sniffer, sniff } from "../helpers/sniff.ts";
import { type AddressLog, overlapMs, watchAddress } from "../helpers/sniff-addresses.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);

/** The guardian and all that it would do sleep too: nothing of this duet acts on the silence. */
async function stopAll(t: Teardown, duet: Duet): Promise<void> {
  const pids = duet.living();
  for (const pid of pids) killQuietly(pid, "SIGSTOP");
  t.teardown(() => {
    for (const pid of pids) killQuietly(pid, "SIGCONT");
  });
}

type Stalled = {
  readonly vip: string;
  readonly master: Duet;
  readonly backup: Duet;
  readonly sniffer: Sniffer;
  readonly ours: AddressLog;
  readonly theirs: AddressLog;
  readonly resumedMs: number;
};

/** `master`, of the higher priority, slept until `backup` had taken over, and goes on. */
async function stall(
  t: Teardown,
  vrid: number,
  sleepMs: number,
  more: readonly string[] = [],
): Promise<Stalled> {
  const vip = `10.9.0.${100 + vrid}`;
  const common = { vrid, vips: [`${vip}/24`], more };
  const sniffer = await sniff(t, pair.there, THERE.device);
  const master = await startDuet(t, instanceText({ ...common, priority: 200 }));
  await master.becomes("MASTER");
  const there = { interface: THERE.device, priority: 100 };
  const backup = await startDuet(t, instanceText({ ...common, ...there }), { place: pair.there });
  await eventually("it is heard", async () => (await backup.instance()).master !== null);
  const ours = await watchAddress(t, pair.here, vip);
  const theirs = await watchAddress(t, pair.there, vip);
  await stopAll(t, master);
  const stoppedMs = wallMs();
  await backup.becomes("MASTER");
  await delayMs(Math.max(0, stoppedMs + sleepMs - wallMs()));
  const resumedMs = wallMs();
  for (const pid of master.living()) killQuietly(pid, "SIGCONT");
  return { vip, master, backup, sniffer, ours, theirs, resumedMs };
}

/** What the resumed one says of itself until it is MASTER again. */
function saidBetween(
  { sniffer, vip, resumedMs }: Stalled,
  untilMs: number,
): { readonly adverts: number; readonly announcements: number } {
  const within = ({ atMs }: { readonly atMs: number }): boolean =>
    atMs > resumedMs && atMs < untilMs;
  const [mac] = sniffer.announcements(vip);
  return {
    adverts: sniffer.adverts({ source: HERE.address }).filter(within).length,
    announcements: sniffer
      .announcements(vip)
      .filter((each) => within(each) && each.mac === mac?.mac).length,
  };
}

for (const [vrid, sleepMs, leased] of [
  [1, 1200, false],
  [2, 4500, true],
] as const) {
  test.serial(
    `a MASTER that slept and ${leased ? "lost the address to its lease" : "still has the address"} lets go in silence, listens, and takes back`,
    async (t) => {
      if (leased) withoutMilliseconds(t, pair);
      const stalled = await stall(t, vrid, sleepMs);
      const { vip, master, backup, sniffer, ours, theirs, resumedMs } = stalled;
      await master.said({ msg: "state changed", to: "BACKUP", cause: "stalled" });
      await master.said({ msg: "state changed", to: "MASTER", cause: "lower_master_preempted" });
      await backup.becomes("BACKUP");
      const back = await eventually("its advert", () =>
        sniffer.adverts({ source: HERE.address }).find(({ atMs }) => atMs > resumedMs),
      );
      const { adverts, announcements } = saidBetween(stalled, back.atMs);
      t.deepEqual({ adverts, announcements }, { adverts: 0, announcements: 0 });
      t.log(`silent for ${(back.atMs - resumedMs).toFixed(0)} ms after it went on`);
      t.true(back.atMs - resumedMs > 100, "one interval at least");
      const [off] = ours.changes().filter(({ present }) => !present);
      const offMs = (off?.atMs ?? Infinity) - resumedMs;
      t.log(`address gone ${offMs.toFixed(1)} ms after it went on`);
      t.is(offMs < -200, leased);
      t.true(offMs < 100 + (await metronome.lostMs(resumedMs, resumedMs + Math.max(0, offMs))));
      await eventually("one owner", () => holds(pair.here, vip) && !holds(pair.there, vip));
      t.log(`both held the address for ${overlapMs(ours, theirs).toFixed(1)} ms in all`);
    },
  );
}

test.serial(
  "with nopreempt and timer_expired_backup it stays BACKUP, and has said nothing",
  async (t) => {
    const stalled = await stall(t, 3, 1200, ["nopreempt = yes", "timer_expired_backup = 100"]);
    const { vip, master, backup } = stalled;
    await master.said({ msg: "state changed", to: "BACKUP", cause: "stalled" });
    await eventually("it hears the other one", async () => {
      const { counters } = await master.instance();
      return counters.adverts_received > 20;
    });
    t.is((await master.instance()).state, "BACKUP");
    await master.said({ msg: "a timer was late: adverts may be missed" });
    t.is((await backup.instance()).state, "MASTER");
    t.deepEqual(saidBetween(stalled, Infinity), { adverts: 0, announcements: 0 });
    t.deepEqual([holds(pair.here, vip), holds(pair.there, vip)], [false, true]);
  },
);

test.serial("a backup that was frozen with its network listens before it takes over", async (t) => {
  const common = { vrid: 9, vips: ["10.9.0.109/24"], advertS: 1 };
  const master = await startDuet(t, instanceText({ ...common, priority: 200 }));
  await master.becomes("MASTER");
  const there = { interface: THERE.device, priority: 100 };
  const backup = await startDuet(t, instanceText({ ...common, ...there }), { place: pair.there });
  await eventually("it is heard", async () => (await backup.instance()).master !== null);
  const sent = async (): Promise<number> => (await master.instance()).counters.adverts_sent;

  split(pair, true);
  await stopAll(t, backup);
  const before = await sent();
  await eventually("Master_Down_Interval is over", async () => (await sent()) > before + 5);
  split(pair, false);
  for (const pid of backup.living()) killQuietly(pid, "SIGCONT");

  const { counters } = await eventually("it looks again", async () =>
    backup.instance().catch(() => undefined),
  );
  const heard = counters.adverts_received;
  await eventually("it hears its master again", async () => {
    return (await backup.instance()).counters.adverts_received > heard + 3;
  });
  const { state, counters: now } = await backup.instance();
  t.deepEqual([state, now.became_master], ["BACKUP", 0]);
  t.is((await master.instance()).counters.became_master, 1);
});
