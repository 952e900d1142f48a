// The table of keys: what [global] says of IPVS as a whole.

import { bool, oneOf } from "./plain-types.ts";
import type { KeySpec } from "./spec.ts";
import { lvsSysctl, lvsTimeouts, syncDaemon } from "./values-ipvs.ts";

// biome-ignore format: a table, a row a key
export const lvsRows = {
  lvs_sync_daemon: { type: syncDaemon, otherwise: "none", example: "eth1 id 51",
    doc: "Connection sync: with an INSTANCE the master daemon while that is MASTER and the backup daemon else, without one both (dual master). id: that of the instance's VRID, else 0" },
  lvs_timeouts: { field: "timeouts", type: lvsTimeouts, otherwise: "as they are", example: "tcp 900 tcpfin 120 udp 300",
    doc: "How long the kernel keeps the entry of a silent connection; put back at a stop" },
  lvs_sysctl: { field: "sysctls", type: lvsSysctl, list: true, example: "expire_nodest_conn 1",
    doc: "A setting of net.ipv4.vs while duet runs; put back at a stop, and after a crash" },
  lvs_ip_forward: { field: "ipForward", type: bool, default: "yes",
    doc: "NAT needs net.ipv4.ip_forward: yes = it is set while a NAT service is there, no = such a service is refused where it is off" },
  lvs_drift: { field: "drift", type: oneOf("repair", "report"), default: "repair",
    doc: "What somebody else does to duet's services: put right within a second, or only told in the log and status" },
  lvs_flush: { field: "flush", type: bool, default: "no",
    doc: "At the start of duet all services go that are not configured, whoever made them; those that are configured are adopted" },
  lvs_flush_on_stop: { type: oneOf("no", "yes", "VS"), default: "no",
    doc: "What a stop removes: yes = all services, whoever made them; no and VS = those of duet" },
} as const satisfies Record<string, KeySpec>;
