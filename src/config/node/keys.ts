// The rows of [global]: the node as a whole.

import { maintenanceRows } from "../director/keys.ts";
import { mirrored } from "../schema/inherit.ts";
import { duration, HOUR_MS, word } from "../schema/plain-types.ts";
import type { SectionSpec } from "../schema/row.ts";
import { versionRows } from "../vrrp/keys.ts";
import { staticAddress, staticRoute, staticRule } from "../vrrp/tracked-lines.ts";
import {
  checkerSchedulingRows,
  dumpRows,
  firewallRows,
  globalAdvertRows,
  globalAnnounceRows,
  globalElectionRows,
  latenessRows,
  lvsRows,
  markTableRows,
  vmacGlobalRows,
  vrrpSchedulingRows,
} from "./keys-parts.ts";
import { notifyRows } from "./notify-keys.ts";

// biome-ignore format: a table, a row a key
export const globalKeys = {
  doc: "What concerns the whole node",
  labels: [],
  example: "global",
  keys: {
    router_id: { type: word, otherwise: "the host name", example: "lb1", shown: true, level: "basic",
      doc: "Name of this node for people: status and logs show it, adverts do not carry it" },
    ...mirrored(versionRows),
    ...globalAdvertRows,
    hook_timeout: { type: duration({ minMs: 100, maxMs: HOUR_MS }), default: "30",
      doc: "How long one run of a notify script may take before it is killed" },
    static_ipaddress: { type: staticAddress, list: true, example: "10.1.1.1/24 dev eth1 track_group uplinks",
      doc: "An address that this node has as long as duet runs, master or not; written as virtual_ipaddress, with dev, and perhaps `track_group NAME`: see track_group of an instance" },
    static_routes: { type: staticRoute, list: true, example: "192.168.200.0/24 via 10.1.1.254 dev eth1",
      doc: "A route that this node has as long as duet runs; written as virtual_routes" },
    static_rules: { type: staticRule, list: true, example: "from 10.1.1.0/24 lookup 100 priority 600",
      doc: "A rule that this node has as long as duet runs; written as virtual_rules" },
    ...globalElectionRows,
    ...globalAnnounceRows,
    ...vmacGlobalRows,
    ...firewallRows,
    ...vrrpSchedulingRows,
    ...checkerSchedulingRows,
    ...latenessRows,
    ...lvsRows,
    ...maintenanceRows,
    ...markTableRows,
    ...dumpRows,
    ...notifyRows,
  },
} as const satisfies SectionSpec;
