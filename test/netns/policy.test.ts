// Keys of the election and of announcements on a real wire.

import { readFileSync } from "node:fs";
import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { duetCommand, spawnDuet, startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);

test.serial(
  "vrrp_startup_delay holds every priority back, and a reload within it too",
  async (t) => {
    const owned = "10.9.0.131";
    pair.here.run(`ip address add ${owned}/32 dev ${HERE.device}`);
    const text = (delayS: number, priority: number): string =>
      [
        `[global]\nvrrp_startup_delay = ${delayS}`,
        instanceText({ name: "A", vrid: 30, priority, vips: ["10.9.0.130/24"] }),
        instanceText({ name: "OWNER", vrid: 31, priority: 255, vips: [`${owned}/32`] }),
      ].join("\n");
    const sniffer = await sniff(t, pair.there, THERE.device);
    const duet = spawnDuet(t, text(60, 100));
    await duet.said({ msg: "elections wait", key: "vrrp_startup_delay" });
    const held = await eventually("the status", async () => {
      const { vrrp_instances } = await duet.status().catch(() => ({ vrrp_instances: [] }));
      return vrrp_instances.length === 2 && vrrp_instances;
    });
    t.deepEqual(
      held.map(({ state, waiting }) => [state, waiting?.for]),
      [
        ["INIT", ["vrrp_startup_delay"]],
        ["INIT", ["vrrp_startup_delay"]],
      ],
    );
    const { output } = await duetCommand(["status", "--run-dir", duet.runDir]);
    t.regex(output, /waits for {2}vrrp_startup_delay, \d+s at most/);

    duet.write(text(60, 120));
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    t.deepEqual(
      (await duet.status()).vrrp_instances.map(({ state }) => state),
      ["INIT", "INIT"],
    );
    t.deepEqual(sniffer.adverts(), []);

    duet.write(text(0, 120));
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    t.is((await duet.becomes("MASTER", "OWNER")).cause, "startup_as_owner");
    const began = await duet.becomes("MASTER", "A");
    t.deepEqual([began.cause, began.priority, began.waiting], ["master_down_timer", 120, null]);
  },
);

test.serial("vrrp_garp_interval: announcements keep their distance, on the wire", async (t) => {
  const vips = ["10.9.0.140", "10.9.0.141", "10.9.0.142"];
  const sniffer = await sniff(t, pair.there, THERE.device);
  const text = instanceText({ vrid: 40, priority: 100, vips: vips.map((each) => `${each}/24`) });
  const duet = await startDuet(
    t,
    `[global]\nvrrp_garp_interval = 0.05\nvrrp_garp_master_repeat = 3\nvrrp_garp_master_delay = 0\n${text}`,
  );
  const heard = (): readonly { readonly atMs: number }[] =>
    vips.flatMap((each) => sniffer.announcements(each)).toSorted((a, b) => a.atMs - b.atMs);
  await duet.becomes("MASTER");
  await eventually("all of them", () => heard().length >= 9);
  const times = heard().map(({ atMs }) => atMs);
  const gapsMs = times.slice(1).map((atMs, i) => atMs - (times[i] ?? atMs));
  t.log(`gaps ${gapsMs.map((ms) => ms.toFixed(1)).join(" ")} ms`);
  t.is(times.length, 9);
  // A pause begins when a packet is sent; the capture's own clock may differ by a little.
  for (const [i, gapMs] of gapsMs.entries()) {
    // One that was late leaves less to the next.
    const lostMs = await metronome.lostMs((times[i] ?? 0) - 50, times[i + 1] ?? 0);
    t.true(gapMs > 45 - lostMs, `never closer: ${gapMs} ms`);
  }
  const first = vips.map((each) => sniffer.announcements(each)[0]?.atMs ?? Infinity);
  const second = vips.map((each) => sniffer.announcements(each)[1]?.atMs ?? Infinity);
  t.true(Math.max(...first) < Math.min(...second), "every address once before any twice");
  t.true(vips.every((each) => holds(pair.here, each)));
});

test.serial(
  "the vrrp process gets its place in the kernel's schedule, and gives it back",
  async (t) => {
    const text = instanceText({ vrid: 50, priority: 100, vips: ["10.9.0.150/24"] });
    const lines = ["vrrp_rt_priority = 7", "vrrp_priority = -3", "vrrp_cpu_affinity[] = 0"];
    const duet = await startDuet(
      t,
      `[global]\n${lines.join("\n")}\nvrrp_rlimit_rttime = 5000000\n${text}`,
    );
    const pid = await duet.pidOf("vrrp");
    t.deepEqual(scheduleOf(pid), { policy: "SCHED_RR", priority: 7, nice: -3, cpus: "0" });
    t.regex(readFileSync(`/proc/${pid}/limits`, "utf8"), /Max realtime timeout +5000000 /);
    t.is(scheduleOf(duet.pid).policy, "SCHED_OTHER", "the guardian's own");
    duet.write(text);
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    t.deepEqual(scheduleOf(pid), { ...scheduleOf(duet.pid), policy: "SCHED_OTHER", priority: 0 });
    t.is((await duet.instance()).counters.released_master, 0);
  },
);

/** proc(5): of the main thread. */
function scheduleOf(pid: number): {
  readonly policy: string;
  readonly priority: number;
  readonly nice: number;
  readonly cpus: string | undefined;
} {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    policy: ["SCHED_OTHER", "SCHED_FIFO", "SCHED_RR"][Number(fields[38])] ?? "?",
    priority: Number(fields[37]),
    nice: Number(fields[16]),
    cpus: /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1],
  };
}
