// The way of adverts: what its keys come to, and how it is printed.

import type { AdvertWay } from "../vrrp/model.ts";
import type { Draft, Section } from "./draft.ts";
import { checksSource, familyOfInstance, groupOf, isUnicast } from "./effective.ts";
import { fieldsOf, type Row } from "./fields.ts";
import { advertRows } from "./keys-adverts.ts";
import { yesNo } from "./plain-types.ts";

const TTL_MAX = 255;

export function buildWay(section: Section<"vrrp_instance">, draft: Draft): AdvertWay {
  const { unicast_peer, unicast_src_ip, mcast_src_ip, unicast_ttl } = section.values;
  const peers = unicast_peer.map(({ value }) => value);
  const unicast = isUnicast(section);
  return {
    family: familyOfInstance(section),
    source: (unicast ? unicast_src_ip : mcast_src_ip) ?? null,
    group: groupOf(section, draft),
    ...fieldsOf(advertRows, section.values, draft.global[0].values),
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
      (checksSource(section, draft) ||
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
      const words = [address];
      if (ttlMin > 0) words.push("min_ttl", String(ttlMin));
      if (ttlMax < TTL_MAX) words.push("max_ttl", String(ttlMax));
      return ["unicast_peer[]", words.join(" ")];
    }),
    ["unicast_ttl", unicastTtl],
    ["check_unicast_src", peersOnly ? "yes" : "no"],
  ];
}
