// The whole configuration, deeply readonly, every default filled in. It is plain JSON: the reader process
// makes it, the guardian passes it on, each role takes its part.

import type { CheckConfig } from "../check/types/index.ts";
import type { QuorumHooks, ServerHooks } from "../desk/model.ts";
import type { LvsConfig } from "../ipvs/lvs.ts";
import type { Mark } from "../ipvs/marks.ts";
import type { Forward } from "../ipvs/model.ts";
import type { RealServer, VirtualServer } from "../ipvs/quorum.ts";
import type { Identity } from "../lib/accounts.ts";
import type {
  BfdConfig,
  InterfaceDelays,
  ProcessConfig,
  ScriptConfig,
  TrackerKind,
  TrackFileConfig,
  Weight,
} from "../track/model.ts";
import type { FirewallConfig } from "../vip/firewall.ts";
import type {
  AddressLink,
  AnnounceConfig,
  Held,
  Route,
  Rule,
  Vip,
  VirtualLink,
} from "../vip/model.ts";
import type { PacingConfig } from "../vip/pacing.ts";
import type { AdvertWay, InstanceConfig } from "../vrrp/model.ts";
import type { AlertsConfig, HooksConfig, NotifyConfig } from "./model-notify.ts";

export type {
  AlertsConfig,
  FifoConfig,
  HooksConfig,
  MailConfig,
  NotifyConfig,
  OnceScript,
} from "./model-notify.ts";

export type Config = {
  readonly global: GlobalConfig;
  readonly vrrpScripts: readonly VrrpScriptConfig[];
  readonly trackers: TrackersConfig;
  /** What the vrrp role holds as long as duet runs. */
  readonly statics: Held;
  readonly vrrpInstances: readonly VrrpInstanceConfig[];
  readonly vrrpSyncGroups: readonly VrrpSyncGroupConfig[];
  readonly virtualServers: readonly VirtualServerConfig[];
  /** IPVS as a whole. */
  readonly lvs: LvsConfig;
  readonly notify: NotifyConfig;
  readonly startDelay: StartDelayConfig;
  /** Of announcements. */
  readonly pacing: PacingConfig;
  readonly scheduling: SchedulingConfig;
};

export type Scheduling = {
  /** 1 to 99: SCHED_RR with this priority; null = like other processes. */
  readonly rtPriority: number | null;
  /** -20 to 19; null = as it was started. */
  readonly nice: number | null;
  /** The processors it may run on; none = as it was started. */
  readonly cpus: readonly number[];
  /** Ends a real-time process that works for so long without a pause; null = no limit. */
  readonly rttimeUs: number | null;
};

export type SchedulingConfig = {
  readonly vrrp: Scheduling;
  /** Of the director role. */
  readonly checker: Scheduling;
  readonly lateness: LatenessConfig;
};

/** What becomes of timers of the vrrp role that ring so late. */
export type LatenessConfig = {
  readonly fromMs: number;
  /** 0 = its priority stays. */
  readonly maxAutoPriority: number;
};

/** How long no instance takes part in an election: from the start of duet, and from the boot; the longer one holds. */
export type StartDelayConfig = { readonly startupMs: number; readonly afterBootMs: number };

export type GlobalConfig = {
  /** Name of this node for people; default: the host name. */
  readonly routerId: string;
  /** How long one run of a hook may take. */
  readonly hookTimeoutMs: number;
  /** An advert of a virtual router that is not here is told in the log. */
  readonly logUnknownVrids: boolean;
  /** Who scripts run as that name nobody; null = who duet runs as. */
  readonly scriptUser: Identity | null;
  /** Root runs only what nobody else may write to. */
  readonly scriptSecurity: boolean;
  /** A file in it takes a real server out. */
  readonly maintenanceDirectory: string | null;
  /** What the names of address links begin with. */
  readonly addressLinkPrefix: string;
  /** The table that keeps others from the addresses of instances that do not accept. */
  readonly nftables: FirewallConfig;
  readonly dumps: DumpsConfig;
};

/** Files in keepalived's forms, written at a signal; null = none. */
export type DumpsConfig = {
  readonly stateFile: string | null;
  readonly statsFile: string | null;
  readonly jsonFile: string | null;
  /** 1 or 2. */
  readonly jsonVersion: number;
};

