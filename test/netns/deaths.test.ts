// Processes that are killed: one owner of the address at all times (law 1), and the work goes on.

import test from "ava";
import { listAddresses, renewAddress } from "../../src/kernel/addresses.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import {
  HERE,
  instanceText,
  openPair,
  THERE,
  withoutMilliseconds,
} from "../helpers/daemon-pair.ts";
import type { Teardown } from "../helpers/daemon-place.ts";
import { holds, wallMs } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, killAtOnce, killQuietly, startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { longestGap, sniff } from "../helpers/sniff.ts";
import { overlapMs, watchAddress } from "../helpers/sniff-addresses.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);
const NO_MILLISECONDS =
  "no leases of milliseconds: when all of duet is stopped or killed at once, its addresses answer until valid_lft is over";

async function startPair(
  t: Teardown,
  vrid: number,
): Promise<{ vip: string; master: Duet; backup: Duet }> {
  const vip = `10.9.0.${100 + vrid}`;
  const common = { vrid, vips: [`${vip}/24`] };
  const master = await startDuet(t, instanceText({ ...common, priority: 200 }));
  await master.becomes("MASTER");
  const theirs = instanceText({ ...common, priority: 100, interface: THERE.device });
  const backup = await startDuet(t, theirs, { place: pair.there });
  await eventually(
    "the backup hears its master",
    async () => (await backup.instance()).master !== null,
  );
  return { vip, master, backup };
}

/** What a dead duet left, without its lease: nothing else is going to take it off. */
function leaveForEver(vip: string): void {
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
  const left = listAddresses(netlink).find(({ address }) => address === vip);
  if (left === undefined) throw new Error(`${vip} is not there`);
  netlink.batch([renewAddress({ ...left, broadcast: null, leaseS: null })]);
  netlink.close();
}

test.serial(
  "SIGKILL of a MASTER's vrrp role: the guardian carries its last will out, then it takes back",
  async (t) => {
    const { vip, master, backup } = await startPair(t, 1);
    const sniffer = await sniff(t, pair.there, THERE.device);
    const ours = await watchAddress(t, pair.here, vip);
    const theirs = await watchAddress(t, pair.there, vip);
    const pid = await master.pidOf("vrrp");
    const killedMs = wallMs();
    killQuietly(pid, "SIGKILL");

    const [goodbye] = await eventually("priority 0", () => {
      const heard = sniffer.adverts({ source: HERE.address, vrid: 1, priority: 0 });
      return heard.length > 0 && heard;
    });
    const gone = await eventually("the address gone", () =>
      ours.changes().find(({ present }) => !present),
    );
    const goodbyeMs = (goodbye?.atMs ?? Infinity) - killedMs;
    const goneMs = gone.atMs - killedMs;
    t.log(
      `priority 0 after ${goodbyeMs.toFixed(1)} ms, address gone after ${goneMs.toFixed(1)} ms`,
    );
    await backup.said({ msg: "state changed", to: "MASTER", cause: "priority_zero_received" });
    await master.said({ msg: "last will of the vrrp role carried out" });

    await master.becomes("MASTER");
    await backup.becomes("BACKUP");
    await eventually("one owner", () => holds(pair.here, vip) && !holds(pair.there, vip));
    t.log(`both held the address for ${overlapMs(ours, theirs).toFixed(1)} ms in all`);
    t.true(overlapMs(ours, theirs) < 50 + (await metronome.lostMs(killedMs, wallMs())));
    const vrrp = (await master.status()).processes.find(({ role }) => role === "vrrp");
    t.is(vrrp?.restarts, 1);
    t.not(vrrp?.pid, pid);
  },
);

test.serial("SIGKILL of the desk: it is started again, adverts go on", async (t) => {
  const { master } = await startPair(t, 2);
  const sniffer = await sniff(t, pair.there, THERE.device);
  const pid = await master.pidOf("desk");
  killQuietly(pid, "SIGKILL");
  await eventually("another desk", async () => {
    const status = await master.status().catch(() => undefined);
    const desk = status?.processes.find(({ role }) => role === "desk");
    return desk?.restarts === 1 && desk.pid !== pid && status?.vrrp_instances.length === 1;
  });
  await eventually("adverts after it", () => sniffer.adverts({ vrid: 2 }).length > 10);
  t.is((await master.instance()).counters.became_master, 1);
  const gap = longestGap(sniffer.adverts({ vrid: 2 }));
  t.log(`the longest pause between adverts was ${gap.ms.toFixed(1)} ms`);
  t.true(gap.ms < 300 + (await metronome.lostMs(gap.fromMs, gap.toMs)), "below three intervals");
});

