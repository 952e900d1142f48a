// Packets that are judged and rejected: a counter moves and nothing else (law 4; RFC 5798 §7.1).

import test from "ava";
import { REJECT_REASONS } from "../../src/vrrp/accept.ts";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { killAtOnce, startDuet } from "../helpers/duet.ts";
import { advertFrame, type Forgery, sendFrames } from "../helpers/peer-packets.ts";
import { longestGapMs, sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
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
    const gapMs = longestGapMs(sniffer.adverts(ours));
    t.log(`the longest pause between adverts was ${gapMs.toFixed(1)} ms`);
    t.true(gapMs < 180, "one interval, not two");
    t.is(duet.lines().filter(({ msg }) => msg === "advert rejected").length, 6, "a line a reason");
  },
);

test.serial("a BACKUP neither takes over nor waits longer because of bad adverts", async (t) => {
  const common = { vrid: 2, vips: ["10.9.0.102/24"] };
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
  const flood = sendFrames(pair.there, frames, { times: 150, pauseMs: 20 });
  await eventually(
    "the flood",
    async () => ((await duet.instance()).counters.rejected["ttl"] ?? 0) > before,
  );
  killAtOnce(master);
  await duet.said({ msg: "state changed", to: "MASTER" }, { deadlineMs: 2000 });
  await flood;
  t.is((await duet.instance()).counters.became_master, 1);
});

test.serial(
  "v2: another interval and a password that nobody agreed on are rejected (RFC 3768 §7.1)",
  async (t) => {
    const settings = {
      vrid: 3,
      priority: 100,
      version: 2,
      advertS: 1,
      vips: ["10.9.0.103/24"],
    } as const;
    const duet = await startDuet(t, instanceText(settings));
    const advert = { version: 2, vrid: 3, advertIntervalMs: 1000 } as const;
    await sendFrames(pair.there, [
      advertFrame({ ...advert, advertIntervalMs: 2000 }),
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
