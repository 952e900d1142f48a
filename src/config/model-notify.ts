// What goes out: FIFOs, mail, the scripts of start and stop, and the hooks of instances and services.

import type { Identity } from "../lib/accounts.ts";
import type { Phase } from "./schema/row.ts";

/** Beside the hooks of each instance: FIFOs, mail, the scripts of start and stop. */
export type NotifyConfig = {
  readonly fifos: readonly FifoConfig[];
  readonly statesOnReload: boolean;
  /** null = no mail. */
  readonly mail: MailConfig | null;
  readonly mailFaults: boolean;
  readonly startupScript: OnceScript | null;
  readonly shutdownScript: OnceScript | null;
};

export type FifoConfig = {
  readonly about: "all" | "vrrp" | "lvs";
  readonly path: string;
  readonly owner: Identity | null;
  readonly script: string | null;
};

export type MailConfig = {
  /** Of what has no recipients of its own; may be none. */
  readonly to: readonly string[];
  readonly from: string;
  readonly host: string;
  readonly port: number;
  readonly heloName: string | null;
  readonly connectTimeoutMs: number;
};

export type OnceScript = { readonly command: string; readonly timeoutMs: number };

/** Mail about one virtual server and its real servers. */
export type AlertsConfig = {
  readonly to: readonly string[];
  /** While a real server is DOWN its mail is repeated; 0 = never. */
  readonly repeatMs: number;
  readonly phases: readonly Phase[];
};

/** Command lines as the operator wrote them; null = none. */
export type HooksConfig = {
  readonly notify: string | null;
  readonly notifyMaster: string | null;
  readonly notifyBackup: string | null;
  readonly notifyFault: string | null;
  readonly notifyStop: string | null;
  /** When there is one, a reload that takes the instance away is told as DELETED, else as STOP. */
  readonly notifyDeleted: string | null;
  readonly notifyMasterRxLowerPri: string | null;
  /** Who they run as; null = who duet runs as. */
  readonly scriptUser: Identity | null;
  /** A line on the FIFOs for every change of the priority. */
  readonly priorityChanges: boolean;
  /** A mail for every transition. */
  readonly smtpAlert: boolean;
};

/** Command lines as the operator wrote them; null = none. */
export type QuorumHooksConfig = {
  readonly quorumUp: string | null;
  readonly quorumDown: string | null;
  /** Who they run as; null = who duet runs as. */
  readonly scriptUser: Identity | null;
};

export type ServerHooksConfig = {
  readonly notifyUp: string | null;
  readonly notifyDown: string | null;
  readonly scriptUser: Identity | null;
};
