// The shape of `duet status --json` and GET /v1/status. A promise: later versions only add keys.

import type { Degraded } from "./degraded.ts";
import type { Maintenance } from "./maintenance.ts";

export type Role = "guardian" | "vrrp" | "director" | "desk";

export type Status = {
  readonly version: string;
  readonly router_id: string;
  readonly uptime_s: number;
  readonly processes: readonly ProcessStatus[];
  readonly vrrp_instances: readonly InstanceStatus[];
  readonly vrrp_sync_groups: readonly SyncGroupStatus[];
  /** Adverts of virtual routers that are not configured here. */
  readonly vrrp_unknown_vrids?: number;
  /** Who else has the addresses that are held as MASTER? `ignored`: what was heard then and tells nothing new. */
  readonly vrrp_address_probes?: AddressProbesStatus;
  readonly virtual_servers: readonly VirtualServerStatus[];
  /** IPVS as a whole; null = no role drives it. */
  readonly lvs?: LvsStatus | null;
  /** All that is wrong, one entry a reason: `duet status` exits 1 exactly when there is one. */
  readonly degraded: readonly Degraded[];
  /** Of each instance that ever had a hook to run. */
  readonly hooks?: readonly InstanceHooksStatus[];
  readonly scripts?: readonly ScriptStatus[];
  readonly fifos?: readonly FifoStatus[];
  /** null = no mail is configured. */
  readonly mail?: MailStatus | null;
  /** Everything that is tracked, scripts included. */
  readonly trackers?: readonly TrackerStatus[];
  /** What runs was loaded by `duet reload --confirm` and waits for `duet confirm`; null = nothing waits. */
  readonly confirmation?: Confirmation | null;
  /** This node has stepped aside and stays BACKUP; null = it has not. */
  readonly maintenance?: Maintenance | null;
};

/** `until` is ISO 8601: then what ran before comes back. */
export type Confirmation = { readonly until: string };

export type AddressProbesStatus = {
  readonly sent: number;
  readonly answered: number;
  readonly ignored: number;
};

export type TrackerStatus = {
  readonly kind: "interface" | "script" | "file" | "process" | "bfd" | "group" | "virtual_server";
  readonly name: string;
  /** null = not known yet; of a file: whether it holds a number. */
  readonly up: boolean | null;
  /** Of a file its number, of processes how many there are. */
  readonly value: number | null;
  readonly detail: string;
  /** ISO 8601 of the last change of `up` or `value`. */
  readonly since: string | null;
};

/** A tracked script; `up` null = it has not run yet. */
export type ScriptStatus = {
  readonly name: string;
  readonly up: boolean | null;
  readonly detail: string;
  readonly at: string | null;
};

/** A notify FIFO, in lines; `error` null = it takes them. */
export type FifoStatus = {
  readonly path: string;
  readonly written: number;
  readonly waiting: number;
  readonly lost: number;
  readonly error: string | null;
  readonly script_restarts: number;
};

export type MailStatus = { readonly sent: number; readonly waiting: number; readonly lost: number };

export type ProcessStatus = {
  readonly role: Role;
  readonly pid: number;
  readonly restarts: number;
  /** Of a process of this role that died unasked; null = none has. */
  readonly last_death?: { readonly at: string; readonly how: string } | null;
};

export type InstanceStatus = {
  readonly name: string;
  readonly interface: string;
  /** What use_vmac or use_ipvlan made; null = the addresses are on the interface itself. */
  readonly virtual_interface?: string | null;
  /** null = none of its own. */
  readonly virtual_mac?: string | null;
  readonly vrid: number;
  readonly vrrp_version: 2 | 3;
  readonly state: "INIT" | "BACKUP" | "MASTER" | "FAULT";
  readonly base_priority: number;
  readonly priority: number;
  /** Why `priority` is what it is: "150 - 60: script chk, exit status 1, since ...". */
  readonly priority_why?: string;
  /** ISO 8601 of the last state change, and why it happened. */
  readonly since: string;
  readonly cause: string;
  /** Who is master as far as this node knows; itself when it is. */
  readonly master: { readonly address: string; readonly priority: number } | null;
  readonly advert_interval_ms: number;
  /** What silences a MASTER whose processes are all stopped or killed, and after how long at the most. */
  readonly lease?: { readonly kept_by: "nftables" | "valid_lft"; readonly ms: number };
  readonly master_down_interval_ms: number;
  readonly virtual_addresses: readonly string[];
  readonly faults: readonly string[];
  readonly counters: InstanceCounters;
  /** What it should hold and does not, or could not as MASTER, each with the reason. */
  readonly not_held?: readonly NotHeldStatus[];
  /** Who else acts as master of this virtual router, or of its addresses, and does not heed the election; none = nobody. */
  readonly other_masters?: readonly OtherMasterStatus[];
  /** It gave its place away by `duet switchover`: it preempts nobody, and takes over when the master is gone. */
  readonly yields?: boolean;
  /** Why an instance in INIT takes no part in the election yet, and for how much longer at most; null = it does. */
  readonly waiting?: { readonly for: readonly string[]; readonly left_ms: number } | null;
};

/** An address, or a route or rule as it is written. */
export type NotHeldStatus = { readonly what: string; readonly cause: string };

