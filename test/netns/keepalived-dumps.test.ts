// The dump files that keepalived writes at a signal, and those of `duet keepalived` with the same configuration: the same keys,
// types and lines, and to an exporter the same.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import {
  countsOfStats,
  instancesOfData,
  instancesOfJson,
  scriptsOfData,
} from "../helpers/keepalived-exporter.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";
import { eventually } from "../helpers/wait.ts";

const FILE = `global_defs {
  router_id lb1
  script_user root
}
vrrp_script chk {
  script "/usr/bin/true now"
  interval 1
  weight 7
}
vrrp_track_process none {
  process nobody-runs-this
  weight 5
}
vrrp_sync_group G1 {
  group {
    VI_2
  }
}
vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 100
  version 3
  advert_int 0.1
  track_interface {
    eth1
  }
  track_script {
    chk
  }
  track_process {
    none
  }
  virtual_ipaddress {
    10.9.0.100/24
    10.9.0.101/24 dev eth1 label eth1:1
    10.9.0.103/32
  }
  virtual_ipaddress_excluded {
    10.9.0.102/24
  }
  notify_master "/usr/bin/true master"
  notify "/usr/bin/true any"
  smtp_alert
}
vrrp_instance VI_2 {
  state MASTER
  interface eth1
  virtual_router_id 52
  priority 90
  nopreempt
  garp_master_delay 3
  garp_lower_prio_delay 4
  authentication {
    auth_type PASS
    auth_pass s3cret
  }
  virtual_ipaddress {
    10.8.0.110/24
  }
}
`;

type Dumps = { readonly data: string; readonly stats: string; readonly json: string };

test.before(() => {
  enterNewNetwork();
  for (const n of [0, 1]) {
    ip(`link add eth${n} type veth peer name p${n}`);
    ip(`link set eth${n} up`);
    ip(`link set p${n} up`);
    ip(`address add 10.${9 - n}.0.1/24 dev eth${n}`);
  }
});

const JSON_SIGNAL = 36;
const CLEAR_SIGNAL = 63;

/** The file as it is after the signal; what was there before is gone. */
async function dumpOf(pid: number, signal: NodeJS.Signals | number, path: string): Promise<string> {
  rmSync(path, { force: true });
  process.kill(pid, signal);
  return eventually(path, () => {
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    // keepalived writes in place.
    return text.endsWith("\n") || text.endsWith("]") || text.endsWith("}") ? text : undefined;
  });
}

async function start(
  t: ExecutionContext,
  program: readonly string[],
  directory: string,
): Promise<{ readonly pid: number; readonly stop: () => Promise<void> }> {
  const [command = "", ...args] = program;
  const files = ["-p", "pid", "-r", "vrrp", "-c", "checkers"].map((word) =>
    word.startsWith("-") ? word : join(directory, word),
  );
  const child: ChildProcess = spawn(
    command,
    [...args, "-n", "-l", "-P", "-f", join(directory, "keepalived.conf"), ...files],
    {
      stdio: ["ignore", "ignore", "ignore"],
      env: { ...process.env, TMPDIR: directory, DUET_RUN_DIR: join(directory, "run") },
    },
  );
  const ended = once(child, "exit");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  t.teardown(stop);
  await eventually("both addresses", () => {
    const addresses = ip("-o address show");
    return addresses.includes(" 10.9.0.100/24") && addresses.includes(" 10.8.0.110/24");
  });
  return { pid: child.pid ?? 0, stop };
}

/** When the script has been seen to succeed, and both are MASTER. */
async function dumpsOf(pid: number, directory: string): Promise<Dumps> {
  const at = (name: string): string => join(directory, `keepalived.${name}`);
  return eventually("dumps of what has settled", async () => {
    const data = await dumpOf(pid, "SIGUSR1", at("data"));
    const states = Object.values(instancesOfData(data)).map(({ state }) => state);
    if (scriptsOfData(data)[0] !== "chk GOOD idle" || states.some((state) => state !== 2))
      return undefined;
    if (!data.includes("Effective priority = 107")) return undefined;
    return {
      data,
      stats: await dumpOf(pid, "SIGUSR2", at("stats")),
      json: await dumpOf(pid, JSON_SIGNAL, at("json")),
    };
  });
}

test.serial("keepalived's dump files and duet's are alike", async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "keepalived.conf"), FILE, { mode: 0o600 });
  const keepalived = await start(t, ["keepalived"], directory);
  const theirs = await dumpsOf(keepalived.pid, directory);
  await keepalived.stop();

  // What somebody plants in a folder that all may write to is replaced.
  const victim = join(directory, "victim");
  writeFileSync(victim, "untouched");
  symlinkSync(victim, join(directory, "keepalived.json.new"));
  const duet = await start(t, [process.execPath, "build/duet/main.js", "keepalived"], directory);
  const ours = await dumpsOf(duet.pid, directory);
  t.is(readFileSync(victim, "utf8"), "untouched");

  t.deepEqual(instancesOfData(ours.data), instancesOfData(theirs.data));
  t.deepEqual(instancesOfJson(ours.json), instancesOfJson(theirs.json));
  t.deepEqual(instancesOfJson(ours.json), instancesOfData(ours.data));
  t.deepEqual(scriptsOfData(ours.data), scriptsOfData(theirs.data));
  t.is(ours.stats.replace(/\d+$/gm, "N"), theirs.stats.replace(/\d+$/gm, "N"));
  t.deepEqual(jsonShape(ours.json), jsonShape(theirs.json));
  const known = new Set(linesOf(theirs.data));
  t.deepEqual(
    linesOf(ours.data).filter((line) => !known.has(line)),
    [],
  );
  t.true(linesOf(ours.data).length > 80);

  const { VI_1: before } = countsOfStats(ours.stats);
  t.true((before?.["Advertisements/Sent"] ?? 0) > 0);
  t.is(before?.["Became master"], 1);
  await dumpOf(duet.pid, CLEAR_SIGNAL, join(directory, "keepalived.stats"));
  const after = await dumpOf(duet.pid, "SIGUSR2", join(directory, "keepalived.stats"));
  t.is(countsOfStats(after)["VI_1"]?.["Became master"], 0);
  // gen2brain/keepalived_exporter looks for it so.
  t.is(readFileSync(`/proc/${duet.pid}/cmdline`, "utf8").split(/[\0 ]/)[0], "keepalived");
});

/** Times are of each run; keepalived 2.2.7 tells passwords, which 2.4 and duet do not. */
function jsonShape(text: string): unknown {
  const instances = JSON.parse(text) as readonly {
    readonly data: Readonly<Record<string, unknown>>;
    readonly stats: Readonly<Record<string, unknown>>;
  }[];
  return instances.map(({ data, stats }) => ({
    data: {
      ...data,
      last_transition: typeof data["last_transition"],
      auth_data: typeof data["auth_data"],
    },
    stats: Object.fromEntries(Object.entries(stats).map(([key, value]) => [key, typeof value])),
  }));
}

/** Each with what it belongs to. Times are of each run, or in whole milliseconds here; the password is not told. */
function linesOf(data: string): readonly string[] {
  let subject = "";
  return data
    .split("\n")
    .filter(
      (line) =>
        line !== "" && !/^ {3}(Last transition|Master down timer|Password|Timeout) = /.test(line),
    )
    .map((line) => {
      if (/^ ?\S/.test(line)) subject = line;
      return `${subject} | ${line}`;
    });
}
