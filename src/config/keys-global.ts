// The table of keys: the node as a whole.

import { duration, HOUR_MS, oneOf } from "./key-types.ts";
import { globalAdvertRows } from "./keys-adverts.ts";
import { globalAnnounceRows } from "./keys-announce.ts";
import { globalElectionRows } from "./keys-election.ts";
import { firewallRows } from "./keys-firewall.ts";
import { lvsRows } from "./keys-lvs.ts";
import { markTableRows } from "./keys-marks.ts";
import { notifyRows } from "./keys-notify.ts";
import { schedulingRows } from "./keys-scheduling.ts";
import { maintenanceRows } from "./keys-verdict.ts";
import { vmacGlobalRows } from "./keys-vmac.ts";
import type { SectionSpec } from "./spec.ts";

export const globalKeys = {
  doc: "What concerns the whole node",
  labels: [],
  example: "global",
  keys: {
    router_id: {
      type: { kind: "word" },
      otherwise: "the host name",
      example: "lb1",
      shown: true,
      level: "basic",
      doc: "Name of this node for people: status and logs show it, adverts do not carry it",
    },
    vrrp_version: {
      type: oneOf("2", "3"),
      default: "2",
      level: "basic",
      doc: "VRRP version of the instances that name none",
    },
    vrrp_check_unicast_src: {
      type: { kind: "bool" },
      default: "yes",
      level: "advanced",
      doc: "check_unicast_src of the instances that say none",
    },
    ...globalAdvertRows,
    hook_timeout: {
      type: duration({ minMs: 100, maxMs: HOUR_MS }),
      default: "30",
      level: "advanced",
      doc: "How long one run of a notify script may take before it is killed",
    },
    static_ipaddress: {
      type: { kind: "address_line" },
      list: true,
      example: "10.1.1.1/24 dev eth1",
      level: "advanced",
      doc: "An address that this node has as long as duet runs, master or not; written as virtual_ipaddress, with dev",
    },
    static_routes: {
      type: { kind: "route_line" },
      list: true,
      example: "192.168.200.0/24 via 10.1.1.254 dev eth1",
      level: "advanced",
      doc: "A route that this node has as long as duet runs; written as virtual_routes",
    },
    static_rules: {
      type: { kind: "rule_line" },
      list: true,
      example: "from 10.1.1.0/24 lookup 100 priority 600",
      level: "advanced",
      doc: "A rule that this node has as long as duet runs; written as virtual_rules",
    },
    ...globalElectionRows,
    ...globalAnnounceRows,
    ...vmacGlobalRows,
    ...firewallRows,
    ...schedulingRows,
    ...lvsRows,
    ...maintenanceRows,
    ...markTableRows,
    ...notifyRows,
  },
} as const satisfies SectionSpec;
