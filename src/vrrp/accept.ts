// The receive checks of RFC 5798 §7.1: bytes in, a verdict out, the cheap questions first. A rejected packet is one counter and
// nothing else, and nothing is made for it: adverts can be forged by the million.

import { compareAddresses } from "../lib/ip.ts";
import type { IpPacket } from "../wire/ipv4.ts";
import {
  type Advert,
  authDataOf,
  authTypeOf,
  checkAdvert,
  intervalMsOf,
  readAdvert,
  type SumForm,
  VRRP_TTL,
  versionOf,
} from "../wire/vrrp.ts";
import { authProblem } from "./auth.ts";
import { HMAC_REASONS, type HmacReason } from "./auth-hmac.ts";
import { type AdvertWay, type InstanceConfig, PRIORITY_OWNER } from "./model.ts";
import { learnedIntervalMs } from "./timers.ts";

/** Those of an authentication that both nodes use, and that fails. */
export const AUTH_FAILURES = ["auth_failure", "auth_ext_missing", ...HMAC_REASONS] as const;

export const REJECT_REASONS = [
  "ttl",
  "destination",
  "unknown_peer",
  "length",
  "version",
  "type",
  "checksum",
  "own_source",
  "address_owner",
  "auth_type",
  ...AUTH_FAILURES,
  "advert_interval",
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** Who checks signatures does so before anything is decoded. */
export type Signatures = {
  /** Takes the signature off. */
  readonly open: (
    packet: Buffer,
    source: string,
  ) => { readonly ok: true; readonly pdu: Buffer } | SignatureRejected;
};

export type SignatureRejected = {
  readonly ok: false;
  readonly reason: HmacReason | "auth_ext_missing" | "length" | "version";
};

export type Accepted = {
  readonly ok: true;
  readonly advert: Advert;
  readonly sum: SumForm;
  /** What our timers go by: the advert's, up to a bound. */
  readonly intervalMs: number;
  /** RFC 5798 §6.4.3: the tie-breaker of equal priorities. */
  readonly sourceIsGreater: boolean;
  /** false: told in the log, accepted all the same (as keepalived since 2.3.3): rolling changes must not split a pair. */
  readonly sameAddresses: boolean;
};

export type Rejected = { readonly ok: false; readonly reason: RejectReason };

export type Verdict = Accepted | Rejected;

const REJECTED = Object.fromEntries(
  REJECT_REASONS.map((reason): [RejectReason, Rejected] => [reason, { ok: false, reason }]),
) as Readonly<Record<RejectReason, Rejected>>;

export type Here = {
  /** The address that our own adverts leave with. */
  readonly ownSource: string;
  /** Where adverts of the family go to. */
  readonly group: string;
  /** Adverts of peers, in place of those to the group. */
  readonly unicast?: Pick<AdvertWay, "peers" | "peersOnly">;
};

export function acceptAdvert(
  config: InstanceConfig,
  here: Here,
  packet: IpPacket,
  signatures: Signatures,
): Verdict {
  const wrongWay = wayProblem(here, packet);
  if (wrongWay !== undefined) return REJECTED[wrongWay];
  const { source } = packet;
  const { auth, priority, policy } = config;
  let pdu = packet.payload;
  if (auth.hmac !== null) {
    const opened = signatures.open(pdu, source);
    if (!opened.ok) return REJECTED[opened.reason];
    pdu = opened.pdu;
  }
  const sum = checkAdvert(pdu, packet);
  if (typeof sum === "object") return REJECTED[sum.reason];
  const version = versionOf(pdu);
  if (version !== config.version) return REJECTED.version;
  // Our own packets are never looped back, so this one is forged or the address is used twice.
  if (source === here.ownSource) return REJECTED.own_source;
  if (version === 2) {
    const problem = authProblem(auth, { authType: authTypeOf(pdu), authData: authDataOf(pdu) });
    if (problem !== undefined) return REJECTED[problem];
  }
  // RFC 3768 §7.1: version 2 must match. Version 3 is learned, but no master can advertise every 0 ms.
  const theirsMs = intervalMsOf(pdu);
  const badInterval = version === 2 ? theirsMs !== config.advertIntervalMs : theirsMs === 0;
  if (badInterval) return REJECTED.advert_interval;
  // RFC 5798 §7.1: the local router is not the owner of the addresses.
  if (priority === PRIORITY_OWNER && policy.ownerIgnoresAdverts) return REJECTED.address_owner;
  const advert = readAdvert(pdu, packet);
  return {
    ok: true,
    advert,
    sum,
    intervalMs: learnedIntervalMs(config, theirsMs),
    sourceIsGreater: compareAddresses(source, here.ownSource) > 0,
    sameAddresses: sameSet(advert.addresses, config.addresses),
  };
}

function wayProblem(
  { group, unicast }: Here,
  { ttl, source, destination }: IpPacket,
): RejectReason | undefined {
  if (unicast === undefined) {
    if (ttl !== VRRP_TTL) return "ttl";
    // A raw socket also gets what was sent to this node alone.
    return destination === group ? undefined : "destination";
  }
  if (destination === group) return "destination";
  for (const { address, ttlMin, ttlMax } of unicast.peers) {
    if (address !== source) continue;
    // Routers between peers are no forgery: the operator says how many there may be.
    return ttl < ttlMin || ttl > ttlMax ? "ttl" : undefined;
  }
  return unicast.peersOnly ? "unknown_peer" : undefined;
}

/** With 255 addresses on either side every look counts. */
function sameSet(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  // Mostly in one order.
  if (a.every((address, i) => address === b[i])) return true;
  // Both ways: an address told twice does not stand for one that is missing.
  const [inA, inB] = [new Set(a), new Set(b)];
  return inA.size === inB.size && a.every((address) => inB.has(address));
}
