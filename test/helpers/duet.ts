// The whole daemon as users run it: `duet run -f FILE --run-dir DIR` as a process, in a place of the test's choice.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "../../src/control/client.ts";
import type { InstanceStatus, Role, Status } from "../../src/control/status.ts";
import { here, linesOf, type Place, type Teardown } from "./daemon-place.ts";
import { eventually, PATIENCE_MS } from "./wait.ts";

const PROGRAM = "build/duet/main.js";

export type LogLine = {
  readonly msg: string;
  readonly level: string;
  readonly [key: string]: unknown;
};
/** Fields that a log line must have. */
export type LogMatch = Readonly<Record<string, unknown>>;
export type CommandEnd = { readonly code: number; readonly output: string };

export type Duet = {
  readonly runDir: string;
  readonly file: string;
  readonly pid: number;
  readonly lines: () => readonly LogLine[];
  /** The next line like this after those that `mark` counted (all lines when it is not given). */
  readonly said: (
    match: LogMatch,
    options?: { after?: number; deadlineMs?: number },
  ) => Promise<LogLine>;
  readonly status: () => Promise<Status>;
  readonly instance: (name?: string) => Promise<InstanceStatus>;
  /** Waits until the instance is in the state. */
  readonly becomes: (
    state: InstanceStatus["state"],
    name?: string,
    deadlineMs?: number,
  ) => Promise<InstanceStatus>;
  readonly pidOf: (role: Role) => Promise<number>;
  readonly write: (config: string) => void;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Exit status, or the name of the signal. */
  readonly ended: Promise<number | string>;
  /** Pids of all processes of this daemon that live, whoever is their parent. */
  readonly living: () => readonly number[];
};

/** Resolves when every instance has left INIT. `runDir`: of an earlier run. */
export async function startDuet(
  t: Teardown,
  config: string,
  options: { readonly place?: Place; readonly runDir?: string; readonly file?: string } = {},
): Promise<Duet> {
  const duet = spawnDuet(t, config, options);
  const names = [...readFileSync(duet.file, "utf8").matchAll(/^\[?vrrp_instance[. ](\S+)/gm)].map(
    ([, name]) => name,
  );
  await eventually("the start of duet", async () => {
    const answer = await request({
      runDir: duet.runDir,
      method: "GET",
      path: "/v1/status",
      timeoutMs: 2000,
    });
    if (!answer.ok || answer.status !== 200) return false;
    const { vrrp_instances } = answer.body as Status;
    const settled = vrrp_instances.filter(({ state }) => state !== "INIT");
    return settled.length === names.length;
  });
  return duet;
}

/** Does not wait for anything. */
export function spawnDuet(
  t: Teardown,
  config: string,
  options: { readonly place?: Place; readonly runDir?: string; readonly file?: string } = {},
): Duet {
  const directory = mkdtempSync(join(tmpdir(), "duet-test-"));
  const runDir = options.runDir ?? join(directory, "run");
  const file = options.file ?? join(directory, "duet.ini");
  if (options.file === undefined) writeFileSync(file, config);
  const args = [PROGRAM, "run", "-f", file, "--run-dir", runDir];
  const { place = here } = options;
  const child = place.spawn(process.execPath, args);
  const lines: LogLine[] = [];
  linesOf(child.stderr, (line) => lines.push(parseLine(line)));
  const ended = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code ?? -1));
  });
  const living = (): readonly number[] => {
    const guardians = child.exitCode === null && child.signalCode === null ? [child.pid ?? 0] : [];
    return [...guardians, ...rolesOf(runDir)];
  };
  t.teardown(async () => {
    for (const pid of living()) killQuietly(pid, "SIGKILL");
    await ended; // as long as it is there it holds the lock of its network namespace
    // Its addresses would stay for a minute, and the kernel silent for longer.
    await duetCommand(["release", "--run-dir", runDir], place);
    rmSync(directory, { recursive: true, force: true });
  });

  async function status(): Promise<Status> {
    const answer = await request({ runDir, method: "GET", path: "/v1/status", timeoutMs: 5000 });
    if (!answer.ok) throw new Error(`No status: ${answer.detail}`);
    return answer.body as Status;
  }

  async function instance(name?: string): Promise<InstanceStatus> {
    const { vrrp_instances: all } = await status();
    const found = name === undefined ? all[0] : all.find((each) => each.name === name);
    if (found === undefined) throw new Error(`No instance ${name} in status`);
    return found;
  }

  return {
    runDir,
    file,
    pid: child.pid ?? 0,
    lines: () => lines,
    said: async (match, { after = 0, deadlineMs = PATIENCE_MS } = {}) =>
      eventually(
        () =>
          `a log line ${JSON.stringify(match)}, heard: ${lines.map(({ msg }) => msg).join(" | ")}`,
        () => lines.slice(after).find((line) => matches(line, match)),
        deadlineMs,
      ),
    status,
    instance,
    becomes: async (state, name, deadlineMs = PATIENCE_MS) =>
      eventually(
        `${name ?? "the instance"} in state ${state}`,
        async () => {
          const now = await instance(name).catch(() => undefined);
          return now?.state === state ? now : undefined;
        },
        deadlineMs,
      ),
    async pidOf(role) {
      const { processes } = await status();
      const found = processes.find((each) => each.role === role);
      if (found === undefined) throw new Error(`No process of role ${role}`);
      return found.pid;
    },
    write: (text) => writeFileSync(file, text),
    signal: (signal) => void child.kill(signal),
    ended,
    living,
  };
}

/** A command beside the daemon: `duet reload --run-dir DIR`. */
export async function duetCommand(
  args: readonly string[],
  place: Place = here,
): Promise<CommandEnd> {
  const child = place.spawn(process.execPath, [PROGRAM, ...args]);
  let output = "";
  child.stdout?.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr?.on("data", (text: Buffer) => (output += text.toString()));
  return new Promise((resolve) => {
    child.once("close", (code) => resolve({ code: code ?? -1, output }));
  });
}

export function killQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone.
  }
}

/** All processes of a daemon, so that none of them can act on the death of another. */
export function killAtOnce(duet: Duet): void {
  const pids = duet.living();
  for (const pid of pids) killQuietly(pid, "SIGSTOP");
  for (const pid of pids) killQuietly(pid, "SIGKILL");
}

function matches(line: LogLine, match: LogMatch): boolean {
  return Object.entries(match).every(([key, value]) => line[key] === value);
}

function parseLine(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { msg: line, level: "none" };
  }
}

/** By what the guardian gave them, wherever they are. Zombies do not live: their environment is empty. */
function rolesOf(runDir: string): readonly number[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      return environment.includes(`DUET_RUN_DIR=${runDir}`) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}
