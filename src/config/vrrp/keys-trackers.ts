// The rows of what virtual routers track, and of the groups of interfaces that they announce on.

import { address, interfaceName } from "../schema/addresses.ts";
import {
  bool,
  command,
  DAY_MS,
  duration,
  HOUR_MS,
  integer,
  oneOf,
  path,
  weight,
} from "../schema/plain-types.ts";
import type { SectionSpec } from "../schema/row.ts";
import type { KeyType } from "../schema/type.ts";
import { initFile, tracked } from "./tracked-lines.ts";

/** What is looked for, not what is run. */
const programLine: KeyType<string> = { ...command };

const MINUTE_MS = 60_000;

const DELAY_MAX_MS = 255_000;

// biome-ignore format: a table, a row a key
export const interfaceKeys = {
  doc: "A network interface whose link state only counts once it has lasted (keepalived: interface_up_down_delays)",
  labels: ["INTERFACE"],
  labelIs: "interface",
  example: "interface.eth0",
  keys: {
    down_delay: { type: duration({ minMs: 0, maxMs: DELAY_MAX_MS }), default: "0",
      doc: "How long the link must be down before it counts as down; cut to less than two advert_int of the instances on it" },
    up_delay: { type: duration({ minMs: 0, maxMs: DELAY_MAX_MS }), otherwise: "down_delay", example: "5",
      doc: "How long the link must be up before it counts as up" },
  },
} as const satisfies SectionSpec;

// biome-ignore format: a table, a row a key
export const trackFileKeys = {
  doc: "A file that holds a number: weight times the number is added to the priority of the instances that track it",
  labels: ["NAME"],
  example: "track_file.maintenance",
  unused: "nothing tracks it",
  keys: {
    file: { field: "path", type: path, required: true, example: "/run/duet/maintenance", level: "basic",
      doc: "The file, on a local file system; a change counts at once; a file that is missing or holds no number counts as 0" },
    weight: { type: weight(254), default: "1", example: "-1", level: "basic",
      doc: "What one of the number is worth; a sum of -254 or less is a FAULT; weight 0: a number that is not 0 is a FAULT (reverse: 0 is)" },
    init_file: { field: "init", type: initFile, otherwise: "the file is not written", example: "0",
      doc: "Number written at the start into a file that is not there; with overwrite behind it, into any" },
  },
} as const satisfies SectionSpec;

// biome-ignore format: a table, a row a key
export const trackProcessKeys = {
  doc: "Processes that must run",
  labels: ["NAME"],
  example: "vrrp_track_process.haproxy",
  unused: "nothing tracks it",
  keys: {
    process: { type: programLine, required: true, example: "haproxy", level: "basic",
      doc: "Name of the program, and then perhaps its parameters" },
    param_match: { type: oneOf("exact", "initial", "partial"), otherwise: "exact when parameters are written, else they do not matter", example: "initial",
      doc: "exact: these parameters and no others; initial: these first; partial: the text of the parameters begins so" },
    weight: { type: weight(254), default: "0", example: "-60", level: "basic",
      doc: "Added to the priority: positive while up, negative while down (reverse: the other way); 0 = a failure is a FAULT" },
    quorum: { field: "quorum", type: integer(1, 65535), default: "1", level: "basic", doc: "How many must run" },
    quorum_max: { field: "quorumMax", type: integer(0, 65535), otherwise: "no limit", example: "1",
      doc: "How many may run; 0 with any quorum: none may" },
    delay: { type: duration({ minMs: 0, maxMs: HOUR_MS }), default: "0",
      doc: "Both fork_delay and terminate_delay, where these are not written" },
    fork_delay: { type: duration({ minMs: 0, maxMs: HOUR_MS }), otherwise: "delay", example: "1",
      doc: "How long enough must have run before it is up" },
    terminate_delay: { type: duration({ minMs: 0, maxMs: HOUR_MS }), otherwise: "delay", example: "0.5",
      doc: "How long too few (or too many) must have run before it is down: a restart may take this long" },
    full_command: { field: "fullCommand", type: bool, default: "no",
      doc: "Looks for the program in the command line, with its path if one is written, and not in the 15 letters that the kernel keeps" },
  },
} as const satisfies SectionSpec;

