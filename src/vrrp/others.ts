// Who else acts as master of one of our virtual routers, or tells one of our addresses, and is not heard as a peer
// would be. The election ignores such packets (RFC 5798 §7.1), so both ends can hold the same addresses and look healthy:
// the operator has to be told. Strangers can cause all of it, so this is a bounded memory, and a packet of
// somebody known makes nothing anew. The time comes in as an argument.

import type { RejectReason } from "./accept.ts";

export type OtherWhy =
  | RejectReason
  /** A lower master that stays one although we advertise. */
  | "lower"
  /** A master of ours that tells other addresses. */
  | "addresses"
  /** Another virtual router, with an address of ours. */
  | "vrid";

export type Other = {
  readonly source: string;
  readonly why: OtherWhy;
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly adverts: number;
  /** One of its adverts, not older than a second when it last spoke: nothing in it has to be true. */
  readonly bytes: Buffer;
};

export type Heard = {
  readonly nowMs: number;
  readonly why: OtherWhy;
  readonly source: string;
  /** Only valid during the call. */
  readonly bytes: Buffer;
  /** As the packet claims: for so long it may be silent. */
  readonly intervalMs: number;
};

export type Others = {
  readonly note: (heard: Heard) => void;
  /** Those that went on for too long to be an accident or a hand-over, the first one first. */
  readonly lasting: (nowMs: number) => readonly Other[];
  readonly forget: () => void;
};

type Entry = {
  readonly source: string;
  readonly why: OtherWhy;
  readonly sinceMs: number;
  lastMs: number;
  forgetAtMs: number;
  adverts: number;
  bytes: Buffer;
  copiedAtMs: number;
};

const OTHERS_MAX = 8;
const COPY_EVERY_MS = 1000;
const LASTING_ADVERTS = 3;
const LASTING_MS = 1000;
/** Of its own intervals: as many as make a master down. */
const SILENT_INTERVALS = 3;
const SILENT_MIN_MS = 5000;
/** Whatever interval a packet claims. */
const SILENT_MAX_MS = 130_000;

export function openOthers(othersMax = OTHERS_MAX): Others {
  const entries: Entry[] = [];

  function room(nowMs: number): boolean {
    if (entries.length < othersMax) return true;
    const gone = entries.findIndex(({ forgetAtMs }) => forgetAtMs <= nowMs);
    if (gone >= 0) entries.splice(gone, 1);
    return gone >= 0;
  }

  function known(source: string, why: OtherWhy): Entry | undefined {
    for (const entry of entries) if (entry.why === why && entry.source === source) return entry;
    return undefined;
  }

  return {
    note({ nowMs, why, source, bytes, intervalMs }) {
      const silentMs = Math.max(SILENT_MIN_MS, SILENT_INTERVALS * intervalMs);
      const forgetAtMs = nowMs + Math.min(SILENT_MAX_MS, silentMs);
      let entry = known(source, why);
      if (entry !== undefined && entry.forgetAtMs <= nowMs) {
        entries.splice(entries.indexOf(entry), 1);
        entry = undefined;
      }
      if (entry === undefined) {
        if (!room(nowMs)) return;
        const first = { sinceMs: nowMs, lastMs: nowMs, copiedAtMs: nowMs, adverts: 1 };
        entries.push({ source, why, ...first, forgetAtMs, bytes: Buffer.from(bytes) });
        return;
      }
      entry.adverts += 1;
      entry.lastMs = nowMs;
      entry.forgetAtMs = forgetAtMs;
      if (nowMs - entry.copiedAtMs < COPY_EVERY_MS) return;
      entry.bytes = Buffer.from(bytes);
      entry.copiedAtMs = nowMs;
    },
    lasting: (nowMs) =>
      entries.filter(
        ({ adverts, sinceMs, lastMs, forgetAtMs }) =>
          adverts >= LASTING_ADVERTS && lastMs - sinceMs >= LASTING_MS && forgetAtMs > nowMs,
      ),
    forget: () => void entries.splice(0),
  };
}
