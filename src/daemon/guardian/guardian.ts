// The guardian: starts the roles, starts them again when they die, forwards signals, and carries out the last
// will of the vrrp role. It does almost nothing, on purpose: no sockets for others, no parsing, no waiting.

import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Config, ReadResult } from "../../config/model.ts";
import { problemLine } from "../../config/problem-line.ts";
import { keepCapabilities } from "../../kernel/keep-capabilities.ts";
import { openServiceManager, type ServiceManager } from "../../kernel/service-manager.ts";
import { nowMs, timeoutClock } from "../../lib/clock.ts";
import { replaceFile } from "../../lib/durable.ts";
import { errorText } from "../../lib/errors.ts";
import { flushLog, type Log, type LogLevel, openLog } from "../../lib/log.ts";
import { FILES_VARIABLE, filesId } from "../../lib/program-files.ts";
import { makeRunDir } from "../../lib/run-dir.ts";
import { shared } from "../../lib/shared.ts";
import { openDegradedBook } from "../process/degraded-book.ts";
import type { ChildRole, RoleMessage } from "../process/messages.ts";
import { GUARDIAN_CAPABILITIES } from "../process/role-capabilities.ts";
import { beAlone } from "./alone.ts";
import { type Child, openChild, spawnRole } from "./child.ts";
import { type Executor, openExecutor } from "./executor.ts";
import { contentOf, openConfigFile } from "./file.ts";
import { isError, logProblems, refusalText } from "./log-problems.ts";
import { rolesOf } from "./needed-roles.ts";
import { waitsForStart } from "./next-start.ts";
import { runOnce } from "./once-in-child.ts";
import { readInChild } from "./read-in-child.ts";
import { openRestarts } from "./restarts.ts";
import { CONFIGURE_MS, silenceMsOf, stopMsOf } from "./role-limits.ts";
import { environmentOf, mayRun, partOf, startsEarly } from "./roles.ts";
import { openTaken } from "./taken.ts";
import { openWatchdog, type Watchdog } from "./watchdog.ts";
import { carryOut, stopWish, type Wish } from "./wishes.ts";

export type GuardianOptions = {
  readonly file: string;
  readonly format: string | undefined;
  readonly runDir: string;
  readonly logLevel: LogLevel;
  /** The JavaScript file to start roles with. */
  readonly program: string;
  readonly early: readonly Wish[];
};

type Outcome = { readonly ok: boolean; readonly reasons: readonly string[] };

/** Resolves with the exit status when everything has stopped. */
export async function runGuardian(options: GuardianOptions): Promise<number> {
  process.title = "duet-guardian";
  const log = openLog({ role: "guardian", level: options.logLevel });
  try {
    return await guard(options, log);
  } finally {
    await flushLog();
  }
}

async function guard(options: GuardianOptions, log: Log): Promise<number> {
  const startedAtMs = nowMs();
  makeRunDir(options.runDir);
  const alone = beAlone(options.runDir, log);
  if (alone === undefined) return 1;
  keepCapabilities(GUARDIAN_CAPABILITIES);
  const manager = openServiceManager(process.env, timeoutClock);
  const environment = environmentOf(options, startedAtMs);
  const { program } = options;
  // The vrrp role loads while the configuration is read: a tenth of a second less until the first advert.
  const early = startsEarly(options.file)
    ? spawnRole({ role: "vrrp", program, environment })
    : undefined;
  const reading = Promise.all([contentOf(options.file), readInChild(options)]);
  // It has to wait anyway.
  environment[FILES_VARIABLE] = filesId();
  const [content, read] = await reading;
  if (!read.ok) {
    early?.kill("SIGKILL");
    logProblems(log, read.problems);
    log.fatal({ file: options.file }, "configuration refused");
    return 1;
  }
  logProblems(log, read.warnings);
  const why = stopWish(options.early);
  if (why !== undefined) log.info({ why }, "duet stops before it has begun");
  if (why !== undefined || !mayRun(read.config, log)) {
    early?.kill("SIGKILL");
    alone.release();
    return why === undefined ? 1 : 0;
  }
  replaceFile(join(options.runDir, "duet.pid"), `${process.pid}\n`);
  log.info({ file: options.file, run_dir: options.runDir }, "duet starts");
  let status = 0;
  const started = await runOnce({ program, name: "startup_script", config: read.config, log });
  if (started === "done") {
    const end = await superviseUntilStopped(options, {
      log,
      config: read.config,
      content,
      environment,
      early,
      manager,
    });
    await runOnce({ program, name: "shutdown_script", config: end.config, log });
    status = end.status;
  }
  rmSync(join(options.runDir, "duet.pid"), { force: true });
  alone.release();
  log.info("duet stopped");
  return status;
}

