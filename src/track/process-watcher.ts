// The hands of tracked processes: told by the kernel where it tells, else looked for once a second. What comes and
// goes is looked at a moment later, all at once: most of it is gone by then.

import { openProcConnector, type ProcListener } from "../kernel/proc-connector.ts";
import { listPids, type Process, readProcess } from "../kernel/processes.ts";
import { type Clock, wallTime } from "../lib/clock.ts";
import { type Drive, drive } from "../lib/drive.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import * as debounce from "./debounce.ts";
import type { ProcessConfig, Tracked } from "./model.ts";
import { isEnough, isProcess, needsWords } from "./process.ts";

export type ProcessWatcher = {
  readonly configure: (processes: readonly ProcessConfig[]) => void;
  readonly tracked: () => readonly Tracked[];
  readonly close: () => void;
};

/** Where processes are told of and read from. */
export type ProcessSource = {
  readonly connect: (listener: ProcListener) => { readonly close: () => void };
  readonly list: () => readonly number[];
  readonly read: (pid: number, wantsWords: boolean) => Process | undefined;
};

type Watched = {
  readonly config: ProcessConfig;
  readonly pids: Set<number>;
  readonly verdict: Drive<debounce.Config, debounce.State, debounce.Input>;
  count: number;
  at: string;
};

const LATER_MS = 10;
const LOOK_AGAIN_MS = 1000;

const kernelSource: ProcessSource = {
  connect: openProcConnector,
  list: listPids,
  read: readProcess,
};

export function openProcessWatcher(options: {
  readonly clock: Clock;
  readonly log: Log;
  /** A verdict changed, or a process came or went from the configuration. */
  readonly onChange: () => void;
  readonly source?: ProcessSource;
}): ProcessWatcher {
  const { clock, log, source = kernelSource } = options;
  const watched = new Map<string, Watched>();
  const fresh = new Set<number>();
  let connector: { readonly close: () => void } | undefined;
  let told = false;
  const later = clock.alarm(lookAtFresh);
  const lookAgain = clock.alarm(onLookAgain);

  function connect(): void {
    try {
      connector = source.connect({
        onReady() {
          told = true;
          scan(); // what happened since the first look
        },
        onProcess(pid) {
          if (fresh.size === 0) later.set(clock.nowMs() + LATER_MS);
          fresh.add(pid);
        },
        onExit(pid) {
          fresh.delete(pid);
          let any = false;
          for (const { pids } of watched.values()) any = pids.delete(pid) || any;
          if (any) judge();
        },
        onOverrun: scan,
      });
    } catch (error) {
      log.debug({ error: errorText(error) }, "the kernel tells of no processes");
    }
    lookAgain.set(clock.nowMs() + LOOK_AGAIN_MS);
  }

  let said = false;

  function onLookAgain(): void {
    if (told) return;
    if (!said) log.info({ interval_ms: LOOK_AGAIN_MS }, "processes are looked for, not told of");
    said = true;
    scan();
    lookAgain.set(clock.nowMs() + LOOK_AGAIN_MS);
  }

  function lookAtFresh(): void {
    for (const pid of fresh) look(pid);
    fresh.clear();
    judge();
  }

  function scan(): void {
    for (const { pids } of watched.values()) pids.clear();
    for (const pid of source.list()) look(pid);
    judge();
  }

  function look(pid: number): void {
    const all = [...watched.values()];
    const seen = source.read(
      pid,
      all.some(({ config }) => needsWords(config)),
    );
    for (const { config, pids } of all) {
      if (seen !== undefined && isProcess(config, seen)) pids.add(pid);
      else pids.delete(pid);
    }
  }

  function judge(): void {
    const nowMs = clock.nowMs();
    for (const each of watched.values()) {
      each.count = each.pids.size;
      each.verdict.give({ type: "seen", nowMs, value: isEnough(each.config, each.count) });
    }
  }

  /** When a delay is over, after a pause of this process perhaps, the kernel's news may still wait to be read. */
  const looking: Clock = {
    nowMs: clock.nowMs,
    alarm: (ring) =>
      clock.alarm(() => {
        scan();
        ring();
      }),
  };

  function open(config: ProcessConfig): Watched {
    const childLog = log.child({ process: config.name });
    const verdict = drive<debounce.Config, debounce.State, debounce.Input, debounce.Action>({
      engine: debounce,
      config,
      state: debounce.INITIAL,
      clock: looking,
      timerInput: (nowMs) => ({ type: "timer", nowMs }),
      perform({ value }) {
        opened.at = wallTime();
        childLog[value ? "info" : "warn"](
          { to: value ? "UP" : "DOWN", cause: detailOf(opened) },
          "process changed",
        );
        queueMicrotask(options.onChange);
        return undefined;
      },
    });
    const opened: Watched = { config, pids: new Set(), verdict, count: -1, at: wallTime() };
    return opened;
  }

  return {
    configure(wanted) {
      const byName = new Map(wanted.map((config) => [config.name, JSON.stringify(config)]));
      for (const [name, { config, verdict }] of watched) {
        if (byName.get(name) === JSON.stringify(config)) continue;
        verdict.stop();
        watched.delete(name);
      }
      for (const config of wanted) {
        if (!watched.has(config.name)) watched.set(config.name, open(config));
      }
      if (watched.size === 0) return disconnect();
      if (connector === undefined && !said) connect();
      scan();
      options.onChange();
    },
    tracked: () =>
      [...watched.values()].map((each) => ({
        kind: "process",
        name: each.config.name,
        up: each.verdict.state().value,
        value: Math.max(0, each.count),
        detail: detailOf(each),
        at: each.at,
      })),
    close() {
      for (const { verdict } of watched.values()) verdict.stop();
      watched.clear();
      disconnect();
    },
  };

  function disconnect(): void {
    later.set(Infinity);
    lookAgain.set(Infinity);
    connector?.close();
    connector = undefined;
    told = false;
    said = false;
    fresh.clear();
  }
}

function detailOf({ config, count }: Pick<Watched, "config" | "count">): string {
  const { quorum, quorumMax } = config;
  const most = quorumMax === null ? "or more" : `to ${quorumMax}`;
  const needed =
    quorumMax === 0 ? "none" : quorumMax === quorum ? `${quorum}` : `${quorum} ${most}`;
  return `${Math.max(0, count)} running, needed: ${needed}`;
}
