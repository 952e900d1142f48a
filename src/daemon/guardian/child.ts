// One role as the guardian sees it: spawned, told, watched, started again when it dies.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type Clock, nowMs } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { ChildRole, GuardianMessage, RoleMessage, Unloadable } from "../process/messages.ts";
import { afterDeath, NEVER_DIED, type Respawn } from "./respawn.ts";

export type Child = {
  readonly role: ChildRole;
  readonly pid: () => number | undefined;
  readonly restarts: () => number;
  readonly send: (message: GuardianMessage) => void;
  /** Asks it to stop and resolves when it is gone; SIGKILL after `limitMs`. It is not started again. */
  readonly stop: (limitMs: number) => Promise<void>;
  /** `why` is what it died of. */
  readonly kill: (why: string) => void;
};

const SETTLED_MS = 10_000;

export function openChild(options: {
  readonly role: ChildRole;
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Spawned before by spawnRole(), to be the first one; not used when it is dead already. */
  readonly early?: ChildProcess | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Running (again): it knows nothing yet. */
  readonly onStart: (child: Child) => void;
  readonly onMessage: (message: RoleMessage) => void;
  /** It cannot be started from the files that are there. `isForGood`: they are whole, and others than ours. */
  readonly onUnloadable: (reason: string, isForGood: boolean) => void;
  /** Dead, at the earliest sign of it; before anything is logged. `expected` = we asked for it. */
  readonly onDeath: (expected: boolean, how: string) => void;
}): Child {
  const { role, log } = options;
  let running: ChildProcess | undefined;
  let respawn: Respawn = NEVER_DIED;
  let stopping = false;
  let replaced = { files: "", sinceMs: 0 };
  let killedFor: string | undefined;
  let gone = (): void => {};
  const respawnAlarm = options.clock.alarm(() => start());

  function start(early?: ChildProcess): void {
    if (stopping) return;
    const bornMs = nowMs();
    const usable = early?.connected === true && early.exitCode === null;
    const child = usable ? early : spawnRole(options);
    running = child;
    let dead = false;
    let unloadable: string | undefined = existsSync(options.program)
      ? undefined
      : `${options.program} is not there (is an upgrade under way?)`;
    const die = (sign: string): void => {
      if (dead) return;
      dead = true;
      running = undefined;
      const how = killedFor ?? unloadable ?? sign;
      killedFor = undefined;
      options.onDeath(stopping, how);
      if (stopping) return gone();
      const next = afterDeath(respawn, nowMs() - bornMs, unloadable !== undefined);
      respawn = next.respawn;
      const told = { process: role, how, restart_in_ms: next.delayMs };
      log.error(told, unloadable === undefined ? "role died" : "role cannot be started");
      // The channel closes a moment before the process is reaped; what is left of it must not meet its successor.
      child.kill("SIGKILL");
      respawnAlarm.set(nowMs() + next.delayMs);
    };
    child.on("message", (message: RoleMessage | Unloadable) => {
      if (dead) return;
      if (message.type !== "unloadable") return options.onMessage(message);
      unloadable = message.reason;
      options.onUnloadable(message.reason, areSettled(message.files));
    });
    child.once("disconnect", () => die("channel closed"));
    child.once("exit", (code, signal) => die(signal ?? `exit status ${code}`));
    child.once("error", (error) => die(error.message));
    options.onStart(self);
  }

  /** They may be replaced still: so it is asked at two starts, some time apart. */
  function areSettled(files: string | null): boolean {
    if (files !== replaced.files) replaced = { files: files ?? "", sinceMs: nowMs() };
    return files !== null && nowMs() - replaced.sinceMs >= SETTLED_MS;
  }

  const self: Child = {
    role,
    pid: () => running?.pid,
    restarts: () => respawn.restarts,
    send(message) {
      if (running?.connected === true) running.send(message, () => {});
    },
    async stop(limitMs) {
      stopping = true;
      respawnAlarm.set(Infinity);
      const child = running;
      if (child === undefined) return;
      await new Promise<void>((resolve) => {
        gone = resolve;
        options.clock.alarm(() => child.kill("SIGKILL")).set(nowMs() + limitMs);
        self.send({ type: "stop" });
      });
    },
    kill(why) {
      killedFor = why;
      running?.kill("SIGKILL");
    },
  };
  start(options.early);
  return self;
}

/** A role that waits for its configuration. */
export function spawnRole(options: {
  readonly role: ChildRole;
  readonly program: string;
  readonly environment: NodeJS.ProcessEnv;
}): ChildProcess {
  const flags = options.role === "director" ? DIRECTOR_FLAGS : NODE_FLAGS;
  const args = [...flags, options.program, "--role", options.role];
  // stdio: no input, the guardian's own stdout and stderr, and the channel.
  const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
  const { environment: env } = options;
  const child = spawn(process.execPath, args, { stdio: [...stdio], env, ...OWN_GROUP });
  child.on("error", () => {}); // told by "exit" or by openChild; without a listener it would be thrown
  return child;
}

/**
 * A terminal's Ctrl-C and a kill of the whole group reach the guardian only, which decides: until a child's handlers are there
 * they would end it. setsid(2); it ends with the guardian by its channel.
 */
export const OWN_GROUP = { detached: true } as const;

/** Small heaps: roles live long and hold little. */
const NODE_FLAGS = ["--max-semi-space-size=2"];
/**
 * Thousands of checks leave much behind and little of it lives: measured with 20,000 of them, twice as much memory without
 * the limit to the growth, and a fifth more processor time with it and the smaller young space.
 */
const DIRECTOR_FLAGS = ["--max-semi-space-size=4", "--heap-growing-percent=40"];