/** All but the first four as its own adverts say it, whether it holds or not. */
export type OtherMasterStatus = {
  readonly address: string;
  /** A reason of `rejected`; "lower": it hears us not, or does not give way; "addresses": it tells others; "vrid": it is another router. */
  readonly cause: string;
  readonly since: string;
  readonly adverts: number;
  readonly vrid: number;
  readonly vrrp_version: number;
  readonly priority: number;
  readonly advert_interval_ms: number;
  readonly authentication: string;
  readonly virtual_addresses: readonly string[];
};

export type InstanceCounters = {
  readonly adverts_sent: number;
  readonly adverts_received: number;
  readonly priority_zero_sent: number;
  readonly priority_zero_received: number;
  readonly became_master: number;
  readonly released_master: number;
  readonly send_errors: number;
  readonly address_list_mismatch: number;
  /** Version 3 over IPv4: adverts whose checksum counts the pseudo-header where ours does not, or the other way. */
  readonly checksum_form_mismatch: number;
  /** Adverts whose interval is too far above ours to be learned as it is. */
  readonly advert_interval_limited: number;
  /** By the reason of the rejection; every reason is there, at 0 when it never happened. */
  readonly rejected: Readonly<Record<string, number>>;
};

export type SyncGroupStatus = {
  readonly name: string;
  readonly state: InstanceStatus["state"];
  readonly members: readonly string[];
  /** In FAULT: the members with faults of their own, and which. */
  readonly because?: string;
};

export type InstanceHooksStatus = {
  /** Name of the instance, sync group or virtual server. */
  readonly instance: string;
  readonly kind?: "INSTANCE" | "GROUP" | "VIRTUAL_SERVER" | "REAL_SERVER";
  /** The hook that runs now, "notify_master". */
  readonly running: string | null;
  /** States that were over before their hooks could begin. */
  readonly skipped: number;
  /** The latest run of each hook. */
  readonly results: readonly {
    readonly hook: string;
    readonly state: string;
    readonly at: string;
    readonly ok: boolean;
    readonly detail: string;
    /** Of its output. */
    readonly last_line?: string;
    readonly took_ms: number;
  }[];
};

export type LvsStatus = {
  /** Connection sync, as the kernel runs it. */
  readonly sync_daemons: readonly {
    readonly state: "master" | "backup";
    readonly interface: string;
    readonly sync_id: number;
    /** Multicast address and port. */
    readonly group: string;
    readonly max_length_bytes: number | null;
    readonly ttl: number | null;
  }[];
  /** What the kernel does not have as configured, and why. */
  readonly errors: readonly string[];
  /** What somebody did to duet's services and was not repaired (lvs_drift = report). */
  readonly drift?: readonly string[];
  /** Changes of the kernel's table that the director asked for since it was started: none = all was adopted. */
  readonly table_changes?: number;
};

export type VirtualServerStatus = {
  readonly name: string;
  readonly address: string | null;
  readonly fwmark: number | null;
  /** What duet gives the mark: "10.0.0.1:80 tcp"; none = others make it. */
  readonly marks?: readonly string[];
  readonly protocol: string | null;
  readonly lb_algo: string;
  readonly lb_kind: string;
  readonly persistence_timeout_s: number | null;
  readonly quorum: number;
  readonly quorum_up: boolean;
  readonly sorry_server_active: boolean;
  /** A name of [virtual_server_group]; its services are in `services`, and `address` and `fwmark` are null. */
  readonly group?: string | null;
  /** The services of the kernel: "tcp 10.0.0.1:80", "fwmark 99". */
  readonly services?: readonly string[];
  readonly flags?: readonly string[];
  readonly persistence_engine?: string | null;
  /** Checks rest: this node has none of the addresses (ha_suspend). */
  readonly suspended?: boolean;
  /** Why the kernel's table does not hold the service as configured; null when it does. */
  readonly error: string | null;
  readonly real_servers: readonly RealServerStatus[];
};

export type RealServerStatus = {
  readonly name: string;
  readonly address: string;
  /** "NAT", "DR", "TUN type gue port 6080" */
  readonly lb_kind?: string;
  readonly weight: number;
  /** What the kernel has. */
  readonly effective_weight: number;
  /** MAINT: a file in maintenance_dir takes it out, whatever its checks say. */
  readonly state: "UP" | "DOWN" | "MAINT";
  /** ISO 8601 of the last change of `state`, and why it is as it is. */
  readonly since?: string;
  readonly cause?: string;
  readonly active_connections: number;
  readonly inactive_connections: number;
  /** What cannot work with it as it is, whatever its checks say; null = nothing. */
  readonly warning?: string | null;
  /** Persistent clients. */
  readonly persistent_connections?: number;
  readonly checks: readonly CheckStatus[];
};

export type CheckStatus = {
  readonly name: string;
  readonly type: string;
  readonly state: "UP" | "DOWN";
  /** null = no probe has ended yet. */
  readonly last_ok: boolean | null;
  readonly last_detail: string | null;
  readonly last_took_ms: number | null;
  readonly last_at: string | null;
  /** The latest results, the newest first; at most five. */
  readonly recent?: readonly {
    readonly ok: boolean;
    readonly cause: string;
    readonly detail: string;
    readonly took_ms: number;
    readonly at: string;
  }[];
};
