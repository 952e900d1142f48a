// Two duets: who waits, who takes over, and when (RFC 5798 §6.1, §6.4).

import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { type HeardAdvert, longestGap, sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);
const at = { interface: THERE.device } as const;

for (const [vrid, word, wins] of [
  [1, "preempt = yes", true],
  [2, "nopreempt = yes", false],
] as const) {
  test.serial(
    `${word}: a higher priority ${wins ? "takes over" : "waits while the master lives"}`,
    async (t) => {
      const vip = `10.9.0.${100 + vrid}`;
      const low = await startDuet(
        t,
        instanceText({ ...at, vrid, priority: 100, vips: [`${vip}/24`] }),
        {
          place: pair.there,
        },
      );
      await low.becomes("MASTER");
      const high = await startDuet(
        t,
        instanceText({ vrid, priority: 200, vips: [`${vip}/24`], more: [word] }),
      );
      if (wins) {
        await high.becomes("MASTER");
        await low.becomes("BACKUP");
        t.true(holds(pair.here, vip) && !holds(pair.there, vip));
        return;
      }
      await eventually(
        "time to take over",
        async () => (await high.instance()).counters.adverts_received > 8,
      );
      t.is((await high.instance()).state, "BACKUP");
      t.is((await low.instance()).state, "MASTER");
      low.signal("SIGTERM");
      t.is((await high.becomes("MASTER")).cause, "priority_zero_received");
    },
  );
}

test.serial(
  "state = MASTER waits Master_Down_Interval all the same, priority 255 does not wait",
  async (t) => {
    pair.here.run(`ip address add 10.9.0.104/24 dev ${HERE.device}`);
    const waits = instanceText({
      name: "W",
      vrid: 3,
      priority: 200,
      vips: ["10.9.0.103/24"],
      more: ["state = MASTER"],
    });
    const owner = instanceText({
      name: "O",
      vrid: 4,
      priority: 255,
      vips: ["10.9.0.104/24"],
      more: ["state = MASTER"],
    });
    const duet = await startDuet(t, waits + owner);
    await duet.becomes("MASTER", "W");
    const steps = duet.lines().filter(({ msg }) => msg === "state changed");
    const of = (name: string): unknown[] =>
      steps
        .filter(({ instance }) => instance === name)
        .map(({ from, to, cause }) => [from, to, cause]);
    t.deepEqual(of("O"), [["INIT", "MASTER", "startup_as_owner"]]);
    t.deepEqual(of("W"), [
      ["INIT", "BACKUP", "startup"],
      ["BACKUP", "MASTER", "master_down_timer"],
    ]);
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.true(holds(pair.here, "10.9.0.104"), "the owner's address was there before and stays");
    t.false(holds(pair.here, "10.9.0.103"));
    pair.here.run(`ip address del 10.9.0.104/24 dev ${HERE.device}`);
  },
);

test.serial("version 3 learns the master's interval (RFC 5798 §6.4.2, 440)", async (t) => {
  const common = { vrid: 5, vips: ["10.9.0.105/24"] };
  const slow = await startDuet(t, instanceText({ ...at, ...common, priority: 200, advertS: 0.5 }), {
    place: pair.there,
  });
  await slow.becomes("MASTER");
  // Whatever it is: by default four times its own interval are the most that it believes.
  const more = ["learned_advert_int_max = 0"];
  const fast = await startDuet(t, instanceText({ ...common, priority: 100, advertS: 0.05, more }));
  // Until it has heard the first advert it only knows its own interval, and may be too early.
  await eventually(
    "the first advert",
    async () => (await fast.instance()).master?.priority === 200,
  );
  const before = (await fast.instance()).counters;
  await eventually(
    "several adverts",
    async () => (await fast.instance()).counters.adverts_received > before.adverts_received + 3,
  );
  const { state, counters, master_down_interval_ms } = await fast.instance();
  t.is(state, "BACKUP");
  t.is(counters.became_master, before.became_master, "its own 0.05 s would have been over");
  t.is(master_down_interval_ms, Math.round(3 * 500 + (156 * 500) / 256));
});

test.serial("100 adverts a second are 10 ms apart", async (t) => {
  const common = { vrid: 6, vips: ["10.9.0.106/24"], advertS: 0.01 };
  const master = await startDuet(t, instanceText({ ...common, priority: 200 }));
  await master.becomes("MASTER");
  const sniffer = await sniff(t, pair.there, THERE.device);
  const heard = (): readonly HeardAdvert[] => sniffer.adverts({ vrid: 6, source: HERE.address });
  await eventually("two hundred of them", () => heard().length > 200);
  const times = heard().map(({ atMs }) => atMs);
  // A busy machine delays some of them, a wrong rhythm all: one of ten times twenty in a row is right, but for what it took.
  const offMs: number[] = [];
  for (let i = 20; i <= 200; i += 20) {
    const [fromMs = 0, toMs = 0] = [times[i - 20], times[i]];
    offMs.push(Math.abs(toMs - fromMs - 200) - (await metronome.lostMs(fromMs, toMs)));
  }
  t.true(Math.min(...offMs) < 4, offMs.join(" "));
  t.log(`longest pause ${longestGap(heard()).ms.toFixed(1)} ms`);
});
