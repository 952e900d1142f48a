// Keeps on disk what the director has to put back, so that the run after a crash can do it. A file that cannot be read means
// "nothing to put back", never a failure to start.

import { rmSync } from "node:fs";
import type { SyncDaemon, Timeouts } from "../ipvs/model.ts";
import { readRecord, replaceFile } from "../lib/durable.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

export type KeptState = {
  /** Sync daemons that were asked for. */
  readonly daemons: readonly SyncDaemon[];
  /** As they were before duet changed them. */
  readonly timeouts: Timeouts | null;
  /** The run of the guardian that lvs_flush was carried out for. */
  readonly flushedFor: string | null;
  /** The nftables table of the firewall marks. */
  readonly marksTable: string | null;
};

export type Kept = {
  readonly read: () => KeptState;
  readonly write: (part: Partial<KeptState>) => void;
  /** Once a run of duet, for a role that was started again flushes nothing; `flush` says whether it could. */
  readonly flushOnce: (flush: () => boolean) => void;
  readonly hasFlushed: () => boolean;
};

const NOTHING: KeptState = { daemons: [], timeouts: null, flushedFor: null, marksTable: null };

/** `run`: which one of duet this is, however often its director is started again. */
export function openKept(path: string, log: Log, run = ""): Kept {
  let state = readKept(path);

  function write(part: Partial<KeptState>): void {
    const next = { ...state, ...part };
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    try {
      if (JSON.stringify(next) === JSON.stringify(NOTHING)) return rmSync(path, { force: true });
      replaceFile(path, `${JSON.stringify(next)}\n`);
    } catch (error) {
      log.warn({ path, error: errorText(error) }, "cannot remember the IPVS settings");
    }
  }

  return {
    read: () => state,
    write,
    hasFlushed: () => state.flushedFor === run,
    flushOnce(flush) {
      if (state.flushedFor !== run && flush()) write({ flushedFor: run });
    },
  };
}

function readKept(path: string): KeptState {
  const { daemons, timeouts, flushedFor, marksTable } = readRecord(path) ?? {};
  return {
    daemons: Array.isArray(daemons) ? daemons.filter(isDaemon) : [],
    timeouts: isTimeouts(timeouts) ? timeouts : null,
    flushedFor: typeof flushedFor === "string" ? flushedFor : null,
    marksTable: typeof marksTable === "string" ? marksTable : null,
  };
}

function isDaemon(value: unknown): value is SyncDaemon {
  if (typeof value !== "object" || value === null) return false;
  const { state, interface: device, syncId } = value as Partial<SyncDaemon>;
  return (
    (state === "master" || state === "backup") &&
    typeof device === "string" &&
    typeof syncId === "number"
  );
}

function isTimeouts(value: unknown): value is Timeouts {
  if (typeof value !== "object" || value === null) return false;
  const { tcpS, tcpFinS, udpS } = value as Partial<Timeouts>;
  return [tcpS, tcpFinS, udpS].every((seconds) => typeof seconds === "number");
}
