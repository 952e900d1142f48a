// Storms of valid adverts that mean nothing: of lower priority, from a node that does not hear us or from nobody at all.
// They cost a bounded amount of work, and our own rhythm is what it was (law 4, law 6).

import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { advertFrame, FORGED_MAC, sendFrames } from "../helpers/peer-packets.ts";
import { longestGap, sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);

/** A busy machine is late by less. */
const ADVERT_MS = 1000;
const BURST_FRAMES = 5;
/** One announcement each, 0.1 s and 1 s after a burst. */
const ECHOES = 2;
/** Some frames at a time, so that the kernel drops none; at a rate that a peer with adverts of 5 ms has. */
const FLOOD = { times: 1000, pauseMs: 5 };
const HUNDRED_VIPS = Array.from({ length: 100 }, (_, i) => `10.9.1.${i + 1}`);

type Storm = { readonly what: string; readonly vrid: number; readonly frames: readonly string[] };

const lower = { priority: 50, addresses: HUNDRED_VIPS };
const sources = Array.from({ length: 60 }, (_, i) => `10.9.0.${100 + i}`);
const storms: readonly Storm[] = [
  { what: "one source", vrid: 31, frames: [advertFrame({ ...lower, vrid: 31 })] },
  {
    what: "sixty sources",
    vrid: 32,
    frames: sources.map((source) => advertFrame({ ...lower, vrid: 32 }, { source })),
  },
  { what: "priority 0", vrid: 33, frames: [advertFrame({ ...lower, vrid: 33, priority: 0 })] },
];

for (const { what, vrid, frames } of storms) {
  test.serial(
    `a storm of valid lower adverts costs a few bursts of announcements: ${what}`,
    async (t) => {
      const text = instanceText({
        vrid,
        priority: 100,
        advertS: ADVERT_MS / 1000,
        vips: HUNDRED_VIPS,
        more: ["garp_master_delay = 0"],
      });
      const duet = await startDuet(t, text);
      await duet.becomes("MASTER");
      const sniffer = await sniff(t, pair.there, THERE.device, `and not ether src ${FORGED_MAC}`);
      const ours = { vrid, priority: 100, source: HERE.address };
      await eventually("adverts", () => sniffer.adverts(ours).length > 1);
      const before = HUNDRED_VIPS.map((vip) => sniffer.announcements(vip).length);
      const startMs = Date.now();
      await sendFrames(pair.there, frames, FLOOD);
      const heard = sniffer.adverts(ours).length;
      await eventually("adverts after it", () => sniffer.adverts(ours).length > heard + 2);

      const { state, counters } = await duet.instance();
      t.is(state, "MASTER");
      t.is(counters.became_master, 1);
      const received = counters.adverts_received;
      t.true(received > 500, `${received} of the storm were heard`);
      const announced = (): readonly number[] =>
        HUNDRED_VIPS.map((vip, i) => sniffer.announcements(vip).length - (before[i] ?? 0));
      // A capture may lose some of a burst, not of half of the addresses.
      const median = (): number =>
        announced().toSorted((a, b) => a - b)[HUNDRED_VIPS.length >> 1] ?? 0;
      await eventually("they are answered", () => median() >= BURST_FRAMES);
      const tookMs = Date.now() - startMs;
      const said = announced();
      t.log(
        `${received} adverts in ${Math.round(tookMs)} ms: ${said[0]} announcements of an address`,
      );
      const bursts = 2 + tookMs / 1000;
      t.true(
        Math.max(...said) <= bursts * (BURST_FRAMES + ECHOES),
        `${Math.max(...said)} announcements`,
      );
      const gap = longestGap(sniffer.adverts(ours));
      t.log(`the longest pause between adverts was ${gap.ms.toFixed(1)} ms`);
      const lostMs = await metronome.lostMs(gap.fromMs, gap.toMs);
      t.true(gap.ms < 2 * ADVERT_MS + lostMs, "our own adverts go on in their rhythm");
      const answers = sniffer.adverts(ours).length - tookMs / ADVERT_MS;
      t.true(answers <= 10 * bursts, `${answers} adverts beside our own`);
      const { processes } = await duet.status();
      t.deepEqual(
        processes.map(({ restarts }) => restarts),
        processes.map(() => 0),
      );
    },
  );
}

/** Priority 255 and the longest interval that an advert can say: 40.95 s. */
const sleeper = (vrid: number): string =>
  advertFrame({ vrid, priority: 255, advertIntervalMs: 40_950 });

test.serial(
  "one forged advert with the longest interval does not leave the addresses without a master",
  async (t) => {
    const duet = await startDuet(t, instanceText({ vrid: 41, priority: 100, vips: ["10.9.2.1"] }));
    await duet.becomes("MASTER");
    await sendFrames(pair.there, [sleeper(41)]);
    const line = await duet.said({ msg: "advert interval far above ours: learned up to a limit" });
    t.is(line["theirs_ms"], 40_950);
    t.is(line["taken_as_ms"], 400);
    const { counters } = await duet.becomes("MASTER");
    t.is(counters.became_master, 2);
    t.is(counters.advert_interval_limited, 1);
  },
);

test.serial("learned_advert_int_max = 0 learns it as RFC 5798 does", async (t) => {
  const more = ["learned_advert_int_max = 0"];
  const duet = await startDuet(
    t,
    instanceText({ vrid: 42, priority: 100, vips: ["10.9.2.2"], more }),
  );
  await duet.becomes("MASTER");
  await sendFrames(pair.there, [sleeper(42)]);
  const { master_down_interval_ms } = await duet.becomes("BACKUP");
  t.true(master_down_interval_ms > 120_000, `${master_down_interval_ms} ms`);
});