test.serial(
  "SIGKILL of the guardian: vrrp steps down cleanly, every role goes, a new start works",
  async (t) => {
    const { vip, master, backup } = await startPair(t, 3);
    const sniffer = await sniff(t, pair.there, THERE.device);
    const ours = await watchAddress(t, pair.here, vip);
    const killedMs = wallMs();
    killQuietly(master.pid, "SIGKILL");
    t.is(await master.ended, "SIGKILL");
    await eventually("all roles gone", () => master.living().length === 0);
    const endedMs = wallMs() - killedMs;
    const goodbye = await eventually(
      "priority 0",
      () => sniffer.adverts({ vrid: 3, priority: 0 })[0],
    );
    const gone = await eventually("the address gone", () =>
      ours.changes().find(({ present }) => !present),
    );
    t.log(
      `address gone after ${(gone.atMs - killedMs).toFixed(1)} ms, priority 0 after ${(goodbye.atMs - killedMs).toFixed(1)} ms, all gone after ${endedMs.toFixed(0)} ms`,
    );
    await backup.said({ msg: "state changed", to: "MASTER", cause: "priority_zero_received" });

    const again = await startDuet(t, "", { runDir: master.runDir, file: master.file });
    await again.becomes("MASTER");
    await backup.becomes("BACKUP");
    await eventually("one owner", () => holds(pair.here, vip) && !holds(pair.there, vip));
  },
);

test.serial("SIGSTOP of vrrp: the guardian kills it and carries its last will out", async (t) => {
  const { vip, master, backup } = await startPair(t, 4);
  const ours = await watchAddress(t, pair.here, vip);
  const stoppedMs = wallMs();
  killQuietly(await master.pidOf("vrrp"), "SIGSTOP");
  await master.said({ msg: "vrrp role does not answer: it is killed" });
  await master.said({ msg: "last will of the vrrp role carried out" });
  const gone = await eventually("the address gone", () =>
    ours.changes().find(({ present }) => !present),
  );
  t.log(`address gone after ${(gone.atMs - stoppedMs).toFixed(0)} ms`);
  t.true(gone.atMs - stoppedMs < 3500 + (await metronome.lostMs(stoppedMs, gone.atMs)));
  await master.becomes("MASTER");
  await backup.becomes("BACKUP");
  await eventually("one owner", () => holds(pair.here, vip) && !holds(pair.there, vip));
});

test.serial("SIGKILL of everything at once: the lease of the address ends by itself", async (t) => {
  withoutMilliseconds(t, pair);
  const { vip, master, backup } = await startPair(t, 5);
  await master.said({ level: "warn", msg: NO_MILLISECONDS });
  const ours = await watchAddress(t, pair.here, vip);
  killAtOnce(master);
  const killedMs = wallMs();
  await backup.becomes("MASTER");
  t.true(holds(pair.here, vip), "nobody was left to take it off");
  const gone = await eventually("the address gone", () =>
    ours.changes().find(({ present }) => !present),
  );
  t.log(`address gone after ${(gone.atMs - killedMs).toFixed(0)} ms`);
  t.true(gone.atMs - killedMs < 5000 + (await metronome.lostMs(killedMs, gone.atMs)));
});

test.serial(
  "SIGKILL of everything at once: the next start takes what is left off before it is BACKUP",
  async (t) => {
    const { vip, master, backup } = await startPair(t, 6);
    killAtOnce(master);
    await master.ended;
    leaveForEver(vip);
    await backup.becomes("MASTER");
    const again = await startDuet(t, "", { runDir: master.runDir, file: master.file });
    await again.said({ msg: "virtual address of an earlier run removed" });
    await again.said({ msg: "state changed" });
    const removed = again
      .lines()
      .findIndex(({ msg }) => msg === "virtual address of an earlier run removed");
    const began = again.lines().findIndex(({ msg }) => msg === "state changed");
    t.true(removed !== -1 && removed < began, "removed before the first state");
    await again.becomes("MASTER");
  },
);

test.serial("SIGKILL of everything at once: duet release takes what is left off", async (t) => {
  const { vip, master } = await startPair(t, 7);
  const refused = await duetCommand(["release", "--run-dir", master.runDir]);
  t.is(refused.code, 1);
  t.true(refused.output.includes(String(master.pid)), refused.output);
  t.true(holds(pair.here, vip));
  killAtOnce(master);
  await master.ended;
  leaveForEver(vip);
  const released = await duetCommand(["release", "--run-dir", master.runDir]);
  const tables = ["inet", "arp"].map(
    (family) => `removed nftables table ${family} duet_lease_100ms\n`,
  );
  t.deepEqual(released, { code: 0, output: `${tables.join("")}removed ${vip}/24\n` });
  t.false(holds(pair.here, vip));
});
