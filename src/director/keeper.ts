// Keeps something of the kernel as it is wanted: when it is looked at, when what the kernel refused is tried again, and what
// is said of drift and refusals. settle() is pure; what is read, compared and written is the work of table.ts, marks.ts and
// settings.ts.

import { type Backoff, backoffMs, UP_TO_A_MINUTE } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";

export type Keeper = {
  /** Is brought about before it returns. `afresh`: what was refused is tried now. */
  readonly want: (how?: { readonly afresh: boolean }) => void;
  /** Was it not refused, or for another wish than this one, or long enough ago? */
  readonly mayTry: (subject: string, wish?: () => string) => boolean;
  readonly errorOf: (subject: string) => string | null;
  /** By subject. */
  readonly errors: () => ReadonlyMap<string, string>;
  /** What was wished and is refused, by subject. */
  readonly refusedWishes: () => ReadonlyMap<string, string>;
  /** What somebody did and was not repaired. */
  readonly drift: () => readonly string[];
  readonly repairs: () => boolean;
  readonly configure: (how: Pick<KeeperConfig, "repairs" | "about">) => void;
  /** Looks no more, and knows nothing any more. */
  readonly rest: () => void;
};

/** What came of a look, or of bringing it about. */
export type Found = {
  readonly isTried: (subject: string) => boolean;
  /** Of what was tried: why the kernel refuses it, and what was wished. */
  readonly refused: ReadonlyMap<string, { readonly error: string; readonly wish: string }>;
  /** What somebody else did, in words; undefined = that was not looked at. */
  readonly drift?: readonly string[] | undefined;
};

export type KeeperConfig = {
  /** Drift is put right, or only told. */
  readonly repairs: boolean;
  /** What the log names beside drift. */
  readonly about?: object;
  /** Between tries of what is refused. */
  readonly backoff: Backoff;
  readonly words: Words;
};

/** What the log says. */
export type Words = {
  /** "table drift": it is repaired, or found, or gone. */
  readonly drift: string;
  readonly refused: string;
  readonly again: string;
  readonly fields: (subject: string) => object;
};

export type KeeperState = {
  readonly refusals: ReadonlyMap<string, Refusal>;
  readonly drift: readonly string[];
};

/** Of what was wished so. */
type Refusal = {
  readonly error: string;
  readonly wish: string;
  /** In a row. */
  readonly failures: number;
  readonly retryAtMs: number;
};

type Line = readonly ["info" | "warn" | "error", object, string];

const LOOK_INTERVAL_MS = 1000;
/** Looking may take this part of the time: a dump of thousands of destinations is slow. */
const LOOK_SHARE = 1 / 20;
const UNREACHABLE_PAUSE_MS = 5000;
const DIFFERENCES_TOLD_MAX = 20;

export const NOTHING_KNOWN: KeeperState = { refusals: new Map(), drift: [] };

/** Repaired drift is told each time, other drift when it is another. */
export function settle(
  { words, backoff, repairs, about }: KeeperConfig,
  before: KeeperState,
  found: Found,
  nowMs: number,
): KeeperState & { readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  const changed = found.drift?.slice(0, DIFFERENCES_TOLD_MAX);
  const isOther = repairs ? changed?.length !== 0 : changed?.join() !== before.drift.join();
  if (changed !== undefined && isOther) {
    const fields = { ...about, changed, count: found.drift?.length };
    const what = repairs ? "repaired" : "found, left as it is";
    if (changed.length > 0) lines.push(["warn", fields, `${words.drift} ${what}`]);
    else lines.push(["info", { ...about }, `${words.drift} gone`]);
  }
  const drift = repairs ? [] : (changed ?? before.drift);
  const refusals = new Map(before.refusals);
  for (const [subject, { error, wish }] of found.refused) {
    const known = before.refusals.get(subject);
    const failures = known?.wish === wish ? known.failures + 1 : 1;
    const retryAtMs = nowMs + backoffMs(backoff, failures);
    refusals.set(subject, { error, wish, failures, retryAtMs });
    if (known?.error === error) continue;
    lines.push(["error", { ...words.fields(subject), error }, words.refused]);
  }
  for (const subject of before.refusals.keys()) {
    if (found.refused.has(subject) || !found.isTried(subject)) continue;
    refusals.delete(subject);
    lines.push(["info", words.fields(subject), words.again]);
  }
  return { refusals, drift, lines };
}

/** `work` gives undefined when the kernel cannot be asked. */
export function openKeeper(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly words: Words;
  readonly backoff?: Backoff;
  readonly work: (isLook: boolean) => Found | undefined;
  /** After every look. */
  readonly onLook?: () => void;
}): Keeper {
  const { clock, log, words, backoff = UP_TO_A_MINUTE, work } = options;
  const looks = clock.alarm(() => {
    run(true);
    options.onLook?.();
  });
  let config: KeeperConfig = { repairs: true, backoff, words };
  let state = NOTHING_KNOWN;
  let isLooking = false;
  let isReachable = true;

  function run(isLook: boolean): void {
    const beganMs = clock.nowMs();
    const found = work(isLook);
    const nowMs = clock.nowMs();
    const tookMs = nowMs - beganMs;
    // What is wanted of a kernel that cannot be asked does not put off the next look.
    if (found === undefined && (isLook || isReachable)) looks.set(nowMs + UNREACHABLE_PAUSE_MS);
    else if (isLook) looks.set(nowMs + Math.max(LOOK_INTERVAL_MS, tookMs / LOOK_SHARE));
    isReachable = found !== undefined;
    if (found === undefined) return;
    const { lines, ...next } = settle(config, state, found, nowMs);
    state = next;
    for (const [level, fields, text] of lines) log[level](fields, text);
  }

  return {
    want(how = { afresh: false }) {
      if (how.afresh) {
        const due = { failures: 0, retryAtMs: -Infinity };
        const refusals = Array.from(state.refusals, ([subject, refusal]) => {
          return [subject, { ...refusal, ...due }] as const;
        });
        state = { ...state, refusals: new Map(refusals) };
      }
      if (!isLooking) looks.set(clock.nowMs() + LOOK_INTERVAL_MS);
      isLooking = true;
      run(false);
    },
    mayTry(subject, wish = () => "") {
      const refusal = state.refusals.get(subject);
      return refusal === undefined || refusal.retryAtMs <= clock.nowMs() || refusal.wish !== wish();
    },
    errorOf: (subject) => state.refusals.get(subject)?.error ?? null,
    errors: () => new Map(Array.from(state.refusals, ([subject, { error }]) => [subject, error])),
    refusedWishes: () =>
      new Map(Array.from(state.refusals, ([subject, { wish }]) => [subject, wish])),
    drift: () => state.drift,
    repairs: () => config.repairs,
    configure(how) {
      config = { ...config, ...how };
    },
    rest() {
      looks.set(Infinity);
      isLooking = false;
      state = NOTHING_KNOWN;
    },
  };
}