export type VrrpInstanceConfig = {
  readonly vrrp: InstanceConfig;
  readonly way: AdvertWay;
  /** What its addresses are on, and its adverts leave by; null = its interface itself. */
  readonly link: VirtualLink | null;
  readonly addressLinks: readonly AddressLink[];
  /** Those that adverts tell. */
  readonly vips: readonly Vip[];
  /** What a master holds beside them. */
  readonly holds: HoldsConfig;
  readonly announce: AnnounceConfig;
  readonly hooks: HooksConfig;
  /** Weights as they hold here: the script's own, or the one written with the name. */
  readonly trackScripts: readonly TrackScriptConfig[];
  readonly tracking: TrackingConfig;
};

export type HoldsConfig = {
  /** Held but not told in adverts. */
  readonly excluded: readonly Vip[];
  readonly routes: readonly Route[];
  readonly rules: readonly Rule[];
  /** While MASTER, the kernel keeps the other addresses of a network when the first one goes. */
  readonly promoteSecondaries: boolean;
  /** A master is reached at its addresses. */
  readonly accept: boolean;
};

/** What can be tracked beside scripts. */
export type TrackersConfig = {
  readonly interfaces: readonly InterfaceDelays[];
  readonly files: readonly TrackFileConfig[];
  readonly processes: readonly ProcessConfig[];
  readonly bfd: readonly BfdConfig[];
};

/** What an instance tracks beside scripts. */
export type TrackingConfig = {
  readonly uses: readonly TrackerUse[];
  /** The instance's own interface may be down without a FAULT. */
  readonly dontTrackPrimary: boolean;
  /** The BFD session whose end makes a backup take over at once. */
  readonly bfdPromote: string | null;
};

export type TrackedUse = { readonly kind: TrackerKind; readonly name: string } & Weight;

export type TrackerUse = TrackedUse & { readonly kind: Exclude<TrackerKind, "script"> };

/** Instances that are MASTER together or not at all. */
export type VrrpSyncGroupConfig = {
  readonly name: string;
  readonly members: readonly string[];
  /** As written in the group; the members have it among what they track. */
  readonly tracked: readonly TrackedUse[];
  /** Weights that one member has alone count. */
  readonly trackingWeight: boolean;
  readonly hooks: HooksConfig;
};

/** A script run for its exit status, told to the instances that track it. */
export type VrrpScriptConfig = Omit<ScriptConfig, "user" | "security"> &
  Weight & {
    /** Who it runs as; null = who duet runs as. */
    readonly user: Identity | null;
  };

export type TrackScriptConfig = { readonly name: string } & Weight;

export type VirtualServerConfig = Omit<VirtualServer, "realServers"> & {
  readonly name: string;
  readonly group: string | null;
  /** What gets its firewall mark; none = others make it. */
  readonly marks: readonly Mark[];
  readonly forward: Forward;
  readonly hooks: QuorumHooks;
  /** A stop tells that all went DOWN. */
  readonly omega: boolean;
  /** Checks rest while this node has none of the addresses. */
  readonly haSuspend: boolean;
  /** A mail when the quorum is lost or gained. */
  readonly smtpAlert: boolean;
  /** A real server in maintenance is as one that failed, not one with weight 0. */
  readonly maintenanceRemove: boolean;
  /** Gets a line for every result of a check; null = none. */
  readonly monitorFile: string | null;
  /** Of the mail about it and its real servers. */
  readonly alerts: AlertsConfig;
  readonly realServers: readonly RealServerConfig[];
};

export type RealServerConfig = RealServer & {
  readonly hooks: ServerHooks;
  /** DOWN until its first success, unless the kernel's table has it. */
  readonly alpha: boolean;
  /** A mail when it goes UP or DOWN. */
  readonly smtpAlert: boolean;
  /** How many of its checks must be UP; null = all. */
  readonly checkQuorum: number | null;
  /** Limits of the weight that checks say. */
  readonly weightMin: number;
  readonly weightMax: number;
  /** None = always UP. Timing defaults of real and virtual server are already in them. */
  readonly checks: readonly CheckConfig[];
};

/** One thing wrong with a configuration. `line` 0 = the file as a whole. */
export type Problem = {
  readonly file: string;
  readonly line: number;
  readonly message: string;
  readonly severity: "error" | "warning" | "note";
};

export type ReadResult =
  | {
      readonly ok: true;
      readonly config: Config;
      readonly warnings: readonly Problem[];
      /** What was included: files, and the patterns that may come to mean others; none when absent. */
      readonly included?: readonly string[];
    }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      /** The file could not be read at all. */
      readonly unreadable?: true;
    };
