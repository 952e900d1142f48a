// Packets that are judged and rejected: a counter moves and nothing else (law 4; RFC 5798 §7.1).

import { readFileSync } from "node:fs";
import test from "ava";
import { REJECT_REASONS } from "../../src/vrrp/accept.ts";
import { masterDownMs } from "../../src/vrrp/timers.ts";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { killAtOnce, startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import {
  forgeriesFor,
  KEY,
  PASSWORD,
  signedFrame,
  type Target,
} from "../helpers/peer-forgeries.ts";
import { advertFrame, FORGED_MAC, type Forgery, sendFrames } from "../helpers/peer-packets.ts";
import { longestGap, sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);
// The kernel drops what claims to come from ourselves; with this it is left to us.
pair.here.run(`sysctl -qw net.ipv4.conf.${HERE.device}.accept_local=1`);
/** At a rate at which keepalived's MASTER falls silent, for more than Master_Down_Interval. */
const FLOOD = { times: 40, pauseMs: 20 };

const forgeries: readonly (readonly [string, Forgery])[] = [
  ["checksum", { wrongSum: true }],
  ["ttl", { ttl: 1 }],
  ["version", { spoil: first(0x51) }],
  ["version", { spoil: first(0x21) }],
  ["type", { spoil: first(0x32) }],
  ["length", { spoil: (vrrp) => vrrp.subarray(0, 10) }],
  ["own_source", { source: HERE.address }],
];

function first(byte: number): (vrrp: Buffer) => Buffer {
  return (vrrp) => {
    // Version 2 has eight bytes more.
    const bytes = byte >> 4 === 2 ? Buffer.concat([vrrp, Buffer.alloc(8)]) : Buffer.from(vrrp);
    bytes[0] = byte;
    return bytes;
  };
}

test.serial(
  "a MASTER's rhythm does not change under a flood of bad adverts (keepalived falls silent)",
  async (t) => {
    const duet = await startDuet(
      t,
      instanceText({ vrid: 1, priority: 100, vips: ["10.9.0.101/24"] }),
    );
    await duet.becomes("MASTER");
    const sniffer = await sniff(t, pair.there, THERE.device);
    const ours = { vrid: 1, priority: 100, version: 3, ttl: 255, source: HERE.address };
    await eventually("adverts", () => sniffer.adverts(ours).length > 1);
    await sendFrames(
      pair.there,
      forgeries.map(([, forgery]) => advertFrame({ vrid: 1 }, forgery)),
      FLOOD,
    );
    const heard = sniffer.adverts(ours).length;
    await eventually("adverts after it", () => sniffer.adverts(ours).length > heard + 2);

    const { state, counters } = await duet.instance();
    t.is(state, "MASTER");
    t.is(counters.became_master, 1);
    t.is(counters.adverts_received, 0);
    const { times } = FLOOD;
    t.deepEqual(counters.rejected, {
      ...Object.fromEntries(REJECT_REASONS.map((reason) => [reason, 0])),
      checksum: times,
      ttl: times,
      version: 2 * times,
      type: times,
      length: times,
      own_source: times,
    });
    const gap = longestGap(sniffer.adverts(ours));
    t.log(`the longest pause between adverts was ${gap.ms.toFixed(1)} ms`);
    const lostMs = await metronome.lostMs(gap.fromMs, gap.toMs);
    t.true(gap.ms < 180 + lostMs, "one interval, not two");
    t.is(duet.lines().filter(({ msg }) => msg === "advert rejected").length, 6, "a line a reason");
  },
);

test.serial("a BACKUP neither takes over nor waits longer because of bad adverts", async (t) => {
  // A master that the machine lets starve for as long as a backup waits is followed, and that is right.
  const common = { vrid: 2, advertS: 0.5, vips: ["10.9.0.102/24"] };
  const master = await startDuet(
    t,
    instanceText({ ...common, priority: 200, interface: THERE.device }),
    {
      place: pair.there,
    },
  );
  await master.becomes("MASTER");
  const duet = await startDuet(t, instanceText({ ...common, priority: 100 }));
  await eventually(
    "the backup hears its master",
    async () => (await duet.instance()).master !== null,
  );
  const goodbyes = forgeries.map(([, forgery]) => advertFrame({ vrid: 2, priority: 0 }, forgery));
  await sendFrames(pair.there, goodbyes, FLOOD);
  t.is((await duet.instance()).counters.became_master, 0);

  const frames = forgeries.map(([, forgery]) => advertFrame({ vrid: 2 }, forgery));
  const before = (await duet.instance()).counters.rejected["ttl"] ?? 0;
  let isOver = false;
  const flood = sendFrames(pair.there, frames, { times: 300, pauseMs: 20 }).then(() => {
    isOver = true;
  });
  await eventually(
    "the flood",
    async () => ((await duet.instance()).counters.rejected["ttl"] ?? 0) > before,
  );
  killAtOnce(master);
  await duet.said({ msg: "state changed", to: "MASTER" });
  t.false(isOver, "while the flood goes on");
  await flood;
  t.is((await duet.instance()).counters.became_master, 1);
});

/** Of version 3. */
const INTERVAL_MS = 500;

/** What the masters of `here` and those of `there`, which `here` backs up, are forged for. */
const targets: readonly (Target & { readonly name: string; readonly role: "MASTER" | "BACKUP" })[] =
  (["none", "password", "hmac"] as const).flatMap((auth, i) =>
    (["MASTER", "BACKUP"] as const).map((role) => ({
      name: `${role}_${auth}`,
      role,
      vrid: (role === "MASTER" ? 11 : 21) + i,
      address: HERE.address,
      version: auth === "password" ? (2 as const) : (3 as const),
      intervalMs: auth === "password" ? 1000 : INTERVAL_MS,
      auth,
    })),
  );

const authLines: Readonly<Record<Target["auth"], readonly string[]>> = {
  none: [],
  password: [`auth_pass = ${PASSWORD}`],
  hmac: [`auth_hmac_key[] = 1 ${KEY}`, "auth_hmac_active_key = 1", "auth_hmac_time_window = 300"],
};

const UNKNOWN_VRID = 99;
/** Too short to say whose it is: every router of the wire counts it. */
const GARBAGE = [0, 1].map((length) =>
  advertFrame({ vrid: UNKNOWN_VRID }, { spoil: (vrrp) => vrrp.subarray(0, length) }),
);

test.serial(
  "10^5 forged packets of every kind: counters move, and nothing else (law 4; RFC 5798 §7.1)",
  async (t) => {
    const text = (side: "here" | "there"): string =>
      targets
        .filter(({ role }) => side === "here" || role === "BACKUP")
        .map(({ name, vrid, version, intervalMs, auth }) =>
          instanceText({
            name,
            vrid,
            version,
            interface: side === "here" ? HERE.device : THERE.device,
            priority: side === "here" ? 100 : 200,
            advertS: intervalMs / 1000,
            vips: [`10.9.0.${100 + vrid}/24`],
            more: authLines[auth],
          }),
        )
        .join("");
    const there = await startDuet(t, text("there"), { place: pair.there });
    const duet = await startDuet(t, `[global]\nlog_unknown_vrids = yes\n${text("here")}`);
    for (const { name, role } of targets) {
      await (role === "MASTER" ? duet : there).becomes("MASTER", name);
    }
    for (const { name, role } of targets) {
      if (role === "MASTER") continue;
      await eventually(`${name} hears its master`, async () => (await duet.instance(name)).master);
    }
    const signers = targets.filter(({ auth, role }) => auth === "hmac" && role === "MASTER");
    const replays = signers.map((each) => signedFrame(each, Date.now()));
    await sendFrames(pair.there, replays);
    const sniffer = await sniff(t, pair.there, THERE.device, `and not ether src ${FORGED_MAC}`);

    const forged = targets.flatMap((each) =>
      forgeriesFor(each).map((one) => ({ ...one, vrid: each.vrid })),
    );
    const unknown = [0, 255].map((priority) => advertFrame({ vrid: UNKNOWN_VRID, priority }));
    const frames = [...forged.map(({ frame }) => frame), ...replays, ...unknown, ...GARBAGE];
    const rounds = Math.ceil(100_000 / frames.length);
    const flood = async (times: number): Promise<void> =>
      sendFrames(pair.there, frames, { times, pauseMs: 5 });
    const before = new Map(
      await Promise.all(
        targets.map(async ({ name }) => [name, await duet.instance(name)] as const),
      ),
    );
    const warmUp = Math.ceil(rounds / 5);
    await flood(warmUp);
    const vrrpPid = await duet.pidOf("vrrp");
    const memoryBefore = memoryMb(vrrpPid);
    await flood(rounds - warmUp);
    const memoryAfter = memoryMb(vrrpPid);

    let missing = 0;
    for (const { name, vrid, role, auth } of targets) {
      // Who sends what is refused is told, and no more of them than fit.
      const { counters, other_masters: others = [], ...status } = await duet.instance(name);
      const { counters: countersBefore, ...then } = before.get(name) ?? { counters };
      const { other_masters: _, ...statusBefore } = { other_masters: [], ...then };
      t.true(others.length <= 8);
      t.deepEqual(status, statusBefore, `${name} is as it was`);
      t.is(counters.became_master, countersBefore.became_master);
      if (role === "MASTER") t.is(counters.adverts_received, countersBefore.adverts_received);
      t.is(counters.priority_zero_received, 0);
      for (const reason of REJECT_REASONS) {
        const kinds = forged.filter((one) => one.vrid === vrid && one.reason === reason).length;
        const more = reason === "length" ? GARBAGE.length : 0;
        const replayed = reason === "replay" && role === "MASTER" && auth === "hmac" ? 1 : 0;
        const expected = rounds * (kinds + more + replayed);
        const counted = counters.rejected[reason] ?? 0;
        t.true(counted <= expected, `${name} ${reason}: ${counted} of ${expected}`);
        if (kinds > 0) t.true(counted > 0, `${name} ${reason}`);
        missing += expected - counted;
      }
    }
    const { vrrp_unknown_vrids: unknownCount = 0 } = await duet.status();
    missing += rounds * unknown.length - unknownCount;
    t.log(`${rounds * frames.length} packets, ${dropped()} of them dropped by the kernel`);
    t.true(missing === 0 || dropped() > 0, `${missing} are not accounted for`);
    t.true(missing <= targets.length * dropped());

    for (const { name, vrid, role, intervalMs } of targets) {
      const source = role === "MASTER" ? HERE.address : THERE.address;
      const heard = sniffer.adverts({ vrid, ttl: 255, destination: "224.0.0.18" });
      t.true(
        heard.every((each) => each.source === source),
        `${name} is the master's alone`,
      );
      const gap = longestGap(heard);
      t.log(`${name}: the longest pause between adverts was ${gap.ms.toFixed(1)} ms`);
      const lostMs = await metronome.lostMs(gap.fromMs, gap.toMs);
      t.true(gap.ms < 2 * intervalMs + lostMs, `${name}: ${gap.ms} ms`);
    }
    const said = duet.lines().filter(({ msg }) => msg === "advert rejected");
    const kinds = new Set(
      said.map(({ instance, reason }) => `${String(instance)} ${String(reason)}`),
    );
    t.log(`${said.length} lines about ${kinds.size} kinds`);
    t.true(said.length <= 2 * kinds.size, "the first of a kind, and one a minute");
    t.log(`memory: ${memoryBefore.toFixed(1)} MB, then ${memoryAfter.toFixed(1)} MB`);
    t.true(memoryAfter - memoryBefore < 8);

    // A backup waits as long as it should, and no longer, while it goes on.
    const going = flood(Math.ceil(rounds / 10));
    await eventually("the flood", async () => {
      const { counters } = await duet.instance("BACKUP_none");
      return (counters.rejected["ttl"] ?? 0) > 4 * rounds;
    });
    killAtOnce(there);
    await duet.becomes("MASTER", "BACKUP_none");
    await going;
    const taken = { vrid: 21, ttl: 255 } as const;
    // What listens is behind with the flood.
    await eventually("the first advert of the new master", () =>
      sniffer.adverts(taken).some(({ source }) => source === HERE.address),
    );
    const heard = sniffer.adverts(taken);
    const last = heard.findLast(({ source }) => source === THERE.address);
    const first = heard.find(({ source }) => source === HERE.address);
    const tookMs = (first?.atMs ?? 0) - (last?.atMs ?? 0);
    const dueMs = masterDownMs({ version: 3, priority: 100 }, INTERVAL_MS);
    t.log(`the backup took over after ${tookMs.toFixed(1)} ms, due were ${dueMs.toFixed(1)}`);
    const lostMs = await metronome.lostMs(last?.atMs ?? 0, first?.atMs ?? 0);
    t.true(tookMs > dueMs - 5 && tookMs < dueMs + 300 + lostMs);
  },
);

/** What a process really has. */
function memoryMb(pid: number): number {
  const [, kib = 0] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

/** By the receiving sockets of this namespace: those that are bound to no address. */
function dropped(): number {
  const [, ...sockets] = readFileSync("/proc/thread-self/net/raw", "utf8").trim().split("\n");
  const rows = sockets.map((line) => line.trim().split(/\s+/));
  const receivers = rows.filter(([, local]) => local?.startsWith("00000000:"));
  return receivers.reduce((sum, row) => sum + Number(row.at(-1)), 0);
}

test.serial(
  "v2: another interval and a password that nobody agreed on are rejected (RFC 3768 §7.1)",
  async (t) => {
    const settings = {
      vrid: 3,
      priority: 100,
      version: 2,
      advertS: 10,
      vips: ["10.9.0.103/24"],
    } as const;
    const duet = await startDuet(t, instanceText(settings));
    const advert = { version: 2, vrid: 3, advertIntervalMs: 10_000 } as const;
    await sendFrames(pair.there, [
      advertFrame({ ...advert, advertIntervalMs: 20_000 }),
      advertFrame({ ...advert, authType: 1 }),
    ]);
    const { counters, state, master } = await duet.instance();
    t.is(counters.rejected["advert_interval"], 1);
    t.is(counters.rejected["auth_type"], 1);
    t.is(counters.adverts_received, 0);
    t.is(state, "BACKUP");
    t.is(master, null);
  },
);
