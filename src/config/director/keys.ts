// The rows of virtual servers, of groups of their addresses, and of real servers.

import type { Scheduler } from "../../ipvs/model.ts";
import { serverTiming } from "../checks/keys.ts";
import { alertFreq, alertStatus, serverHookRows } from "../node/notify-keys.ts";
import { hook, mailbox } from "../node/notify-lines.ts";
import { endpoint, netmask } from "../schema/addresses.ts";
import {
  bool,
  DAY_MS,
  duration,
  flag,
  integer,
  name,
  oneOf,
  path,
  plainWord,
} from "../schema/plain-types.ts";
import type { KeySpec, SectionSpec } from "../schema/row.ts";
import { user } from "../schema/users.ts";
import { groupMember } from "./group-member.ts";
import { lvsMethod, markLine } from "./ipvs-lines.ts";

export const WEIGHT_MAX: number = 2 ** 31 - 1;

/** Of a virtual server. */
// biome-ignore format: a table, a row a key
export const serviceNewsRows = {
  notification_email: { type: mailbox, aliases: ["emailalert"], list: true, inherits: "notification_email", example: "shop@example.com",
    doc: "Who gets the mail about this virtual server and its real servers, in place of those of [global]" },
  maintenance_remove: { field: "maintenanceRemove", type: bool, default: "no",
    doc: "A real server that maintenance_dir takes out is as one that failed, as in ldirectord: it leaves the table, or gets weight 0 by inhibit_on_failure; no = weight 0, and its connections go on" },
  monitor_file: { field: "monitorFile", type: path, aliases: ["monitorfile"], otherwise: "none", example: "/var/log/duet-web.log",
    doc: "File that gets a line for every result of a check of its real servers, as ldirectord writes it; at 64 MiB it becomes NAME.1" },
  email_alert_freq: { ...alertFreq, requires: { keys: ["notification_email"], why: "nobody gets mail", ignored: true }, otherwise: "email_alert_freq of [global]" },
  email_alert_status: { ...alertStatus, requires: { keys: ["notification_email"], why: "nobody gets mail", ignored: true }, otherwise: "email_alert_status of [global]" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [virtual_server.*]. */
// biome-ignore format: a table, a row a key
export const markRows = {
  fwmark: { type: integer(1, 2 ** 32 - 1), excludes: "address", otherwise: "address or group is needed", example: "99",
    doc: "In place of address: the service is every packet with this firewall mark, made by mark or by hand" },
  mark: { field: "marks", type: markLine, list: true, requires: { keys: ["fwmark"], why: 'add "fwmark = N", the mark that its packets get' }, example: "172.17.253.110:443 tcp",
    doc: "With fwmark: duet gives the mark to packets to ADDRESS:PORT or ADDRESS:FIRST-LAST, tcp where nothing else is said" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** Of [global]. */
// biome-ignore format: a table, a row a key
export const maintenanceRows = {
  maintenance_dir: { type: path, aliases: ["maintenancedir"], otherwise: "none", example: "/etc/duet/maintenance",
    doc: "A file here takes a real server out, with weight 0, as long as it is there: ADDRESS[:PORT] ([ADDRESS]:PORT for IPv6), NAME, VS.NAME, or HOST[:PORT], a host name that resolves to its address" },
} as const satisfies Record<string, KeySpec>;

/** Of real servers, and of virtual servers for those that say nothing. */
// biome-ignore format: a table, a row a key
export const verdictKeys = {
  check_quorum: { type: integer(1, 1000), ofService: "maybe", otherwise: "all", example: "1",
    doc: "How many checks of a real server must be UP for it to be UP" },
  weight_min: { type: integer(0, WEIGHT_MAX), atMost: "weight_max", ofService: "maybe", otherwise: "0", example: "1",
    doc: "Least weight that checks can give a real server themselves" },
  weight_max: { type: integer(0, WEIGHT_MAX), ofService: "maybe", otherwise: "2147483647", example: "100",
    doc: "Greatest weight that checks can give a real server" },
} as const satisfies Record<string, KeySpec>;

/** Of a Record, so that a scheduler more or less in the model is a compile error here. */
// biome-ignore format: a list of words
const SCHEDULERS = Object.keys({
  rr: true, wrr: true, lc: true, wlc: true, lblc: true, lblcr: true, dh: true, sh: true, sed: true, nq: true, fo: true, ovf: true, mh: true,
  twos: true,
} satisfies Record<Scheduler, true>);

/** Of addresses that may be names. */
const namesText =
  "Names of hosts and ports (web1.example.com:http) are looked up once, at start and reload";

const methodText = "NAT, DR, or TUN [type ipip | type gue port N | type gre] [nocsum|csum|remcsum]";

const ofSorryServer = {
  keys: ["sorry_server"],
  why: "it says nothing by itself",
  ignored: true,
} as const;

/** keepalived's words; what each means to the kernel is in build.ts. */
// biome-ignore format: a table, a row a key
const schedulerFlags = {
  "flag-1": { ...flag, doc: "The scheduler's first flag, whatever the scheduler makes of it" },
  "flag-2": { ...flag, doc: "The scheduler's second flag" },
  "flag-3": { ...flag, doc: "The scheduler's third flag" },
  "sh-port": { ...flag, doc: "lb_algo sh: the client's port counts too, not only its address" },
  "sh-fallback": { ...flag, doc: "lb_algo sh: another real server when the one that is meant takes no more" },
  "mh-port": { ...flag, doc: "lb_algo mh: the client's port counts too, not only its address" },
  "mh-fallback": { ...flag, doc: "lb_algo mh: another real server when the one that is meant takes no more" },
} as const satisfies Record<string, KeySpec>;

// biome-ignore format: a table, a row a key
export const virtualServerGroupKeys = {
  doc: "Addresses and firewall marks that a virtual server serves as one",
  labels: ["NAME"],
  example: "virtual_server_group.shops",
  unused: "no virtual server has it as its group",
  keys: {
    member: { type: groupMember, list: true, required: true, example: "10.0.0.110-119 80", level: "basic",
      doc: "ADDRESS [PORT], a range A.B.C.D-E, A-B or A/LENGTH [PORT], or fwmark N [inet|inet6]" },
  },
} as const satisfies SectionSpec;

// biome-ignore format: a table, a row a key
export const virtualServerKeys = {
  doc: "A service of the IPVS table: where clients connect, and how their connections are spread",
  labels: ["NAME"],
  example: "virtual_server.web",
  keys: {
    address: { type: endpoint, otherwise: "fwmark or group is needed", example: "172.17.253.110:80", shown: true, level: "basic",
      doc: `ADDRESS:PORT that clients connect to; [ADDRESS]:PORT for IPv6; without a port every port, with persistence. ${namesText}` },
    ...markRows,
    group: { field: "group", type: name, refers: "virtual_server_group", excludes: ["address", "fwmark"], otherwise: "address is needed", example: "shops",
      doc: "In place of address: every member of this [virtual_server_group.NAME] is a service" },
    ip_family: { type: oneOf("inet", "inet6"), otherwise: "that of the first mark, else of the first real server", example: "inet",
      doc: "Address family of the packets with the firewall mark (fwmark)" },
    protocol: { type: oneOf("tcp", "udp", "sctp"), otherwise: "none: an address needs it", example: "tcp", shown: true, level: "basic",
      doc: "Transport protocol of address or group" },
    lb_algo: { field: "scheduler", type: oneOf(...SCHEDULERS), aliases: ["lvs_sched"], default: "wlc", level: "basic",
      doc: "Scheduler that picks the real server of a new connection; the kernel has it as module ip_vs_NAME" },
    lb_kind: { type: lvsMethod, aliases: ["lvs_method"], default: "NAT", level: "basic",
      doc: `How packets reach a real server: ${methodText}` },
    ...schedulerFlags,
    ops: { ...flag, doc: "One-packet scheduling: every packet is scheduled by itself (UDP, firewall marks)" },
    persistence_timeout: { type: duration({ minMs: 1000, maxMs: 31 * DAY_MS, wholeSeconds: true }), otherwise: "no persistence", bare: "360", example: "50", level: "basic",
      doc: "A client stays with its real server until it was away this long; the bare word is 360" },
    persistence_granularity: { type: netmask, otherwise: "32 (IPv6: 128), every client by itself", example: "255.255.255.0",
      doc: "Clients of one such network count as one client: a netmask (of IPv4 one with holes too) or a prefix length" },
    persistence_engine: { field: "persistenceEngine", type: plainWord, requires: { keys: ["persistence_timeout", "persistence_granularity"], why: 'add "persistence_timeout = 360"' }, otherwise: "the client's address", example: "sip",
      doc: "What makes two connections those of one client: sip = the Call-ID (UDP); module ip_vs_pe_NAME" },
    quorum: { type: integer(0, WEIGHT_MAX, `1 to ${WEIGHT_MAX}`), default: "1",
      doc: "Sum of the weights of live real servers needed; below it the sorry server takes over" },
    hysteresis: { type: integer(0, WEIGHT_MAX), default: "0",
      doc: "Quorum is lost below quorum - hysteresis and regained at quorum + hysteresis (or when all are UP); less than quorum" },
    sorry_server: { type: endpoint, otherwise: "none", example: "172.17.253.99:80", level: "basic",
      doc: `Server that is used while there is no quorum. ${namesText}` },
    sorry_server_inhibit: { field: "sorryInhibit", ...flag, requires: ofSorryServer, doc: "The sorry server stays in the table with weight 0 while it is not used" },
    sorry_server_lvs_method: { type: lvsMethod, requires: ofSorryServer, otherwise: "lb_kind", example: "NAT",
      doc: "How packets reach the sorry server; written as lb_kind" },
    quorum_up: { field: "quorumUp", ...hook, example: "/etc/duet/quorum.sh up", doc: "Runs when the quorum is reached" },
    quorum_down: { field: "quorumDown", ...hook, example: "/etc/duet/quorum.sh down", doc: "Runs when the quorum is lost" },
    script_user: { type: user, inherits: "script_user", example: "nobody",
      doc: "Who runs quorum_up and quorum_down: USER [GROUP]" },
    alpha: { type: bool, default: "yes",
      doc: "A real server is DOWN until its first check succeeded; no = it is UP until one failed, as in keepalived. What the kernel's table has is adopted all the same" },
    omega: { field: "omega", ...flag, doc: "A stop tells that the real servers and the quorum went DOWN: quorum_down, FIFOs, mail" },
    ha_suspend: { field: "haSuspend", ...flag, doc: "Checks rest, and verdicts stay as they are, while this node has none of the addresses" },
    weight: { type: integer(1, WEIGHT_MAX), default: "1", doc: "Weight of the real servers that name none" },
    inhibit_on_failure: { type: bool, default: "no",
      doc: "A real server that fails gets weight 0 and keeps its connections; it does not leave the table" },
    smtp_alert: { type: bool, otherwise: "smtp_alert_checker or smtp_alert of [global], else no", example: "yes",
      doc: "Send a mail when the quorum is lost or gained" },
    ...serviceNewsRows,
    check: { type: name, refers: "check", list: true, example: "ok_page", shown: true, level: "basic",
      doc: "A check of all real servers of this virtual server; all must be UP" },
    ...verdictKeys,
    ...serverTiming("real servers of this virtual server"),
  },
} as const satisfies SectionSpec;

// biome-ignore format: a table, a row a key
export const realServerKeys = {
  doc: "A server behind the virtual server VS",
  labels: ["VS", "NAME"],
  example: "real_server.web.rs1",
  keys: {
    address: { type: endpoint, required: true, example: "172.17.253.140:80", level: "basic",
      doc: `ADDRESS:PORT of the server; the port may be left out with DR and TUN, and behind a group, where it is the service's. ${namesText}` },
    weight: { type: integer(0, WEIGHT_MAX), ofService: "always", otherwise: "weight of the virtual server", example: "2", level: "basic",
      doc: "Share of the connections; 0 = no new ones" },
    lb_kind: { type: lvsMethod, aliases: ["lvs_method"], ofService: "always", otherwise: "lb_kind of the virtual server", example: "NAT",
      doc: "How packets reach this real server; written as lb_kind of the virtual server" },
    uthreshold: { type: integer(0, WEIGHT_MAX), default: "0",
      doc: "Connections at which this real server gets no new ones; 0 = no limit" },
    lthreshold: { type: integer(0, WEIGHT_MAX), atMost: "uthreshold", default: "0",
      doc: "After uthreshold, connections below which it gets new ones again; 0 = three quarters of uthreshold" },
    alpha: { field: "alpha", type: bool, ofService: "always", otherwise: "alpha of the virtual server", example: "no",
      doc: "It is DOWN until its first check succeeded" },
    inhibit_on_failure: { field: "inhibitOnFailure", type: bool, ofService: "always", otherwise: "inhibit_on_failure of the virtual server", example: "no",
      doc: "When it fails it gets weight 0 and keeps its connections; it does not leave the table" },
    smtp_alert: { type: bool, otherwise: "smtp_alert_checker or smtp_alert of [global], else yes", example: "no",
      doc: "Send a mail when it goes UP or DOWN" },
    ...serverHookRows,
    check: { type: name, refers: "check", list: true, example: "ok_page", level: "basic",
      doc: "A further check of this real server, beside those of the virtual server" },
    ...verdictKeys,
    ...serverTiming("this real server"),
  },
} as const satisfies SectionSpec;
