// Does somebody else have our addresses? A master asks for each of them about once a minute, as a host asks before it takes an
// address (RFC 5227 §2.1.1), and nobody may answer. One answer may be the last word of a node that has just let
// go, so it takes two, and it is over when two probes got none. The time and chance come in as arguments.

export type Target = {
  /** The instance. */
  readonly owner: string;
  readonly address: string;
  /** By which it is asked for. */
  readonly interface: string;
};

export type SecondOwner = Target & {
  readonly mac: string;
  readonly sinceMs: number;
  /** Probes that it answered. */
  readonly answers: number;
};

export type Probing<T extends Target> = {
  /** All addresses that are held as MASTER now. Those that were there before keep their turn. */
  readonly watch: (targets: readonly T[], nowMs: number) => void;
  /** Whose turn it is: a few at most, whatever is late. */
  readonly due: (nowMs: number) => readonly T[];
  /** The probe of it has left. */
  readonly asked: (target: T, nowMs: number) => void;
  /** Those whose answers are waited for. */
  readonly asking: (nowMs: number) => readonly T[];
  /** Somebody says that the address is at this MAC; false = nobody asked, or that is known. */
  readonly answered: (target: T, mac: string, nowMs: number) => boolean;
  readonly owners: (nowMs: number) => readonly SecondOwner[];
};

type Seen = { readonly mac: string; readonly sinceMs: number; answers: number; lastProbe: number };

type Entry<T> = {
  target: T;
  dueMs: number;
  probes: number;
  askedMs: number;
  seen: Seen[];
};

const FIRST_MS = 3000;
const FIRST_SPREAD_MS = 2000;
const PERIOD_MS = 54_000;
const PERIOD_SPREAD_MS = 12_000;
/** While there is, or may be, a second owner. Longer than an answer is waited for. */
const AGAIN_MS = 5000;
const ANSWER_MS = 3000;
const TURN_MS = 450;
const PROBES_A_TURN_MAX = 2;
/** Answers to different probes. */
const ANSWERS_MIN = 2;
const UNANSWERED_MAX = 2;
/** Anybody can invent more. */
const MACS_MAX = 4;

/** `chance`: at least 0 and below 1. */
export function openProbing<T extends Target>(chance: () => number): Probing<T> {
  let entries = new Map<string, Entry<T>>();
  /** Those that were asked in the last seconds. */
  let waiting: readonly Entry<T>[] = [];
  let turnMs = -Infinity;

  function isWaiting(entry: Entry<T>, nowMs: number): boolean {
    return nowMs - entry.askedMs < ANSWER_MS;
  }

  function isOver(entry: Entry<T>, seen: Seen, nowMs: number): boolean {
    const settled = isWaiting(entry, nowMs) ? entry.probes - 1 : entry.probes;
    return settled - seen.lastProbe >= UNANSWERED_MAX;
  }

  /** A thousand addresses are looked at twice a second: nothing is made or sorted for those that wait. */
  function soonest(nowMs: number): readonly Entry<T>[] {
    const ready: Entry<T>[] = [];
    for (const entry of entries.values()) {
      if (entry.dueMs > nowMs) continue;
      const before = ready.findIndex(({ dueMs }) => entry.dueMs < dueMs);
      if (before === -1 && ready.length === PROBES_A_TURN_MAX) continue;
      ready.splice(before === -1 ? ready.length : before, 0, entry);
      ready.length = Math.min(ready.length, PROBES_A_TURN_MAX);
    }
    return ready;
  }

  return {
    watch(targets, nowMs) {
      const next = new Map<string, Entry<T>>();
      for (const target of targets) {
        const key = keyOf(target);
        const entry = entries.get(key) ?? {
          target,
          dueMs: nowMs + FIRST_MS + FIRST_SPREAD_MS * chance(),
          probes: 0,
          askedMs: -Infinity,
          seen: [],
        };
        entry.target = target;
        next.set(key, entry);
      }
      entries = next;
      waiting = waiting.filter(({ target }) => entries.has(keyOf(target)));
    },
    due(nowMs) {
      if (nowMs < turnMs) return [];
      turnMs = nowMs + TURN_MS;
      const ready = soonest(nowMs);
      for (const entry of ready) {
        entry.seen = entry.seen.filter((seen) => !isOver(entry, seen, nowMs));
        const periodMs = PERIOD_MS + PERIOD_SPREAD_MS * chance();
        entry.dueMs = nowMs + (entry.seen.length > 0 ? AGAIN_MS : periodMs);
      }
      return ready.map(({ target }) => target);
    },
    asked(target, nowMs) {
      const entry = entries.get(keyOf(target));
      if (entry === undefined) return;
      entry.probes += 1;
      entry.askedMs = nowMs;
      waiting = [...waiting.filter((each) => each !== entry && isWaiting(each, nowMs)), entry];
    },
    asking: (nowMs) => waiting.filter((each) => isWaiting(each, nowMs)).map(({ target }) => target),
    answered(target, mac, nowMs) {
      const entry = entries.get(keyOf(target));
      if (entry === undefined || !isWaiting(entry, nowMs)) return false;
      const before = entry.seen.find((seen) => seen.mac === mac);
      if (before?.lastProbe === entry.probes) return false;
      if (before === undefined && entry.seen.length >= MACS_MAX) return false;
      const seen = before ?? { mac, sinceMs: nowMs, answers: 0, lastProbe: 0 };
      if (before === undefined) entry.seen.push(seen);
      seen.answers += 1;
      seen.lastProbe = entry.probes;
      entry.dueMs = Math.min(entry.dueMs, nowMs + AGAIN_MS);
      return true;
    },
    owners(nowMs) {
      const found: SecondOwner[] = [];
      for (const entry of entries.values()) {
        for (const seen of entry.seen) {
          const { mac, sinceMs, answers } = seen;
          if (answers < ANSWERS_MIN || isOver(entry, seen, nowMs)) continue;
          found.push({ ...entry.target, mac, sinceMs, answers });
        }
      }
      return found;
    },
  };
}

function keyOf({ address, interface: device }: Target): string {
  return `${device} ${address}`;
}
