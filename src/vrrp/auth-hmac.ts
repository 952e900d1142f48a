// What a signed advert is worth: its age, its key, its order. Pure: the wall clock and the answer of the HMAC come in
// as arguments, the memory of what was sent and heard is a value. The bytes are in wire/vrrp-hmac.ts.

import type { HmacTrailer } from "../wire/vrrp-hmac.ts";
import type { HmacConfig, HmacKey } from "./auth.ts";

export const HMAC_REASONS = [
  "malformed",
  "stale",
  "unknown_key",
  "invalid_hmac",
  "replay",
] as const;
export type HmacReason = (typeof HMAC_REASONS)[number];

/** The newest sequence of each source, the source heard last at the end. */
export type Marks = readonly { readonly source: string; readonly sequence: bigint }[];

export type Heard = {
  readonly source: string;
  readonly wallMs: number;
  /** How many sources are remembered. Only who knows a key becomes one. */
  readonly sourcesMax: number;
  /** undefined = it could not be decoded. */
  readonly trailer: HmacTrailer | undefined;
  /** Costs an HMAC: only asked when everything cheaper is right. */
  readonly isSignedWith: (key: HmacKey) => boolean;
};

export type HmacVerdict =
  | { readonly ok: true; readonly marks: Marks }
  | { readonly ok: false; readonly reason: HmacReason };

/** As many as keepalived remembers of a multicast group. */
export const GROUP_SOURCES_MAX = 4;

/** HMAC-SHA256, cut to 128 bits. */
const EXTENSION = 1;

/** As keepalived does it, the cheap questions first: form, age, key, HMAC, order. */
export function verifySigned(
  config: HmacConfig,
  marks: Marks,
  { source, wallMs, sourcesMax, trailer, isSignedWith }: Heard,
): HmacVerdict {
  if (trailer?.extension !== EXTENSION || trailer.reserved !== 0) return rejected("malformed");
  const { keyId, sequence } = trailer;
  const nowSequence = sequenceOf(wallMs);
  if (config.antiReplay === "time" && !isWithin(config, sequence, nowSequence)) {
    return rejected("stale");
  }
  const key = config.keys.find(({ id }) => id === keyId);
  if (key === undefined) return rejected("unknown_key");
  if (!isSignedWith(key)) return rejected("invalid_hmac");
  const mark = marks.find((each) => each.source === source)?.sequence;
  if (mark !== undefined && !isNewer(sequence, mark)) {
    // Our clock was put back: a mark from outside of the window would shut out an honest peer until then.
    const fromAnotherTime = config.antiReplay === "time" && !isWithin(config, mark, nowSequence);
    if (!fromAnotherTime) return rejected("replay");
  }
  const others = marks.filter((each) => each.source !== source);
  return { ok: true, marks: [...others, { source, sequence }].slice(-sourcesMax) };
}

/** The sequence of the next advert after `last`: the clock's, or one more when that is not later. */
export function nextSequence(config: HmacConfig, last: bigint | null, wallMs: number): bigint {
  const clock = sequenceOf(wallMs);
  if (last === null || isNewer(clock, last)) return clock;
  // The clock was put back: who goes by the time would not take what is too far ahead of it.
  if (config.antiReplay === "time" && !isWithin(config, last, clock)) return clock;
  return BigInt.asUintN(64, last + 1n);
}

/** Seconds in 32 bits, 1/65536 in 16, a counter in 16. */
export function sequenceOf(wallMs: number): bigint {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = Math.floor(((wallMs - seconds * 1000) * 0x10000) / 1000);
  return BigInt.asUintN(64, (BigInt(seconds) << 32n) | (BigInt(fraction) << 16n));
}

/** RFC 1982 §3.2: serial numbers of 64 bits, so that the year 2106 is no wall. */
function isNewer(a: bigint, b: bigint): boolean {
  return distance(a, b) > 0n;
}

function isWithin({ timeWindowMs }: HmacConfig, sequence: bigint, clock: bigint): boolean {
  const window = sequenceOf(timeWindowMs);
  const apart = distance(sequence, clock);
  return apart <= window && apart >= -window;
}

function distance(a: bigint, b: bigint): bigint {
  return BigInt.asIntN(64, a - b);
}

function rejected(reason: HmacReason): HmacVerdict {
  return { ok: false, reason };
}
