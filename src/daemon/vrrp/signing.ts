// Signs what an instance sends and opens what it hears (auth_hmac). It remembers the last sequence sent and those heard
// of each source, for as long as the instance lives: a reload does not open the door to replays.

import type { SignatureRejected } from "../../vrrp/accept.ts";
import type { HmacConfig } from "../../vrrp/auth.ts";
import { GROUP_SOURCES_MAX, type Marks, nextSequence, verifySigned } from "../../vrrp/auth-hmac.ts";
import { decodeTrailer, macIsRight, signPdu, splitTrailer } from "../../wire/vrrp-hmac.ts";

export type Signing = {
  /** The packet to send in place of `pdu`; `pdu` itself when nothing is signed. */
  readonly seal: (pdu: Buffer, source: string) => Buffer;
  /** The same for a packet that somebody else sends within the next two of `willPeriodMs`, as the last of this process. */
  readonly sealWill: (pdu: Buffer, source: string) => Buffer;
  /** How often a signed last will has to be written anew; Infinity = nothing is signed. */
  readonly willPeriodMs: () => number;
  /** Takes the trailer off. */
  readonly open: (packet: Buffer, source: string) => Opened;
};

export type Opened = { readonly ok: true; readonly pdu: Buffer } | SignatureRejected;

const WILL_PERIOD_MAX_MS = 1000;
/** Room for what is still sent before the will, while sequences run ahead of the clock. */
const ADVERTS_BEFORE_WILL = 0x1_0000n;

export function openSigning(options: {
  readonly config: () => {
    readonly version: 2 | 3;
    readonly auth: { readonly hmac: HmacConfig | null };
  };
  readonly wallMs: () => number;
  /** With peers, each has to be remembered. */
  readonly peerCount: () => number;
}): Signing {
  const { config, wallMs, peerCount } = options;
  let last: bigint | null = null;
  let marks: Marks = [];

  function seal(pdu: Buffer, source: string): Buffer {
    const hmac = signer();
    if (hmac === null) return pdu;
    last = nextSequence(hmac, last ?? beginning(hmac), wallMs());
    return signWith(hmac, pdu, { source, sequence: last });
  }

  /** Beyond what the last will of an earlier process may have said. */
  function beginning(hmac: HmacConfig): bigint {
    return nextSequence(hmac, null, wallMs() + leadMs(hmac));
  }

  function signer(): HmacConfig | null {
    const { hmac } = config().auth;
    return hmac === null || hmac.mode === "receive-only" ? null : hmac;
  }

  return {
    seal,
    sealWill(pdu, source) {
      const hmac = signer();
      if (hmac === null) return pdu;
      last ??= beginning(hmac);
      const beyond = BigInt.asUintN(64, last + ADVERTS_BEFORE_WILL);
      const sequence = nextSequence(hmac, beyond, wallMs() + leadMs(hmac));
      return signWith(hmac, pdu, { source, sequence });
    },
    willPeriodMs() {
      const hmac = signer();
      return hmac === null ? Infinity : periodMs(hmac);
    },
    open(packet, source) {
      const { version, auth } = config();
      const { hmac } = auth;
      if (hmac === null) return { ok: true, pdu: packet };
      if ((packet[0] ?? 0) >> 4 !== version) return { ok: false, reason: "version" };
      const signed = splitTrailer(packet, source);
      if (signed === undefined) return { ok: false, reason: "length" };
      const { pdu, trailer } = signed;
      if (trailer === null) {
        return hmac.mode === "enforce"
          ? { ok: false, reason: "auth_ext_missing" }
          : { ok: true, pdu };
      }
      const verdict = verifySigned(hmac, marks, {
        source,
        wallMs: wallMs(),
        sourcesMax: Math.max(GROUP_SOURCES_MAX, peerCount()),
        trailer: decodeTrailer(trailer),
        isSignedWith: ({ keyHex }) =>
          macIsRight({ pdu, trailer }, { source, key: Buffer.from(keyHex, "hex") }),
      });
      if (!verdict.ok) return verdict;
      marks = verdict.marks;
      return { ok: true, pdu };
    },
  };
}

function signWith(
  { keys, activeKey }: HmacConfig,
  pdu: Buffer,
  how: { readonly source: string; readonly sequence: bigint },
): Buffer {
  const key = keys.find(({ id }) => id === activeKey);
  if (key === undefined) throw new Error(`Cannot sign an advert: there is no key ${activeKey}`);
  return signPdu(pdu, { ...how, keyId: key.id, key: Buffer.from(key.keyHex, "hex") });
}

function periodMs({ timeWindowMs }: HmacConfig): number {
  return Math.min(timeWindowMs / 4, WILL_PERIOD_MAX_MS);
}

/** Ahead of all adverts until the will is written anew, and not too far ahead of the peer's clock. */
function leadMs(hmac: HmacConfig): number {
  return 2 * periodMs(hmac);
}
