// The words of the desk room's hooks: scripts that are told what an instance became.

export type HookState = "MASTER" | "BACKUP" | "FAULT" | "STOP";

/** Command lines as the operator wrote them; null = none. */
export type HooksConfig = {
  readonly notify: string | null;
  readonly notifyMaster: string | null;
  readonly notifyBackup: string | null;
  readonly notifyFault: string | null;
  readonly notifyStop: string | null;
};

/** As in the configuration file. */
export type HookName =
  | "notify_master"
  | "notify_backup"
  | "notify_fault"
  | "notify_stop"
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
  readonly tookMs: number;
};

export type InstanceHooks = {
  readonly instance: string;
  readonly running: { readonly hook: HookName; readonly state: HookState } | null;
  /** States that were over before their hooks could begin. */
  readonly skipped: number;
  /** The latest run of each hook. */
  readonly results: readonly HookResult[];
};
