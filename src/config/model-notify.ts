// What goes out: FIFOs, mail, the scripts of start and stop, and the hooks of instances and services.

import type { Phase } from "../control/events.ts";
import type { InstanceHooks } from "../desk/model.ts";
import type { Identity } from "../lib/accounts.ts";

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

export type HooksConfig = InstanceHooks & {
  /** A line on the FIFOs for every change of the priority. */
  readonly priorityChanges: boolean;
  /** A mail for every transition. */
  readonly smtpAlert: boolean;
};
