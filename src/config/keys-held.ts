// The table of keys: what a master holds beside virtual_ipaddress.

import { addressLine } from "./addresses.ts";
import { bool } from "./plain-types.ts";
import type { KeySpec } from "./spec.ts";
import { routeLine, ruleLine } from "./values-routes.ts";

// biome-ignore format: a table, a row a key
export const heldRows = {
  virtual_ipaddress_excluded: { type: addressLine, list: true, example: "172.17.253.111/24 dev eth0", level: "basic",
    doc: "A further virtual address, of either family, that adverts do not tell; written as virtual_ipaddress" },
  virtual_routes: { type: routeLine, list: true, example: "192.168.100.0/24 via 172.17.253.1 dev eth0",
    doc: "A route that the master has: [TYPE] [to] PREFIX [via A] [dev IF] [src A] [metric N] [table N] [scope S] [proto P] [mtu N] [onlink] [no_track] [nexthop via A dev IF weight N ...]" },
  virtual_rules: { type: ruleLine, list: true, example: "from 172.17.253.110/32 lookup 100 priority 500",
    doc: "A rule that the master has: [not] [from PREFIX] [to PREFIX] [fwmark N[/MASK]] [iif IF] [oif IF] lookup TABLE [priority N] [no_track]; without a priority it counts down from 16384" },
  promote_secondaries: { type: bool, default: "no",
    doc: "While master, the kernel keeps the other addresses of a network when its first one goes (net.ipv4.conf.IF.promote_secondaries)" },
} as const satisfies Readonly<Record<string, KeySpec>>;
