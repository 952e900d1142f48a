// The way of adverts: what its keys come to, and how it is printed.

import type { AdvertWay } from "../vrrp/model.ts";
import type { Draft, Section } from "./draft.ts";
import { checksSource, familyIn } from "./effective.ts";
import type { Row } from "./print-trackers.ts";

const TTL_MAX = 255;

/** RFC 5798 §5.2.9: an advert holds addresses of one family, which is that of its packet. */
export function familyOfInstance({ values }: Section<"vrrp_instance">): 4 | 6 {
  const first = values.virtual_ipaddress[0]?.value.address;
  const other = values.unicast_src_ip ?? values.mcast_src_ip ?? "";
  return familyIn(first ?? other);
}

export function buildWay(section: Section<"vrrp_instance">, draft: Draft): AdvertWay {
  const { unicast_peer, unicast_src_ip, mcast_src_ip, unicast_ttl } = section.values;
  const peers = unicast_peer.map(({ value }) => value);
  const unicast = peers.length > 0;
  return {
    family: familyOfInstance(section),
    source: (unicast ? unicast_src_ip : mcast_src_ip) ?? null,
    peers: peers.map(({ address, ttlMin, ttlMax }) => ({
      address,
      ttlMin: ttlMin ?? 0,
      ttlMax: ttlMax ?? TTL_MAX,
    })),
    unicastTtl: unicast_ttl,
    // A TTL says whose adverts are meant: as in keepalived, it turns the check on.
    peersOnly:
      unicast &&
      (checksSource(section, draft) ||
        peers.some(({ ttlMin, ttlMax }) => ttlMin !== null || ttlMax !== null)),
  };
}

export function wayRows({ source, peers, unicastTtl, peersOnly }: AdvertWay): readonly Row[] {
  if (peers.length === 0) return [["mcast_src_ip", source]];
  return [
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
