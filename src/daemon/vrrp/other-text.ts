// Another master in words: what it says of itself, what we say, and why neither hears the other.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { OtherMasterStatus } from "../../control/status.ts";
import { wallTime } from "../../lib/clock.ts";
import { familyOf } from "../../lib/ip.ts";
import { AUTH_NONE, AUTH_PASSWORD } from "../../vrrp/auth.ts";
import type { Other, OtherWhy } from "../../vrrp/others.ts";
import { claimsOf } from "../../wire/vrrp-claims.ts";

const ADDRESSES_SHOWN_MAX = 5;

const WORDS: Readonly<Record<OtherWhy, string>> = {
  lower: "it does not hear us, or does not give way",
  addresses: "its addresses are not ours",
  vrid: "it is another virtual router with an address of ours",
  ttl: "its adverts came over a router (ttl)",
  destination: "one side speaks to unicast peers and the other to the group (destination)",
  unknown_peer: "it is no unicast_peer of ours (unknown_peer)",
  length: "its adverts have another length than they say (length)",
  version: "it speaks another version of VRRP (version)",
  type: "its packets are no adverts (type)",
  checksum: "its checksums are wrong (checksum)",
  own_source: "it has our own address as its source (own_source)",
  address_owner: "we own the addresses and hear nobody (address_owner)",
  auth_type: "only one side has a password (auth_type)",
  auth_failure: "its password is another one (auth_failure)",
  auth_ext_missing: "its adverts are not signed (auth_ext_missing)",
  malformed: "its signature has no form that is known here (malformed)",
  stale: "its adverts are too old, or the clocks disagree (stale)",
  unknown_key: "it signs with a key that is not known here (unknown_key)",
  invalid_hmac: "its signature is wrong (invalid_hmac)",
  replay: "its adverts repeat older ones (replay)",
  advert_interval: "its advert_int is another one (advert_interval)",
};

export function otherStatus(other: Other, nowMs: number): OtherMasterStatus {
  const claims = claimsOf(other.bytes, familyOf(other.source) ?? 4);
  return {
    address: other.source,
    cause: other.why,
    since: wallBefore(nowMs - other.sinceMs),
    adverts: other.adverts,
    vrid: claims.vrid,
    vrrp_version: claims.version,
    priority: claims.priority,
    advert_interval_ms: claims.advertIntervalMs,
    authentication: authenticationText(claims.authType),
    virtual_addresses: claims.addresses,
  };
}

export function otherText(theirs: OtherMasterStatus, { vrrp }: VrrpInstanceConfig): string {
  const { address, cause, adverts, since } = theirs;
  const ours = factsText({
    vrid: vrrp.vrid,
    vrrp_version: vrrp.version,
    priority: vrrp.priority,
    advert_interval_ms: vrrp.advertIntervalMs,
    authentication: authenticationText(
      vrrp.version === 2 && vrrp.auth.password !== null ? AUTH_PASSWORD : AUTH_NONE,
    ),
    virtual_addresses: vrrp.addresses,
  });
  const why = WORDS[cause as OtherWhy];
  return `${address} acts as master, ${why}: ${adverts} adverts since ${since}; theirs: ${factsText(theirs)}; ours: ${ours}`;
}

type Facts = Omit<OtherMasterStatus, "address" | "cause" | "since" | "adverts">;

function factsText(facts: Facts): string {
  const { vrid, vrrp_version, priority, advert_interval_ms: ms, authentication } = facts;
  const all = facts.virtual_addresses;
  const more = all.length - ADDRESSES_SHOWN_MAX;
  const shown = all.slice(0, ADDRESSES_SHOWN_MAX).join(" ") || "no addresses";
  const addresses = more > 0 ? `${shown} and ${more} more` : shown;
  return `vrid ${vrid}, version ${vrrp_version}, every ${ms / 1000} s, priority ${priority}, ${authentication}, ${addresses}`;
}

function authenticationText(authType: number): string {
  if (authType === AUTH_NONE) return "no password";
  return authType === AUTH_PASSWORD ? "a password" : `authentication type ${authType}`;
}

function wallBefore(agoMs: number): string {
  return new Date(Date.parse(wallTime()) - agoMs).toISOString();
}
