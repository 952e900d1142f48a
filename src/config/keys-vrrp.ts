// The table of keys: virtual routers and what they track.

import { DAY_MS, duration, hook, integer, oneOf } from "./key-types.ts";
import { advertRows } from "./keys-adverts.ts";
import { announceRows } from "./keys-announce.ts";
import { authRows } from "./keys-auth.ts";
import { electionRows } from "./keys-election.ts";
import { acceptRows } from "./keys-firewall.ts";
import { heldRows } from "./keys-held.ts";
import { subjectRows } from "./keys-notify.ts";
import { trackRows } from "./keys-trackers.ts";
import { virtualLinkRows } from "./keys-vmac.ts";
import type { SectionSpec } from "./spec.ts";

export const vrrpScriptKeys = {
  doc: "A script whose exit status moves the priority of the instances that track it",
  labels: ["NAME"],
  example: "vrrp_script.nginx",
  keys: {
    script: {
      type: { kind: "command" },
      required: true,
      example: "/etc/duet/check-nginx.sh",
      level: "basic",
      doc: "Command line; exit status 0 is a success, anything else a failure",
    },
    interval: {
      type: duration({ minMs: 100, maxMs: DAY_MS, pace: true }),
      default: "1",
      level: "basic",
      doc: "Time from the start of one run to the start of the next",
    },
    timeout: {
      type: duration({ minMs: 10, maxMs: DAY_MS, pace: true }),
      otherwise: "the interval",
      example: "1",
      level: "basic",
      doc: "A run that takes longer is killed and has failed",
    },
    weight: {
      type: { kind: "weight" },
      default: "0",
      example: "-60",
      level: "basic",
      doc: "Added to the priority: positive while up, negative while down (reverse: the other way); 0 = a failure is a FAULT",
    },
    rise: {
      type: integer(1, 1000),
      default: "1",
      level: "advanced",
      doc: "Successes in a row that bring it up",
    },
    fall: {
      type: integer(1, 1000),
      default: "1",
      level: "advanced",
      doc: "Failures in a row that bring it down",
    },
    user: {
      type: { kind: "user" },
      otherwise: "script_user of [global]",
      example: "keepalived_script",
      level: "advanced",
      doc: "Who it runs as: USER [GROUP]",
    },
    init_fail: {
      type: { kind: "bool" },
      default: "no",
      level: "advanced",
      doc: "Counts as failed until the first run has ended",
    },
  },
} as const satisfies SectionSpec;

