// The receive checks of RFC 5798 §7.1 after decoding. A rejected packet is one counter and nothing else.

import { compareAddresses } from "../lib/ip.ts";
import type { Advert, DecodeResult } from "../wire/vrrp.ts";
import type { InstanceConfig } from "./model.ts";

export const REJECT_REASONS = [
  "ttl",
  "destination",
  "length",
  "version",
  "type",
  "checksum",
  "own_source",
  "auth_type",
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
  readonly decode: () => DecodeResult;
};

export type Accepted = {
  readonly ok: true;
  readonly advert: Advert;
  /** RFC 5798 §6.4.3: the tie-breaker of equal priorities. */
  readonly sourceIsGreater: boolean;
  /** false: told in the log, accepted all the same (as keepalived since 2.3.3): rolling changes must not split a pair. */
  readonly sameAddresses: boolean;
};

export type Verdict = Accepted | { readonly ok: false; readonly reason: RejectReason };

/** `ownSource` is the address that our own adverts leave with, `group` the one that they go to. */
export function acceptAdvert(
  config: InstanceConfig,
  { ownSource, group }: { readonly ownSource: string; readonly group: string },
  { ttl, source, destination, decode }: Received,
): Verdict {
  if (ttl !== VRRP_TTL) return reject("ttl");
  // A raw socket also gets what was sent to this node alone.
  if (destination !== group) return reject("destination");
  const decoded = decode();
  if (!decoded.ok) return reject(decoded.reason);
  const { advert } = decoded;
  if (advert.version !== config.version) return reject("version");
  // Our own packets are never looped back, so this one is forged or the address is used twice.
  if (source === ownSource) return reject("own_source");
  if (advert.authType !== 0) return reject("auth_type");
  // RFC 3768 §7.1: version 2 must match. Version 3 is learned, but no master can advertise every 0 ms.
  const badInterval =
    advert.version === 2
      ? advert.advertIntervalMs !== config.advertIntervalMs
      : advert.advertIntervalMs === 0;
  if (badInterval) return reject("advert_interval");
  return {
    ok: true,
    advert,
    sourceIsGreater: compareAddresses(source, ownSource) > 0,
    sameAddresses: sameSet(advert.addresses, config.addresses),
  };
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  // Both ways: an address told twice does not stand for one that is missing.
  return a.every((address) => b.includes(address)) && b.every((address) => a.includes(address));
}

function reject(reason: RejectReason): Verdict {
  return { ok: false, reason };
}
