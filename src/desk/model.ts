// The words of the desk room's hooks: scripts that are told what an instance, a sync group, a virtual or a real server became.

import type { Identity } from "../lib/accounts.ts";

/** Whom it is about, in keepalived's words. */
export type Subject = {
  readonly kind: "INSTANCE" | "GROUP" | "VIRTUAL_SERVER" | "REAL_SERVER";
  readonly name: string;
};

export type HookState =
  | "MASTER"
  | "BACKUP"
  | "FAULT"
  | "STOP"
  | "DELETED"
  | "MASTER_RX_LOWER_PRI"
  | "QUORUM_UP"
  | "QUORUM_DOWN"
  | "SERVER_UP"
  | "SERVER_DOWN";

/** Command lines as the operator wrote them; null = none. */
export type InstanceHooks = {
  readonly notify: string | null;
  readonly notifyMaster: string | null;
  readonly notifyBackup: string | null;
  readonly notifyFault: string | null;
  readonly notifyStop: string | null;
  /** When there is one, an instance that a reload took away is told as DELETED, else as STOP. */
  readonly notifyDeleted: string | null;
  readonly notifyMasterRxLowerPri: string | null;
  /** Who they run as; null = who duet runs as. */
  readonly scriptUser: Identity | null;
};

/** Of a virtual server. */
export type QuorumHooks = {
  readonly quorumUp: string | null;
  readonly quorumDown: string | null;
} & Pick<InstanceHooks, "scriptUser">;

/** Of a real server. */
export type ServerHooks = {
  readonly notifyUp: string | null;
  readonly notifyDown: string | null;
} & Pick<InstanceHooks, "scriptUser">;

/** Of any subject. */
export type HooksConfig = InstanceHooks & Partial<QuorumHooks & ServerHooks>;

export const NO_HOOKS: HooksConfig = {
  notify: null,
  notifyMaster: null,
  notifyBackup: null,
  notifyFault: null,
  notifyStop: null,
  notifyDeleted: null,
  notifyMasterRxLowerPri: null,
  scriptUser: null,
};

/** As in the configuration file. */
export type HookName =
  | "notify_master"
  | "notify_backup"
  | "notify_fault"
  | "notify_stop"
  | "notify_deleted"
  | "notify_master_rx_lower_pri"
  | "quorum_up"
  | "quorum_down"
  | "notify_up"
  | "notify_down"
  | "notify";

/** How the latest run of a hook ended. */
export type HookResult = {
  readonly hook: HookName;
  readonly state: HookState;
  /** ISO 8601: when it ended. */
  readonly at: string;
  readonly ok: boolean;
  /** "exit status 1", "no end in 30000 ms" */
  readonly detail: string;
  /** Of its output. */
  readonly lastLine: string;
  readonly tookMs: number;
};

export type SubjectHooks = {
  readonly subject: Subject;
  readonly running: { readonly hook: HookName; readonly state: HookState } | null;
  /** States that were over before their hooks could begin. */
  readonly skipped: number;
  /** The latest run of each hook. */
  readonly results: readonly HookResult[];
};
