// What `duet status` says of a real daemon that is not well, and the causes of a real pair.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { Degraded } from "../../src/control/degraded.ts";
import { instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { type Duet, duetCommand, killQuietly, type LogLine, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

test.serial(
  "a hook that failed, a reload that was refused and a process that died are reasons, each until it is over",
  async (t) => {
    const hook = join(mkdtempSync(join(tmpdir(), "duet-test-")), "hook.sh");
    writeFileSync(hook, "#!/bin/sh\necho more\necho no such unit >&2\nexit 3\n", { mode: 0o755 });
    const hooked = (more: readonly string[]): string =>
      instanceText({ vrid: 1, priority: 100, vips: ["10.9.0.101/24"], more });
    const duet = await startDuet(t, hooked([`notify_master = ${hook}`]));
    await duet.becomes("MASTER");
    const failed = await reason(duet, "hook_failed");
    t.like(failed, {
      subject: "VI notify_master",
      text: "failed at MASTER: exit status 3: no such unit",
    });
    const { code, output } = await duetCommand(["status", "--run-dir", duet.runDir]);
    t.is(code, 1);
    t.regex(
      output,
      /^DEGRADED:\n {2}VI notify_master: failed at MASTER: exit status 3: no such unit /,
    );

    duet.write("[vrrp_instance.VI_1]\npriority = many\n");
    const refused = await duetCommand(["reload", "--run-dir", duet.runDir]);
    t.is(refused.code, 1);
    const { text } = await reason(duet, "reload_refused");
    t.regex(text, /^at 2\d\d\d-.*Z, nothing was changed: .*duet\.ini:\d+: /);
    duet.write(hooked([]));
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    t.false((await duet.status()).degraded.some(({ kind }) => kind === "reload_refused"));

    const pid = await duet.pidOf("vrrp");
    killQuietly(pid, "SIGKILL");
    t.regex((await reason(duet, "role_restarted")).text, /^died at .*: (SIGKILL|channel closed)$/);
    await duet.becomes("MASTER");
    const told = await duetCommand(["status", "--run-dir", duet.runDir]);
    t.regex(told.output, /^vrrp \(pid \d+\) restarted 1x, last \d+s ago: /m);
  },
);

test.serial("a living master whose priority falls, and rises again, is told as that", async (t) => {
  const vips = ["10.9.0.102/24"];
  const first = (priority: number): string =>
    instanceText({ vrid: 2, priority, vips, interface: THERE.device });
  const high = await startDuet(t, first(150), { place: pair.there });
  await high.becomes("MASTER");
  const low = await startDuet(t, instanceText({ vrid: 2, priority: 100, vips }));
  await eventually("it hears its master", async () => (await low.instance()).master !== null);
  high.write(first(90));
  t.is((await duetCommand(["reload", "--run-dir", high.runDir], pair.there)).code, 0);
  t.is((await low.becomes("MASTER")).cause, "master_priority_fell");
  const line = await low.said({ msg: "state changed", to: "MASTER" });
  t.like(line, { peer: THERE.address, peer_priority: 90, priority: 100, priority_why: "100" });
  await high.becomes("BACKUP");
  await eventually("it hears its master", async () => (await high.instance()).master !== null);
  high.write(first(150));
  t.is((await duetCommand(["reload", "--run-dir", high.runDir], pair.there)).code, 0);
  t.is((await high.becomes("MASTER")).cause, "own_priority_rose");
  t.is((await low.becomes("BACKUP")).cause, "higher_priority_advert");
});

test.serial("without a capability it says which one, once, and ends", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "duet-test-"));
  const file = join(directory, "duet.ini");
  writeFileSync(file, instanceText({ vrid: 3, priority: 100, vips: ["10.9.0.103/24"] }));
  const run = ["build/duet/main.js", "run", "-f", file, "--run-dir", join(directory, "run")];
  const drop = ["--bounding-set", "-net_raw", "--inh-caps", "-net_raw", process.execPath];
  const child = pair.here.spawn("setpriv", [...drop, ...run]);
  let said = "";
  child.stderr?.on("data", (text: Buffer) => (said += text.toString()));
  const code = await new Promise((resolve) => child.once("close", resolve));
  t.is(code, 1);
  const lines = said.trimEnd().split("\n");
  const fatal = lines.map((line) => JSON.parse(line) as LogLine).filter(isFatal);
  t.is(fatal.length, 1, said);
  t.like(fatal[0], { missing: ["CAP_NET_RAW"], msg: "capabilities are missing: run it as root" });
  t.false(said.includes("stack"), said);
});

function isFatal({ level }: LogLine): boolean {
  return level === "fatal";
}

async function reason(duet: Duet, kind: Degraded["kind"]): Promise<Degraded> {
  return eventually(`the reason ${kind}`, async () => {
    const { degraded } = await duet.status();
    return degraded.find((each) => each.kind === kind);
  });
}
