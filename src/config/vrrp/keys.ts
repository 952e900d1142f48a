// The rows of virtual routers, of their sync groups, and of scripts that they track.

import { subjectRows } from "../node/notify-keys.ts";
import { hook } from "../node/notify-lines.ts";
import { addressLine } from "../schema/address-line.ts";
import { interfaceName } from "../schema/addresses.ts";
import {
  bool,
  command,
  DAY_MS,
  duration,
  integer,
  name,
  oneOf,
  weight,
} from "../schema/plain-types.ts";
import type { KeySpec, SectionSpec } from "../schema/row.ts";
import { user } from "../schema/users.ts";
import {
  acceptRows,
  advertRows,
  announceRows,
  authRows,
  electionRows,
  heldRows,
  virtualLinkRows,
} from "./keys-instance.ts";
import { trackRows } from "./keys-trackers.ts";

// biome-ignore format: a table, a row a key
export const vrrpScriptKeys = {
  doc: "A script whose exit status moves the priority of the instances that track it",
  labels: ["NAME"],
  example: "vrrp_script.nginx",
  keys: {
    script: { field: "command", type: command, required: true, example: "/etc/duet/check-nginx.sh", level: "basic",
      doc: "Command line; exit status 0 is a success, anything else a failure" },
    interval: { field: "intervalMs", type: duration({ minMs: 100, maxMs: DAY_MS, pace: true }), default: "1", level: "basic",
      doc: "Time from the start of one run to the start of the next" },
    timeout: { type: duration({ minMs: 10, maxMs: DAY_MS, pace: true }), otherwise: "the interval", example: "1", level: "basic",
      doc: "A run that takes longer is killed and has failed" },
    weight: { type: weight(253), default: "0", example: "-60", level: "basic",
      doc: "Added to the priority: positive while up, negative while down (reverse: the other way); 0 = a failure is a FAULT" },
    rise: { field: "rise", type: integer(1, 1000), default: "1", doc: "Successes in a row that bring it up" },
    fall: { field: "fall", type: integer(1, 1000), default: "1", doc: "Failures in a row that bring it down" },
    user: { type: user, inherits: "script_user", example: "keepalived_script",
      doc: "Who it runs as: USER [GROUP]" },
    init_fail: { field: "initFail", type: bool, default: "no", doc: "Counts as failed until the first run has ended" },
  },
} as const satisfies SectionSpec;

