// What every probe has in common: one total limit, one end, everything released, and never a rejection.

import type { Socket } from "node:net";
import type { Abort } from "../../lib/abort.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { FailureCause, ProbeResult, SaidWeight } from "../model.ts";
import type { Sessions } from "../sessions.ts";

export type ProbeContext = {
  /** Aborted when the result is of no use any more. */
  readonly signal: Abort;
  readonly clock: Clock;
  /** Left out = nobody says what BFD sessions are. */
  readonly sessions?: Sessions;
};

export type Outcome =
  | { readonly ok: true; readonly detail: string; readonly weight?: SaidWeight }
  | { readonly ok: false; readonly cause: FailureCause; readonly detail: string };

/** Called at the end, whatever the end is; must leave no socket behind and must not throw. */
export type Release = () => void;

/** What was seen until the limit, when that says more than silence; "in 5000 ms" follows the detail. */
export type Late = () => { readonly cause: FailureCause; readonly detail: string } | undefined;

const DETAIL_LENGTH_MAX = 200;

/** Says what comes next, for the limit to tell when it does not: "connection". Left out = an answer. */
export type Awaits = (what: string) => void;

/** Runs `start` until it calls `end` for the first time, or until the limit. */
export async function attempt(
  limits: { readonly timeoutMs: number; readonly late?: Late } & ProbeContext,
  start: (end: (outcome: Outcome) => void, awaits: Awaits) => Release,
): Promise<ProbeResult> {
  const { timeoutMs, signal, clock, late } = limits;
  const startedMs = clock.nowMs();
  return new Promise((resolve) => {
    let release: Release | undefined;
    let ended = false;
    let awaited = "answer";

    const alarm = clock.alarm(() => {
      const seen = late?.();
      const detail = seen?.detail ?? `no ${awaited}`;
      end({ ok: false, cause: seen?.cause ?? "timeout", detail: `${detail} in ${timeoutMs} ms` });
    });
    const onAbort = (): void => end({ ok: false, cause: "internal", detail: "aborted" });

    function end(outcome: Outcome): void {
      if (ended) return;
      ended = true;
      alarm.set(Infinity);
      signal.removeEventListener("abort", onAbort);
      release?.();
      const tookMs = Math.round((clock.nowMs() - startedMs) * 10) / 10;
      resolve({ ...outcome, detail: outcome.detail.slice(0, DETAIL_LENGTH_MAX), tookMs });
    }

    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort);
    alarm.set(startedMs + timeoutMs);
    try {
      release = start(end, (what) => {
        awaited = what;
      });
    } catch (error) {
      end({ ok: false, cause: "internal", detail: errorText(error) });
    }
    // It may have ended before there was anything to release with.
    if (ended) release?.();
  });
}

/** A reset, so that thousands of checks leave no TIME_WAIT behind. */
export function dropSocket(socket: Socket): void {
  // resetAndDestroy() would wait for the connection that may never come.
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

/** What came is no answer of a server that works. */
export function badResponse(detail: string): Outcome {
  return { ok: false, cause: "bad_response", detail };
}

/** What an error before the connection stands for: an Error of Node, or the name of an errno; null = it was closed. */
export function connectFailure(error: NodeJS.ErrnoException | string | null): Outcome {
  const code = typeof error === "string" ? error : error?.code;
  const detail = code ?? (error === null ? "closed" : (error as Error).message);
  if (code === "ECONNREFUSED") return { ok: false, cause: "connect_refused", detail };
  const cause = OWN_FAULTS.has(code) ? "internal" : "connect_failed";
  return { ok: false, cause, detail };
}

/** Errors that say something about this machine, and nothing about the server. */
const OWN_FAULTS: ReadonlySet<string | undefined> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPERM",
]);