// biome-ignore format: a table, a row a key
export const bfdInstanceKeys = {
  doc: "A BFD session (RFC 5880): it finds out in milliseconds that a neighbour is gone",
  labels: ["NAME"],
  example: "bfd_instance.peer",
  unused: "nothing tracks it",
  keys: {
    neighbor_ip: { field: "neighbor", type: address, aliases: ["neighbour_ip"], required: true, example: "172.17.253.98", level: "basic",
      doc: "Address of the neighbour" },
    source_ip: { field: "source", type: address, sameFamily: "neighbor_ip", otherwise: "as the kernel routes", example: "172.17.253.97", level: "basic",
      doc: "Address that our packets come from, of the same family" },
    min_rx: { field: "minRxMs", type: duration({ minMs: 1, maxMs: MINUTE_MS, bareMs: true }), default: "10ms", level: "basic",
      doc: "Shortest time between two of the neighbour's packets that we ask for; a number alone is ms" },
    min_tx: { field: "minTxMs", type: duration({ minMs: 1, maxMs: MINUTE_MS, bareMs: true }), default: "10ms", level: "basic",
      doc: "Shortest time between two of our packets; a number alone is ms" },
    idle_tx: { field: "idleTxMs", type: duration({ minMs: 1000, maxMs: DAY_MS, bareMs: true }), default: "1s",
      doc: "Time between our packets while the session is not up; a number alone is ms" },
    multiplier: { field: "multiplier", type: integer(1, 255), default: "5", level: "basic",
      doc: "So many packets in a row that are missed bring the session down" },
    passive: { field: "passive", type: bool, default: "no", doc: "Says nothing until the neighbour does" },
    ttl: { field: "ttl", type: integer(1, 255), aliases: ["hoplimit"], default: "255",
      doc: "Time to live of our packets; a neighbour at one hop wants 255" },
    max_hops: { type: integer(0, 255), otherwise: "0, or 255 with multihop", example: "0",
      doc: "By how much the time to live of the neighbour's packets may have fallen; 255 = it is not looked at" },
    multihop: { field: "multihop", type: bool, default: "no", doc: "The neighbour is behind routers (RFC 5883, port 4784 in place of 3784)" },
    weight: { type: weight(253), default: "0", example: "-60", level: "basic",
      doc: "Added to the priority: positive while up, negative while down (reverse: the other way); 0 = a session that is not up is a FAULT" },
  },
} as const satisfies SectionSpec;

/** Of an instance, and of a sync group for all its members. */
// biome-ignore format: a table, a row a key
export const trackRows = {
  track_script: { type: tracked(253), refers: "vrrp_script", unique: "here", list: true, example: "nginx", level: "basic",
    doc: "A vrrp_script that counts: NAME [weight N [reverse]]" },
  track_interface: { type: tracked(253, "interface"), unique: "here", list: true, example: "eth1", level: "basic",
    doc: "A further interface that counts: INTERFACE [weight N [reverse]]; without a weight, a link that is down is a FAULT" },
  track_file: { type: tracked(254), refers: "track_file", unique: "here", list: true, example: "maintenance", level: "basic",
    doc: "A track_file that counts: NAME [weight N [reverse]]" },
  track_process: { type: tracked(254), refers: "vrrp_track_process", unique: "here", list: true, example: "haproxy", level: "basic",
    doc: "A vrrp_track_process that counts: NAME [weight N [reverse]]" },
  track_bfd: { type: tracked(253), refers: "bfd_instance", unique: "here", list: true, example: "peer", level: "basic",
    doc: "A bfd_instance that counts: NAME [weight N [reverse]]" },
  track_group: { type: tracked(253), unique: "here", list: true, example: "uplinks",
    doc: "The static addresses, routes and rules with `track_group NAME` count: NAME [weight N [reverse]]; without a weight it is a FAULT when one of them cannot be put back, or its interface is down" },
  track_virtual_server: { type: tracked(253), refers: "virtual_server", unique: "here", list: true, example: "web weight -60", level: "basic",
    doc: "A virtual_server that counts, so that a director that cannot serve does not want to be master: NAME [weight N [reverse]]; without a weight it is a FAULT when it has no quorum (a sorry server is none), when this kernel has no ip_vs, or when the director role is gone for 10 s" },
} as const;

export const SPACING = duration({ minMs: 0, maxMs: 60_000 });

// biome-ignore format: a table, a row a key
export const garpGroupKeys = {
  doc: "Interfaces on which announcements share one pace, because they end in one switch",
  labels: ["NAME"],
  example: "garp_group.uplinks",
  keys: {
    interface: { field: "interfaces", type: interfaceName, unique: "everywhere", list: true, required: true, example: "eth0",
      doc: "An interface of the group; it is in one group at most" },
    garp_interval: { field: "garpMs", type: SPACING, default: "0", doc: "Pause between two gratuitous ARP packets on all of them together" },
    gna_interval: { field: "gnaMs", type: SPACING, default: "0", doc: "The same between two unsolicited neighbour advertisements (IPv6)" },
  },
} as const satisfies SectionSpec;
