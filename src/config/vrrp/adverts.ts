// Where the adverts of a virtual router come from and go to: rows, and what they come to.

import type { AdvertWay } from "../../vrrp/model.ts";
import { globalAdvertRows } from "../node/keys-parts.ts";
import { peer } from "../schema/addresses.ts";
import { fieldsOf, type Row } from "../schema/fields.ts";
import { yesNo } from "../schema/plain-types.ts";
import type { Draft, Section } from "../schema/section.ts";
import { familyOfInstance, isUnicast } from "./effective.ts";
import { advertRows } from "./keys-instance.ts";

const TTL_MAX = 255;

export function buildWay(section: Section<"vrrp_instance">, draft: Draft): AdvertWay {
  const { unicast_peer, unicast_src_ip, mcast_src_ip, unicast_ttl } = section.values;
  const peers = unicast_peer.map(({ value }) => value);
  const unicast = isUnicast(section);
  return {
    family: familyOfInstance(section),
    source: (unicast ? unicast_src_ip : mcast_src_ip) ?? null,
    group: groupOf(section, draft),
    ...fieldsOf(advertRows, section.values),
    peers: peers.map(({ address, ttlMin, ttlMax }) => ({
      address,
      ttlMin: ttlMin ?? 0,
      ttlMax: ttlMax ?? TTL_MAX,
    })),
    // Without peers it has no meaning.
    unicastTtl: unicast ? unicast_ttl : TTL_MAX,
    // A TTL says whose adverts are meant: as in keepalived, it turns the check on.
    peersOnly:
      unicast &&
      (section.values.check_unicast_src ||
        peers.some(({ ttlMin, ttlMax }) => ttlMin !== null || ttlMax !== null)),
  };
}

export function wayRows(way: AdvertWay): readonly Row[] {
  const { source, group, peers, needsPeer, unicastTtl, peersOnly } = way;
  const rows: readonly Row[] = [["v3_checksum_as_v2", yesNo(way.checksumAsV2)]];
  if (peers.length === 0 && !needsPeer) {
    return [...rows, ["mcast_src_ip", source], ["mcast_dst_ip", group]];
  }
  return [
    ...rows,
    ["unicast_fault_no_peer", yesNo(needsPeer)],
    ["unicast_src_ip", source],
    ...peers.map(({ address, ttlMin, ttlMax }): Row => {
      const limits = {
        ttlMin: ttlMin > 0 ? ttlMin : null,
        ttlMax: ttlMax < TTL_MAX ? ttlMax : null,
      };
      return ["unicast_peer[]", peer.print({ address, ...limits })];
    }),
    ["unicast_ttl", unicastTtl],
    ["check_unicast_src", peersOnly ? "yes" : "no"],
  ];
}

/** Adverts to peers have no group: what is written for one counts for nothing. */
export function groupOf(instance: Section<"vrrp_instance">, draft: Draft): string {
  const key = familyOfInstance(instance) === 6 ? "vrrp_mcast_group6" : "vrrp_mcast_group4";
  if (isUnicast(instance)) return globalAdvertRows[key].default;
  return instance.values.mcast_dst_ip ?? draft.global.values[key];
}
