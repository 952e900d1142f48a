// The table of keys: where the adverts of a virtual router come from and go to.

import { integer } from "./key-types.ts";

export const advertRows = {
  mcast_src_ip: {
    type: { kind: "address" },
    otherwise: "an address of the interface (IPv6: the link-local one)",
    example: "192.0.2.1",
    level: "advanced",
    doc: "Source address of adverts to the multicast group",
  },
  unicast_src_ip: {
    type: { kind: "address" },
    otherwise: "an address of the interface (IPv6: the link-local one)",
    example: "192.0.2.1",
    level: "advanced",
    doc: "Source address of adverts to unicast_peer[]",
  },
  unicast_peer: {
    type: { kind: "peer" },
    list: true,
    example: "192.0.2.2",
    level: "advanced",
    doc: "Adverts go to this address instead of the multicast group: ADDRESS [min_ttl N] [max_ttl N]; adverts of this peer with a TTL outside are rejected",
  },
  unicast_ttl: {
    // keepalived takes 0 too, and then nothing ever leaves the machine.
    type: integer(1, 255),
    default: "255",
    level: "advanced",
    doc: "TTL (IPv6: hop limit) of adverts to unicast_peer[]; those to the group always have 255",
  },
  check_unicast_src: {
    type: { kind: "bool" },
    otherwise: "vrrp_check_unicast_src of [global]",
    example: "yes",
    level: "advanced",
    doc: "Only unicast_peer[] are heard (keepalived: off unless a TTL is given)",
  },
} as const;