// biome-ignore format: a table, a row a key
export const instanceHookRows = {
  notify_master: { field: "notifyMaster", ...hook, example: "/etc/duet/notify.sh master", doc: "Command run on becoming MASTER; with notify once more when a split has healed and the other master is gone" },
  notify_backup: { field: "notifyBackup", ...hook, example: "/etc/duet/notify.sh backup", doc: "Command run on becoming BACKUP" },
  notify_fault: { field: "notifyFault", ...hook, example: "/etc/duet/notify.sh fault", doc: "Command run on falling into FAULT" },
  notify_stop: { field: "notifyStop", ...hook, example: "/etc/duet/notify.sh stop", doc: "Command run when duet stops" },
  notify: { field: "notify", ...hook, example: "/etc/duet/notify.sh", doc: 'Command run on every transition, with "INSTANCE NAME STATE PRIORITY" appended' },
  notify_deleted: { field: "notifyDeleted", ...hook, example: "/etc/duet/notify.sh deleted", doc: "Command run when a reload takes the instance away, told as DELETED; without it that is a STOP" },
  notify_master_rx_lower_pri: { field: "notifyMasterRxLowerPri", ...hook, example: "/etc/duet/notify.sh rx_lower", doc: "Command run when a MASTER hears one with a lower priority, once a second at most" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const versionRows = {
  version: { type: oneOf("2", "3"), inherits: "vrrp_version", globally: { default: "2", level: "basic" }, example: "2", level: "basic",
    doc: "VRRP version: 2 is RFC 3768, 3 is RFC 5798; both nodes need the same" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
export const vrrpInstanceKeys = {
  doc: "A virtual router: the pair elects a master that holds the virtual addresses",
  labels: ["NAME"],
  example: "vrrp_instance.VI_1",
  keys: {
    state: { type: oneOf("MASTER", "BACKUP"), default: "BACKUP", level: "basic",
      doc: "MASTER starts an election at once only with priority 255, which is also its default priority" },
    interface: { type: interfaceName, required: true, instead: "vrf", example: "eth0", level: "basic",
      doc: "Network interface that adverts leave by and arrive on" },
    vrf: { type: interfaceName, excludes: ["interface", "use_vmac", "use_ipvlan"], requires: { keys: ["unicast_src_ip"], why: "no interface says where adverts come from" }, otherwise: "none", example: "blue",
      doc: "In place of `interface`: adverts to unicast_peer[] leave and arrive by whatever interface of this VRF (ip-vrf(8)) they are routed by; every virtual address says its dev" },
    virtual_router_id: { type: integer(1, 255), required: true, example: "51", level: "basic",
      doc: "Number of the virtual router, the same on both nodes, unique on the network segment" },
    priority: { type: integer(1, 255, "1 to 254 (255 is for the address owner)"), otherwise: "100, or 255 with state = MASTER", example: "150", shown: true, level: "basic",
      doc: "The higher one is master; 255 says that the virtual addresses are this machine's own" },
    advert_int: { type: duration({ minMs: 10, maxMs: 255_000 }), default: "1", level: "basic",
      doc: "Time between adverts: version 2 whole seconds 1 to 255, version 3 0.01 to 40.95 in steps of 10 ms" },
    ...versionRows,
    preempt: { type: bool, otherwise: "yes", example: "yes", doc: "Takes over from a master with a lower priority" },
    nopreempt: { type: bool, opposes: "preempt", otherwise: "no", example: "yes", level: "basic",
      doc: "The opposite of preempt: a master stays master while it lives" },
    virtual_ipaddress: { type: addressLine, list: true, otherwise: "none, which needs no_virtual_ipaddress", shown: true, example: "172.17.253.110/24 dev eth0 label eth0:1", level: "basic",
      doc: "Virtual address: ADDRESS[/LENGTH] [dev IF] [scope S] [label L] [brd A|+|-] [peer A[/LENGTH]] [noprefixroute] [home] [-nodad] [preferred_lft N|forever] [no_track] [use_vmac]; the length is 32 (IPv6: 128) when not written" },
    ...heldRows,
    ...virtualLinkRows,
    ...trackRows,
    ...acceptRows,
    bfd_promote: { type: name, refers: "bfd_instance", otherwise: "none", example: "peer",
      doc: "A bfd_instance with the other director: when it stops hearing the master, this backup takes over at once (not in keepalived)" },
    dont_track_primary: { type: bool, default: "no", doc: "Its own interface may be down without a FAULT" },
    ...advertRows,
    ...announceRows,
    ...electionRows,
    ...authRows,
    ...instanceHookRows,
    ...subjectRows,
  },
} as const satisfies SectionSpec;

// biome-ignore format: a table, a row a key
export const vrrpSyncGroupKeys = {
  doc: "Instances that are MASTER together or not at all: the inside and the outside of a NAT director",
  labels: ["NAME"],
  example: "vrrp_sync_group.G1",
  keys: {
    group: { field: "members", type: name, refers: "vrrp_instance", unique: "everywhere", list: true, required: true, example: "VI_1", level: "basic",
      doc: "Name of a member, a [vrrp_instance.NAME]; an instance is in one group at most" },
    ...trackRows,
    sync_group_tracking_weight: { field: "trackingWeight", type: bool, default: "no",
      doc: "Weights that one member alone tracks count too, although they can part it from the others; without it they are ignored" },
    notify_master: { field: "notifyMaster", ...hook, example: "/etc/duet/notify.sh master", doc: "Command run when all members are MASTER" },
    notify_backup: { field: "notifyBackup", ...hook, example: "/etc/duet/notify.sh backup", doc: "Command run when they no longer are" },
    notify_fault: { field: "notifyFault", ...hook, example: "/etc/duet/notify.sh fault", doc: "Command run when a member falls into FAULT" },
    notify_stop: { field: "notifyStop", ...hook, example: "/etc/duet/notify.sh stop", doc: "Command run when duet stops" },
    notify: { field: "notify", ...hook, example: "/etc/duet/notify.sh", doc: "Command run on every change, with GROUP NAME STATE 0 appended" },
    ...subjectRows,
  },
} as const satisfies SectionSpec;
