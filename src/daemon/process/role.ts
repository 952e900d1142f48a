// What every child role has in common: the channel to the guardian, and dying with it.

import type { Config } from "../../config/model.ts";
import type { ReadOptions } from "../../config/read-options.ts";
import { isKernelError } from "../../kernel/errors.ts";
import { keepCapabilities } from "../../kernel/keep-capabilities.ts";
import { shareAlike } from "../../lib/alike.ts";
import { timeoutClock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import { flushLog, type Log, type LogLevel, openLog } from "../../lib/log.ts";
import type { ChildRole, GuardianMessage, RoleMessage } from "./messages.ts";
import { ROLE_CAPABILITIES } from "./role-capabilities.ts";

/** What the guardian tells a role at its birth, by environment (guardian/roles.ts): read here, and nowhere else. */
export type RoleContext = {
  readonly log: Log;
  readonly runDir: string;
  readonly started: Started;
  readonly file: ConfigFileRead;
  readonly tell: (message: RoleMessage) => void;
};

/** The configuration file, and how it is read. */
export type ConfigFileRead = {
  readonly file: string;
  readonly how: ReadOptions;
  /** What alone of it runs (keepalived -P, -C); null = all of it. */
  readonly half: "vrrp" | "checkers" | null;
};

/** When duet started, which is not when this role did: it may have been started again. NaN = nobody said. */
export type Started = {
  /** By the wall clock. */
  readonly wallMs: number;
  /** Since the boot. */
  readonly uptimeMs: number;
};

export type RoleBody = {
  /** The first call starts the work, later ones are reloads. */
  readonly configure: (config: Config) => void | Promise<void>;
  /** Undo everything that must not outlive a clean stop. */
  readonly stop: () => void | Promise<void>;
  /** The guardian is gone: give up what others may take over, as fast as possible. */
  readonly orphaned: () => void | Promise<void>;
  /** Messages that only this role gets. */
  readonly other?: (message: GuardianMessage) => void;
};

const HEARTBEAT_MS = 1000;

/** Runs until the guardian says stop or disappears; then exits the process. */
export function runRole(role: ChildRole, open: (context: RoleContext) => RoleBody): void {
  const level = (process.env["DUET_LOG_LEVEL"] ?? "info") as LogLevel;
  const runDir = process.env["DUET_RUN_DIR"];
  if (process.send === undefined || runDir === undefined) {
    throw new Error(`Cannot run role "${role}" by hand: duet run starts it`);
  }
  const log = openLog({ role, level });
  process.title = `duet-${role}`;
  // The guardian starts it again; what it died of belongs in the log, not only on a terminal.
  process.on("uncaughtException", (error) => {
    // A missing capability is no fault of the program: its name says more than where it was missed.
    const where = isKernelError(error, "EPERM") ? {} : { stack: error.stack };
    log.fatal({ error: errorText(error), ...where }, "role failed");
    process.exit(1);
  });
  const tell = (message: RoleMessage): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => {});
  };
  keepCapabilities(ROLE_CAPABILITIES[role]);
  const started = {
    wallMs: Number(process.env["DUET_STARTED_AT_MS"] ?? Number.NaN),
    uptimeMs: Number(process.env["DUET_STARTED_UPTIME_MS"] ?? Number.NaN),
  };
  const file = configFileOf(process.env["DUET_CONFIG_FILE"]);
  const body = open({ log, runDir, started, file, tell });

  // A terminal's Ctrl-C and systemd's SIGTERM reach the whole group; only the guardian decides.
  // The last two would open Node's debugger, and end the process.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const) {
    process.on(signal, () => {});
  }
  process.on("disconnect", () => finish("orphaned", body.orphaned));
  process.on("message", (message: GuardianMessage) => {
    if (message.type === "configure") void configure(message);
    else if (message.type === "stop") finish("stopped", body.stop);
    else body.other?.(message);
  });

  // vrrp has a beat of its own, which is faster.
  const heartbeat = timeoutClock.alarm(beat);
  if (role !== "vrrp") beat();
  function beat(): void {
    tell({ type: "heartbeat" });
    heartbeat.set(timeoutClock.nowMs() + HEARTBEAT_MS);
  }

  // Reloads that overlap would interleave at every await: one at a time, in order.
  let configuring: Promise<void> = Promise.resolve();
  async function configure(message: GuardianMessage & { type: "configure" }): Promise<void> {
    // Thousands of real servers have a few checks.
    const config = role === "director" ? shareAlike(message.config) : message.config;
    configuring = configuring.then(async () => body.configure(config));
    await configuring;
    tell({ type: "configured", sequence: message.sequence });
  }

  // The guardian may have died while this process was loading: that event has been, and does not come again.
  queueMicrotask(() => {
    if (!process.connected) finish("orphaned", body.orphaned);
  });

  let finishing = false;
  function finish(why: string, work: () => void | Promise<void>): void {
    if (finishing) return;
    finishing = true;
    void end(why, work);
  }

  async function end(why: string, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.error({ error: errorText(error) }, "stop failed");
    }
    log.debug({ why }, "role ends");
    await flushLog();
    process.exit(0);
  }
}

function configFileOf(told: string | undefined): ConfigFileRead {
  return told === undefined
    ? { file: "", how: {}, half: null }
    : (JSON.parse(told) as ConfigFileRead);
}
