// The words of the VRRP room. RFC 5798 (VRRPv3), RFC 3768 (VRRPv2), and keepalived's FAULT state.

import type { AuthConfig } from "./auth.ts";

export type Version = 2 | 3;

export type InstanceConfig = {
  readonly name: string;
  /** The interface that adverts leave by and arrive on. */
  readonly interface: string;
  readonly vrid: number;
  readonly version: Version;
  /** Base priority, 1 to 255; 255 is the address owner (RFC 5798 §6.1). */
  readonly priority: number;
  readonly advertIntervalMs: number;
  readonly preempt: boolean;
  /** What the operator wrote; as in keepalived it starts an election at once only with priority 255. */
  readonly initialState: "MASTER" | "BACKUP";
  /** The addresses told in adverts, in the order of the configuration. */
  readonly addresses: readonly string[];
  /** The sync group it moves with; null = alone. */
  readonly syncGroup: string | null;
  readonly auth: AuthConfig;
  readonly policy: ElectionPolicy;
  /** The node is in maintenance: it does not become MASTER, whoever is silent. */
  readonly standsBy?: true;
};

/** keepalived's knobs of the election, and where duet stands without them. */
export type ElectionPolicy = {
  /** Missed adverts before a master is given up; 3 in the RFC. */
  readonly downTimerAdverts: number;
  /** A master's interval (version 3) is learned up to so many times our own; 0 = as it is, as in the RFC. */
  readonly learnsTimes: number;
  /** How long a lower master is left alone after it was first heard. */
  readonly preemptDelayMs: number;
  /** A master answers a lower advert at once (RFC 9568); false = says nothing (RFC 5798 §6.4.3). */
  readonly answersLower: boolean;
  /** A master that steps down says its priority once more, so that the winner announces itself again. */
  readonly saysFarewell: boolean;
  /** The address owner hears nobody (RFC 5798 §7.1); two of them stay MASTER both, then. */
  readonly ownerIgnoresAdverts: boolean;
  /** The highest priority that another node may have: how soon it takes over from a master that is silent. */
  readonly bestOther: number;
  /** A master that was silent for so long waits as any backup, not just until it would have heard another master. */
  readonly expiredIsBackup: boolean;
  /** The address list of a master is compared once, not with every advert of it. */
  readonly comparesOnce: boolean;
};

export const DEFAULT_POLICY: ElectionPolicy = {
  downTimerAdverts: 3,
  learnsTimes: 4,
  preemptDelayMs: 0,
  answersLower: true,
  saysFarewell: true,
  ownerIgnoresAdverts: false,
  bestOther: 254,
  expiredIsBackup: false,
  comparesOnce: false,
};

/** How the adverts of an instance travel. */
export type AdvertWay = {
  readonly family: 4 | 6;
  /** null = an address of the interface. */
  readonly source: string | null;
  /** The multicast group of adverts without peers. */
  readonly group: string;
  /** Who gets them, each alone; none = the group. */
  readonly peers: readonly Peer[];
  /** Without peers it is a FAULT, not the group. */
  readonly needsPeer: boolean;
  /** Of adverts to peers; those to the group always have 255. */
  readonly unicastTtl: number;
  /** Only peers are heard. */
  readonly peersOnly: boolean;
  /** Version 3 over IPv4 is sent without the pseudo-header in its checksum (RFC 9568); both forms are heard. */
  readonly checksumAsV2: boolean;
};

export type Peer = {
  readonly address: string;
  /** Adverts of this peer are heard with a TTL in this range only. */
  readonly ttlMin: number;
  readonly ttlMax: number;
};

export type StateName = "INIT" | "BACKUP" | "MASTER" | "FAULT";

/** What keeps an instance in FAULT. A set of names, never a count: a cause cannot be counted twice. */
export type FaultCause =
  | "interface_missing"
  | "interface_down"
  | "no_source_address"
  | `source_is_virtual:${string}`
  | "virtual_interface_missing"
  | "addresses_not_held"
  | "no_unicast_peer"
  | `track_interface:${string}`
  | `track_script:${string}`
  | `track_file:${string}`
  | `track_process:${string}`
  | `track_bfd:${string}`
  | `track_group:${string}`
  | `track_virtual_server:${string}`
  | `sync_group:${string}`;

/** Why a state changed; every transition carries one, and logs, status and events tell it. */
export type TransitionCause =
  | "startup"
  | "startup_as_owner"
  | "master_down_timer"
  | "master_priority_fell"
  | "own_priority_rose"
  | "lower_master_preempted"
  | "bfd_session_down"
  | "priority_zero_received"
  | "higher_priority_advert"
  | "equal_priority_higher_address"
  | "second_owner"
  | "switchover"
  | "stalled"
  | "adverts_not_sent"
  | "sync_group"
  | "fault"
  | "fault_cleared"
  | "shutdown";

export const PRIORITY_OWNER = 255;
export const PRIORITY_RELEASE = 0;

/** The longest that a planned stop waits for a successor. */
export const HAND_OVER_MAX_MS = 1500;