/** Resolves with the configuration that was the last in use, and the exit status. */
async function superviseUntilStopped(
  options: GuardianOptions,
  start: {
    readonly log: Log;
    readonly config: Config;
    /** Of the file that it was read from. */
    readonly content: string;
    readonly environment: NodeJS.ProcessEnv;
    readonly early: ChildProcess | undefined;
    readonly manager: ServiceManager;
  },
): Promise<{ readonly config: Config; readonly status: number }> {
  const { log, manager } = start;
  const executor: Executor = openExecutor(log);
  const children = new Map<ChildRole, Child>();
  const taken = openTaken(timeoutClock, CONFIGURE_MS);
  const degraded = openDegradedBook({
    log,
    tell(event) {
      children.get("desk")?.send({ type: "event", event });
      tellProcesses();
    },
  });
  const restarts = openRestarts({ clock: timeoutClock, book: degraded });
  const file = openConfigFile({ path: options.file, clock: timeoutClock, book: degraded });
  file.loaded(start.content);
  let { config } = start;
  let sequence = 0;
  let stopRequested = false;
  let status = 0;
  let stopped = (): void => {};
  const end = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const watchdogs = new Map<ChildRole, Watchdog>(
    (["vrrp", "director", "desk"] as const).map((role) => [role, watchdogOf(role)]),
  );

  function watchdogOf(role: ChildRole): Watchdog {
    return openWatchdog(timeoutClock, silenceMsOf(role), () => {
      log.error(`${role} role does not answer: it is killed`);
      children.get(role)?.kill("killed, for it did not answer");
    });
  }

  function startRole(role: ChildRole): void {
    const child = openChild({
      role,
      program: options.program,
      environment: start.environment,
      early: role === "vrrp" && sequence === 0 ? start.early : undefined,
      clock: timeoutClock,
      log,
      onStart(started) {
        started.send({ type: "configure", sequence, config: partOf(role, config) });
        queueMicrotask(tellProcesses);
      },
      onMessage: (message) => onMessage(role, message),
      onUnloadable(reason, isForGood) {
        degraded.set("role_unloadable", role, reason);
        if (!isForGood) return;
        // All of one version or nothing: whoever keeps duet running starts the new one.
        log.fatal({ process: role, reason }, "duet ends, to be started anew");
        status = 1;
        void stop("replaced");
      },
      onDeath(expected, how) {
        watchdogs.get(role)?.rest();
        if (role === "vrrp") executor.execute();
        taken.died(role);
        if (!expected) restarts.died(role, how);
        if (!expected) queueMicrotask(tellProcesses);
      },
    });
    children.set(role, child);
  }

  function onMessage(role: ChildRole, message: RoleMessage): void {
    switch (message.type) {
      case "configured":
        degraded.set("role_unloadable", role, null);
        return taken.took(role, message.sequence);
      case "heartbeat":
        return watchdogs.get(role)?.fed();
      case "will":
        return executor.hold(message.wills, message.isAll);
      case "request":
        return void answer(message);
      default:
        log.error({ process: role, message }, "unknown message");
    }
  }

  async function answer(request: RoleMessage & { readonly type: "request" }): Promise<void> {
    const desk = children.get("desk");
    const { id } = request;
    if (request.verb === "stop") {
      desk?.send({ type: "answer", id, ok: true, reasons: [] });
      return stop("request");
    }
    desk?.send({ type: "answer", id, ...(await reload()) });
  }

  const reload = shared(async (): Promise<Outcome> => {
    const outcome = await reloadNow().catch((error: unknown): Outcome => {
      log.error({ error: errorText(error) }, "reload failed");
      return { ok: false, reasons: [errorText(error)] };
    });
    if (!stopRequested) manager.ready(outcome.ok ? "" : "the last reload was refused");
    return outcome;
  });

  /** Law 2: the running configuration stays until the new one is proven. */
  async function reloadNow(): Promise<Outcome> {
    if (stopRequested) return { ok: false, reasons: ["Cannot reload: duet stops"] };
    manager.reloading();
    const content = await file.look();
    const read: ReadResult = await readInChild({ ...options, environment: start.environment });
    if (!read.ok) {
      logProblems(log, read.problems);
      log.error({ file: options.file }, "reload refused, nothing changed");
      file.refused(content);
      const reasons = read.problems.filter(isError).map(problemLine);
      degraded.set("reload_refused", options.file, refusalText("nothing was changed", reasons));
      return { ok: false, reasons: read.problems.map(problemLine) };
    }
    logProblems(log, read.warnings);
    const waiting = waitsForStart(config, read.config);
    if (waiting.length > 0) {
      log.warn({ keys: waiting }, "a reload does not change these: they hold from the next start");
    }
    config = read.config;
    sequence += 1;
    const needed = rolesOf(config, options.runDir);
    const configured = taken.wait(sequence, needed);
    for (const role of children.keys()) if (!needed.includes(role)) await stopRole(role);
    for (const role of needed) {
      const child = children.get(role);
      if (child === undefined) startRole(role);
      else child.send({ type: "configure", sequence, config: partOf(role, config) });
    }
    tellProcesses();
    const reasons = await configured;
    file.loaded(content);
    degraded.set("reload_refused", options.file, refusalText("not taken by every role", reasons));
    const ok = reasons.length === 0;
    if (ok) log.info({ file: options.file }, "reloaded");
    else log.error({ file: options.file, reasons }, "reload not taken by every role");
    return { ok, reasons };
  }

  async function stopRole(role: ChildRole): Promise<void> {
    await children.get(role)?.stop(stopMsOf(role));
    children.delete(role);
    restarts.forget(role);
  }

  async function stop(why: string): Promise<void> {
    if (stopRequested) return;
    stopRequested = true;
    log.info({ why }, "duet stops");
    manager.stopping();
    await stopRole("vrrp"); // the others' work only ends when nobody comes here any more
    await Promise.all([stopRole("director"), stopRole("desk")]);
    stopped();
  }

  function tellProcesses(): void {
    const processes = [...children.values()].flatMap(restarts.statusOf);
    const guardian = { role: "guardian", pid: process.pid, restarts: 0 } as const;
    const told = { processes: [guardian, ...processes], degraded: degraded.list() };
    children.get("desk")?.send({ type: "processes", ...told });
  }

  const first = rolesOf(config, options.runDir);
  const begun = taken.wait(sequence, first);
  for (const role of first) startRole(role);
  void begun.then(() => (stopRequested ? undefined : manager.ready()));
  tellProcesses();
  carryOut(options.early, { stop: (why) => void stop(why), reload: () => void reload() });
  await end;
  file.close();
  restarts.close();
  return { config, status };
}
