// The receive checks of RFC 5798 §7.1 after decoding. A rejected packet is one counter and nothing else.

import { compareAddresses } from "../lib/ip.ts";
import type { Advert, DecodeResult, SumForm } from "../wire/vrrp.ts";
import { authProblem } from "./auth.ts";
import type { HmacReason } from "./auth-hmac.ts";
import { type AdvertWay, type InstanceConfig, PRIORITY_OWNER } from "./model.ts";
import { learnedIntervalMs } from "./timers.ts";

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
  "auth_failure",
  "auth_ext_missing",
  "malformed",
  "stale",
  "unknown_key",
  "invalid_hmac",
  "replay",
  "advert_interval",
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** RFC 5798 §5.1.1.3 and §7.1: a packet with another TTL has crossed a router. */
const VRRP_TTL = 255;

export type Received = {
  readonly ttl: number;
  readonly source: string;
  readonly destination: string;
  /** Only asked when the way it came is right: most forged packets cost no more than that. */
  readonly decode: () => DecodeResult | SignatureRejected;
  /** Version 2's authentication data; asked after a packet could be decoded. */
  readonly authData: () => Buffer;
};

/** Who checks signatures does so before anything is decoded. */
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

export type Verdict = Accepted | { readonly ok: false; readonly reason: RejectReason };

export type Here = {
  /** The address that our own adverts leave with. */
  readonly ownSource: string;
  /** Where adverts of the family go to. */
  readonly group: string;
  /** Adverts of peers, in place of those to the group. */
  readonly unicast?: Pick<AdvertWay, "peers" | "peersOnly">;
};

export function acceptAdvert(config: InstanceConfig, here: Here, received: Received): Verdict {
  const wrongWay = wayProblem(here, received);
  if (wrongWay !== undefined) return reject(wrongWay);
  const decoded = received.decode();
  if (!decoded.ok) return reject(decoded.reason);
  const { advert, sum } = decoded;
  if (advert.version !== config.version) return reject("version");
  // Our own packets are never looped back, so this one is forged or the address is used twice.
  const { source } = received;
  const { ownSource } = here;
  if (source === ownSource) return reject("own_source");
  if (advert.version === 2) {
    const sent = { authType: advert.authType, authData: received.authData() };
    const problem = authProblem(config.auth, sent);
    if (problem !== undefined) return reject(problem);
  }
  // RFC 3768 §7.1: version 2 must match. Version 3 is learned, but no master can advertise every 0 ms.
  const badInterval =
    advert.version === 2
      ? advert.advertIntervalMs !== config.advertIntervalMs
      : advert.advertIntervalMs === 0;
  if (badInterval) return reject("advert_interval");
  // RFC 5798 §7.1: the local router is not the owner of the addresses.
  const { priority, policy } = config;
  if (priority === PRIORITY_OWNER && policy.ownerIgnoresAdverts) return reject("address_owner");
  return {
    ok: true,
    advert,
    sum,
    intervalMs: learnedIntervalMs(config, advert.advertIntervalMs),
    sourceIsGreater: compareAddresses(source, ownSource) > 0,
    sameAddresses: sameSet(advert.addresses, config.addresses),
  };
}

function wayProblem(
  { group, unicast }: Here,
  { ttl, source, destination }: Pick<Received, "ttl" | "source" | "destination">,
): RejectReason | undefined {
  if (unicast === undefined) {
    if (ttl !== VRRP_TTL) return "ttl";
    // A raw socket also gets what was sent to this node alone.
    return destination === group ? undefined : "destination";
  }
  if (destination === group) return "destination";
  const peer = unicast.peers.find(({ address }) => address === source);
  if (peer === undefined) return unicast.peersOnly ? "unknown_peer" : undefined;
  // Routers between peers are no forgery: the operator says how many there may be.
  return ttl < peer.ttlMin || ttl > peer.ttlMax ? "ttl" : undefined;
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

function reject(reason: RejectReason): Verdict {
  return { ok: false, reason };
}