export const vrrpInstanceKeys = {
  doc: "A virtual router: the pair elects a master that holds the virtual addresses",
  labels: ["NAME"],
  example: "vrrp_instance.VI_1",
  keys: {
    state: {
      type: oneOf("MASTER", "BACKUP"),
      default: "BACKUP",
      level: "basic",
      doc: "MASTER starts an election at once only with priority 255, which is also its default priority",
    },
    interface: {
      type: { kind: "interface" },
      required: true,
      example: "eth0",
      level: "basic",
      doc: "Network interface that adverts leave by and arrive on",
    },
    virtual_router_id: {
      type: integer(1, 255),
      required: true,
      example: "51",
      level: "basic",
      doc: "Number of the virtual router, the same on both nodes, unique on the network segment",
    },
    priority: {
      type: integer(1, 255, "1 to 254 (255 is for the address owner)"),
      otherwise: "100, or 255 with state = MASTER",
      example: "150",
      shown: true,
      level: "basic",
      doc: "The higher one is master; 255 says that the virtual addresses are this machine's own",
    },
    advert_int: {
      type: duration({ minMs: 10, maxMs: 255_000 }),
      default: "1",
      level: "basic",
      doc: "Time between adverts: version 2 whole seconds 1 to 255, version 3 0.01 to 40.95 in steps of 10 ms",
    },
    version: {
      type: oneOf("2", "3"),
      otherwise: "vrrp_version of [global]",
      example: "2",
      level: "basic",
      doc: "VRRP version: 2 is RFC 3768, 3 is RFC 5798; both nodes need the same",
    },
    preempt: {
      type: { kind: "bool" },
      otherwise: "yes",
      example: "yes",
      level: "advanced",
      doc: "Takes over from a master with a lower priority",
    },
    nopreempt: {
      type: { kind: "bool" },
      otherwise: "no",
      example: "yes",
      level: "basic",
      doc: "The opposite of preempt: a master stays master while it lives",
    },
    virtual_ipaddress: {
      type: { kind: "address_line" },
      list: true,
      otherwise: "none, which needs no_virtual_ipaddress",
      shown: true,
      example: "172.17.253.110/24 dev eth0 label eth0:1",
      level: "basic",
      doc: "Virtual address: ADDRESS[/LENGTH] [dev IF] [scope S] [label L] [brd A|+|-] [peer A[/LENGTH]] [noprefixroute] [home] [-nodad] [preferred_lft N|forever] [no_track]; the length is 32 (IPv6: 128) when not written",
    },
    ...heldRows,
    ...virtualLinkRows,
    ...trackRows,
    ...acceptRows,
    bfd_promote: {
      type: { kind: "name" },
      otherwise: "none",
      example: "peer",
      level: "advanced",
      doc: "A bfd_instance with the other director: when it stops hearing the master, this backup takes over at once (not in keepalived)",
    },
    dont_track_primary: {
      type: { kind: "bool" },
      default: "no",
      level: "advanced",
      doc: "Its own interface may be down without a FAULT",
    },
    ...advertRows,
    ...announceRows,
    ...electionRows,
    ...authRows,
    notify_master: hook(
      "Command run on becoming MASTER; with notify once more when a split has healed and the other master is gone",
      "/etc/duet/notify.sh master",
    ),
    notify_backup: hook("Command run on becoming BACKUP", "/etc/duet/notify.sh backup"),
    notify_fault: hook("Command run on falling into FAULT", "/etc/duet/notify.sh fault"),
    notify_stop: hook("Command run when duet stops", "/etc/duet/notify.sh stop"),
    notify: hook(
      'Command run on every transition, with "INSTANCE NAME STATE PRIORITY" appended',
      "/etc/duet/notify.sh",
    ),
    notify_deleted: hook(
      "Command run when a reload takes the instance away, told as DELETED; without it that is a STOP",
      "/etc/duet/notify.sh deleted",
    ),
    notify_master_rx_lower_pri: hook(
      "Command run when a MASTER hears one with a lower priority, once a second at most",
      "/etc/duet/notify.sh rx_lower",
    ),
    ...subjectRows,
  },
} as const satisfies SectionSpec;

export const vrrpSyncGroupKeys = {
  doc: "Instances that are MASTER together or not at all: the inside and the outside of a NAT director",
  labels: ["NAME"],
  example: "vrrp_sync_group.G1",
  keys: {
    group: {
      type: { kind: "name" },
      list: true,
      required: true,
      example: "VI_1",
      level: "basic",
      doc: "Name of a member, a [vrrp_instance.NAME]; an instance is in one group at most",
    },
    ...trackRows,
    sync_group_tracking_weight: {
      type: { kind: "bool" },
      default: "no",
      level: "advanced",
      doc: "Weights that one member alone tracks count too, although they can part it from the others; without it they are ignored",
    },
    notify_master: hook("Command run when all members are MASTER", "/etc/duet/notify.sh master"),
    notify_backup: hook("Command run when they no longer are", "/etc/duet/notify.sh backup"),
    notify_fault: hook("Command run when a member falls into FAULT", "/etc/duet/notify.sh fault"),
    notify_stop: hook("Command run when duet stops", "/etc/duet/notify.sh stop"),
    notify: hook(
      "Command run on every change, with GROUP NAME STATE 0 appended",
      "/etc/duet/notify.sh",
    ),
    ...subjectRows,
  },
} as const satisfies SectionSpec;
