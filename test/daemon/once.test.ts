// startup_script and shutdown_script, by the whole daemon.

import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { spawnDuet } from "../helpers/duet.ts";
import { enterNewNetwork } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

enterNewNetwork(); // one duet a network namespace

type Place = {
  readonly dir: string;
  readonly script: (name: string, lines: string) => string;
  readonly text: () => string;
};

function place(t: ExecutionContext): Place {
  const dir = mkdtempSync(join(tmpdir(), "duet-once-"));
  t.teardown(() => rmSync(dir, { recursive: true, force: true }));
  return {
    dir,
    script(name, lines) {
      writeFileSync(join(dir, name), `#!/bin/sh\n${lines}\n`);
      chmodSync(join(dir, name), 0o755);
      return join(dir, name);
    },
    text: () => (existsSync(join(dir, "out")) ? readFileSync(join(dir, "out"), "utf8") : ""),
  };
}

/** An interface that there is not: nothing of this machine is touched. */
function config(global: string): string {
  return `[global]\n${global}\n[vrrp_instance.VI_1]\ninterface = no-such-if\nvirtual_router_id = 51\nvirtual_ipaddress[] = 203.0.113.1/32\n`;
}

test.serial(
  "startup_script has ended before the first role starts, shutdown_script begins when the last is gone",
  async (t) => {
    const { dir, script, text } = place(t);
    // The run directory tells: roles make their sockets there.
    const up = script("up", `ls ${dir}/run | grep -c sock >>${dir}/out; echo up >>${dir}/out`);
    const down = script(
      "down",
      `ls ${dir}/run | grep -c sock >>${dir}/out; echo down >>${dir}/out`,
    );
    const ini = config(`startup_script = ${up}\nshutdown_script = ${down}`);
    const duet = spawnDuet(t, ini, { runDir: join(dir, "run") });
    await eventually(
      "the control socket",
      () => existsSync(join(dir, "run/duet.sock")) || undefined,
    );
    t.is(text(), "0\nup\n");
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.is(text(), "0\nup\n0\ndown\n");
  },
);

test.serial(
  "a startup_script that fails, or takes too long, is said, and the start goes on",
  async (t) => {
    const { dir, script } = place(t);
    const slow = script("slow", "echo waiting; exec sleep 60");
    const ini = config(`startup_script = ${slow}\nstartup_script_timeout = 1`);
    const duet = spawnDuet(t, ini, { runDir: join(dir, "run") });
    const line = await duet.said({ msg: "script failed", script: "startup_script" });
    t.like(line, { cause: "timeout", detail: "no end in 1000 ms", output: "waiting\n" });
    await eventually(
      "the control socket",
      () => existsSync(join(dir, "run/duet.sock")) || undefined,
    );
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
  },
);

test.serial(
  "SIGTERM during startup_script ends it, and duet with it; nothing was started",
  async (t) => {
    const { dir, script, text } = place(t);
    const up = script("up", `echo $$ >>${dir}/out; exec sleep 60`);
    const ini = config(`startup_script = ${up}\nstartup_script_timeout = 60`);
    const duet = spawnDuet(t, ini, { runDir: join(dir, "run") });
    await eventually("the script", () => text().endsWith("\n") || undefined);
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.false(existsSync(join(dir, "run/duet.pid")));
    t.false(duet.lines().some(({ msg }) => msg === "role started"));
    t.throws(() => process.kill(Number(text()), 0), { code: "ESRCH" });
  },
);
