// Stopping, and starting where another one runs.

import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds, wallMs } from "../helpers/daemon-place.ts";
import { duetCommand, killAtOnce, killQuietly, spawnDuet, startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { sniff } from "../helpers/sniff.ts";
import { watchAddress } from "../helpers/sniff-addresses.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);

for (const [vrid, how] of [
  [1, "SIGTERM"],
  [2, "SIGINT to every process, as Ctrl-C sends it"],
  [3, "duet stop"],
] as const) {
  test.serial(`${how}: a clean stop within 2 s, exit status 0`, async (t) => {
    const vip = `10.9.0.${100 + vrid}`;
    const sniffer = await sniff(t, pair.there, THERE.device);
    const duet = await startDuet(t, instanceText({ vrid, priority: 100, vips: [`${vip}/24`] }));
    await duet.becomes("MASTER");
    await eventually("the address", () => holds(pair.here, vip));
    // What a command costs to start here and now is not the stop's.
    const controlMs = wallMs();
    await duetCommand(["status", "--run-dir", duet.runDir]);
    const fromMs = wallMs();
    if (vrid === 1) duet.signal("SIGTERM");
    if (vrid === 2) for (const pid of duet.living()) killQuietly(pid, "SIGINT");
    if (vrid === 3) t.is((await duetCommand(["stop", "--run-dir", duet.runDir])).code, 0);
    t.is(await duet.ended, 0);
    const tookMs = wallMs() - fromMs;
    t.log(`took ${tookMs.toFixed(0)} ms`);
    const limitMs = 2000 + (fromMs - controlMs);
    t.true(tookMs < limitMs + (await metronome.lostMs(fromMs, fromMs + tookMs)));
    t.false(holds(pair.here, vip));
    t.deepEqual(duet.living(), []);
    t.deepEqual(
      readdirSync(duet.runDir).filter((name) => name !== "duet.lock"),
      [],
      "no socket, no pid file",
    );
    // Once when the stop begins, and once when nobody has followed and the address is off.
    await eventually("priority 0", () => sniffer.adverts({ vrid, priority: 0 }).length === 2);
    t.is((await duetCommand(["status", "--run-dir", duet.runDir])).code, 3);
  });
}

test.serial("a second duet on the run directory of a first is refused and names it", async (t) => {
  const text = instanceText({ vrid: 4, priority: 100, vips: ["10.9.0.104/24"] });
  const first = await startDuet(t, text);
  await first.becomes("MASTER");
  const second = spawnDuet(t, text, { runDir: first.runDir });
  t.is(await second.ended, 1);
  const line = await second.said({ msg: "another duet runs here" });
  t.is(line["pid_of_other"], first.pid);
  const { state, counters } = await first.instance();
  t.is(state, "MASTER");
  t.is(counters.became_master, 1);
  t.true(holds(pair.here, "10.9.0.104"));
});

test.serial(
  "a second duet with a run directory of its own is refused too, and `duet release` as well: nothing of the first is touched",
  async (t) => {
    const vip = "10.9.0.106";
    const text = instanceText({ vrid: 6, priority: 100, vips: [`${vip}/24`] });
    const first = await startDuet(t, text);
    await first.becomes("MASTER");
    const log = await watchAddress(t, pair.here, vip);
    const second = spawnDuet(t, instanceText({ vrid: 7, priority: 100, vips: ["10.9.0.107/24"] }));
    t.is(await second.ended, 1);
    const line = await second.said({ msg: "another duet runs in this network namespace" });
    t.is(line["pid_of_other"], first.pid);
    rmSync(first.runDir, { recursive: true });
    for (const runDir of [first.runDir, second.runDir]) {
      const { code, output } = await duetCommand(["release", "--run-dir", runDir]);
      t.is(code, 1, output);
      t.true(output.includes(`duet runs in this network namespace, pid ${first.pid}`), output);
    }
    t.deepEqual(
      log.changes().map(({ present }) => present),
      [true],
    );
    const elsewhere = await startDuet(t, text.replace(HERE.device, THERE.device), {
      place: pair.there,
    });
    await elsewhere.becomes("BACKUP");
    killAtOnce(first);
    await first.ended;
    t.is((await duetCommand(["release", "--run-dir", first.runDir])).code, 0, "it died");
    t.false(holds(pair.here, vip));
  },
);

test.serial("a run directory that cannot be one is refused, and its path is told", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "duet-test-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "file");
  writeFileSync(file, "not a directory");
  const text = instanceText({ vrid: 5, priority: 100, vips: ["10.9.0.105/24"] });
  for (const runDir of [file, join(file, "below"), "/proc/duet"]) {
    const duet = spawnDuet(t, text, { runDir });
    t.is(await duet.ended, 1, runDir);
    const said = duet.lines().map((line) => JSON.stringify(line));
    t.true(
      said.some((line) => line.includes(runDir)),
      said.join("\n"),
    );
    t.false(
      said.some((line) => line.includes("    at ")),
      "no stack trace",
    );
  }
});

test.serial("a run directory that another one left behind is used", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "duet-test-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  for (const name of ["duet.pid", "duet.lock"]) writeFileSync(join(directory, name), "99999999\n");
  const text = instanceText({ vrid: 6, priority: 100, vips: ["10.9.0.106/24"] });
  const duet = await startDuet(t, text, { runDir: directory });
  await duet.becomes("MASTER");
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.false(existsSync(join(directory, "duet.pid")));
});

test.serial("a configuration that is refused starts nothing", async (t) => {
  const bad = spawnDuet(t, instanceText({ vrid: 256, priority: 300, vips: ["10.9.0.107/33"] }));
  t.is(await bad.ended, 1);
  const problems = bad.lines().filter(({ msg }) => msg === "configuration");
  const errors = problems.filter(({ level }) => level === "error");
  t.deepEqual(
    errors.map(({ ["line"]: line }) => line),
    [3, 4, 7],
  );
  t.deepEqual(bad.living(), []);
  t.false(pair.here.run(`ip address show dev ${HERE.device}`).includes("10.9.0.107"));
});
