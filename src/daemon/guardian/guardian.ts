// The guardian: starts the roles, starts them again when they die, forwards signals, and carries out the last
// will of the vrrp role. It does almost nothing, on purpose: no sockets for others, no parsing, no waiting.

import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config, ReadResult } from "../../config/model.ts";
import type { ReadOptions } from "../../config/read-options.ts";
import { keepCapabilities } from "../../kernel/keep-capabilities.ts";
import { openServiceManager, type ServiceManager } from "../../kernel/service-manager.ts";
import { nowMs, timeoutClock } from "../../lib/clock.ts";
import { replaceFile } from "../../lib/durable.ts";
import { flushLog, type Log, type LogLevel, openLog } from "../../lib/log.ts";
import { FILES_VARIABLE, filesId } from "../../lib/program-files.ts";
import { makeRunDir } from "../../lib/run-dir.ts";
import type { RoleMessage } from "../process/messages.ts";
import { GUARDIAN_CAPABILITIES } from "../process/role-capabilities.ts";
import { beAlone } from "./alone.ts";
import { spawnRole } from "./child.ts";
import { Crew } from "./crew.ts";
import { contentOf, openConfigFile } from "./file.ts";
import { logProblems } from "./log-problems.ts";
import { runOnce } from "./once-in-child.ts";
import { readInChild } from "./read-in-child.ts";
import { Reloads } from "./reloads.ts";
import { environmentOf, mayRun, startsEarly } from "./roles.ts";
import { openPidFiles, type PidFileKeeper } from "./stand-in/pid-files.ts";
import type { StandIn } from "./stand-in/stand-in.ts";
import { openTrialFile, type TrialFile } from "./trial-file.ts";
import { carryOut, stopWish, type Wish } from "./wishes.ts";

export type GuardianOptions = {
  readonly file: string;
  /** How it is to be read, at the start and at each reload. */
  readonly how: ReadOptions;
  readonly runDir: string;
  readonly logLevel: LogLevel;
  /** The JavaScript file to start roles with. */
  readonly program: string;
  readonly early: readonly Wish[];
  /** In place of which program, when it is one. */
  readonly standIn?: StandIn;
};

/** Resolves with the exit status when everything has stopped. */
export async function runGuardian(options: GuardianOptions): Promise<number> {
  process.title = options.standIn?.program ?? "duet-guardian";
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
  const trialFile = openTrialFile(options.runDir);
  // A duet that died on trial was not confirmed: what runs is what was.
  const good = trialFile.read(options.file);
  const reading = Promise.all([
    contentOf(options.file),
    good === undefined ? readInChild(options) : readAs(good),
  ]);
  // It has to wait anyway.
  environment[FILES_VARIABLE] = filesId(dirname(program));
  const [content, read] = await reading;
  if (!read.ok) {
    early?.kill("SIGKILL");
    logProblems(log, read.problems);
    log.fatal({ file: options.file }, "configuration refused");
    return 1;
  }
  logProblems(log, read.warnings);
  for (const note of options.standIn?.notes ?? []) log.info({ note }, "command line");
  const why = stopWish(options.early);
  if (why !== undefined) log.info({ why }, "duet stops before it has begun");
  if (why !== undefined || !mayRun(read.config, log)) {
    early?.kill("SIGKILL");
    alone.release();
    return why === undefined ? 1 : 0;
  }
  replaceFile(join(options.runDir, "duet.pid"), `${process.pid}\n`);
  const pidFiles = openPidFiles(options.standIn?.pidFiles ?? {}, log);
  pidFiles.update([{ role: "guardian", pid: process.pid }]);
  log.info({ file: options.file, run_dir: options.runDir }, "duet starts");
  let status = 0;
  const started = await runOnce({ program, name: "startup_script", config: read.config, log });
  if (started === "done") {
    const end = await superviseUntilStopped(options, {
      log,
      config: read.config,
      content,
      included: read.included ?? [],
      isRolledBack: good !== undefined,
      trialFile,
      environment,
      early,
      manager,
      pidFiles,
    });
    await runOnce({ program, name: "shutdown_script", config: end.config, log });
    status = end.status;
  }
  rmSync(join(options.runDir, "duet.pid"), { force: true });
  pidFiles.close();
  alone.release();
  log.info("duet stopped");
  return status;
}

function readAs(config: Config): ReadResult {
  return { ok: true, config, warnings: [] };
}

/** Resolves with the configuration that was the last in use, and the exit status. */
async function superviseUntilStopped(
  options: GuardianOptions,
  start: {
    readonly log: Log;
    readonly config: Config;
    /** Of the file that it was read from. */
    readonly content: string;
    /** What it includes. */
    readonly included: readonly string[];
    /** `config` is not the file's: what was confirmed last runs. */
    readonly isRolledBack: boolean;
    readonly trialFile: TrialFile;
    readonly environment: NodeJS.ProcessEnv;
    readonly early: ChildProcess | undefined;
    readonly manager: ServiceManager;
    readonly pidFiles: PidFileKeeper;
  },
): Promise<{ readonly config: Config; readonly status: number }> {
  const { log, manager } = start;
  let stopRequested = false;
  let status = 0;
  let stopped = (): void => {};
  const end = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  const crew = new Crew({
    ...options,
    ...start,
    onRequest: (request) => void answer(request),
    onProcesses: start.pidFiles.update,
    onReplaced() {
      status = 1;
      void stop("replaced");
    },
  });
  const file = openConfigFile({ path: options.file, clock: timeoutClock, book: crew.degraded });
  void file.loaded(start.content, start.included);
  const reloads = new Reloads({
    ...options,
    ...start,
    crew,
    file,
    clock: timeoutClock,
    onBegin: manager.reloading,
    onEnd: manager.ready,
  });

  async function answer(request: RoleMessage & { readonly type: "request" }): Promise<void> {
    const { id, verb, confirmMs = null } = request;
    if (verb === "reload") {
      return crew.tellDesk({ type: "answer", id, ...(await reloads.reload(confirmMs)) });
    }
    if (verb === "confirm") return crew.tellDesk({ type: "answer", id, ...reloads.confirm() });
    crew.tellDesk({ type: "answer", id, ok: true, reasons: [] });
    return stop("request");
  }

  async function stop(why: string): Promise<void> {
    if (stopRequested) return;
    stopRequested = true;
    log.info({ why }, "duet stops");
    reloads.close();
    manager.stopping();
    await crew.stop();
    stopped();
  }

  void crew.configure(start.config).then(() => (stopRequested ? undefined : manager.ready()));
  if (start.isRolledBack) reloads.rolledBackAtStart();
  carryOut(options.early, {
    stop: (why) => void stop(why),
    reload: () => void reloads.reload(null),
    dump: (kind) => crew.tellDesk({ type: "dump", kind }),
  });
  await end;
  file.close();
  return { config: crew.config(), status };
}
