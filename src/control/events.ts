// What happened, told by the roles to the desk: it feeds hooks and the journal.

import type { DegradedKind } from "./degraded.ts";

/** What the director was about when it told: what it found after its start or a reload, or what came later. */
export type Phase = "starting" | "running" | "stopping" | "reloading";

/** One tracked object that moves the priority, or would. */
export type PriorityPartTold = {
  /** "script chk" */
  readonly what: string;
  readonly delta: number;
  /** What it would add if it were well; 0 = that is counted already. */
  readonly missing: number;
  readonly detail: string;
  readonly since: string | null;
};

export type PeerTold = {
  readonly address: string;
  readonly priority: number;
  /** Its latest advert, counted back from the event. */
  readonly heard_ms_ago: number;
};

export type FaultTold = {
  /** "track_script:chk" */
  readonly cause: string;
  /** What its watcher says; null = the cause says it all. */
  readonly detail: string | null;
  readonly since: string | null;
};

export type Event =
  | {
      /** A reason for `duet status` to exit 1 came or went. */
      readonly kind: "degraded";
      readonly at: string;
      readonly what: DegradedKind;
      readonly subject: string;
      /** false = it is over. */
      readonly begins: boolean;
      readonly since: string;
      readonly cause: string;
    }
  | {
      /** Of what `duet reload --confirm` loaded, or a reload after it. */
      readonly kind: "confirmation";
      readonly at: string;
      readonly what: "waiting" | "confirmed" | "rolled_back";
      readonly cause: string;
      /** When it is rolled back; null = it waits no more. */
      readonly until: string | null;
    }
  | {
      readonly kind: "instance_state";
      readonly at: string;
      readonly instance: string;
      readonly from: string;
      readonly to: "BACKUP" | "MASTER" | "FAULT" | "STOP" | "DELETED";
      readonly cause: string;
      readonly priority: number;
      /** As configured, and why it is `priority` now: "150 - 60: script chk, exit status 1, since ...". */
      readonly base_priority?: number;
      readonly priority_why?: string;
      readonly priority_parts?: readonly PriorityPartTold[];
      /** The other node that it is about, or that was heard last; null = none was heard. */
      readonly peer?: PeerTold | null;
      /** What is wrong in FAULT. */
      readonly faults?: readonly FaultTold[];
    }
  | {
      readonly kind: "group_state";
      readonly at: string;
      readonly group: string;
      readonly from: string;
      readonly to: "BACKUP" | "MASTER" | "FAULT" | "STOP";
      readonly cause: string;
      /** In FAULT: the members with faults of their own, and which. */
      readonly because?: string;
    }
  | {
      /** The effective priority, as tracking moves it. */
      readonly kind: "priority";
      readonly at: string;
      readonly instance: string;
      readonly state: string;
      readonly from: number;
      readonly to: number;
    }
  | {
      /** A master heard one with a lower priority; told once a second at most. */
      readonly kind: "rx_lower_priority";
      readonly at: string;
      readonly instance: string;
      readonly priority: number;
      readonly source: string;
      readonly their_priority: number;
    }
  | {
      /** A second, lower master was there and is gone: MASTER is told once more. */
      readonly kind: "split_won";
      readonly at: string;
      readonly subject: "INSTANCE" | "GROUP";
      readonly name: string;
      readonly priority: number;
    }
  | {
      readonly kind: "tracker_state";
      readonly at: string;
      /** "interface", "file", … */
      readonly tracker_kind: string;
      readonly tracker: string;
      readonly up: boolean;
      readonly value: number | null;
      readonly cause: string;
    }
  | {
      readonly kind: "real_server_state";
      readonly at: string;
      readonly virtual_server: string;
      readonly real_server: string;
      readonly to: "UP" | "DOWN";
      readonly cause: string;
      /** Left out = running. */
      readonly phase?: Phase;
    }
  | {
      /** Every email_alert_freq. */
      readonly kind: "real_server_still_down";
      readonly at: string;
      readonly virtual_server: string;
      readonly real_server: string;
      readonly since: string;
      readonly cause: string;
    }
  | {
      /** A file in maintenance_dir came or went. */
      readonly kind: "maintenance";
      readonly at: string;
      readonly virtual_server: string;
      readonly real_server: string;
      /** What it is from now on. */
      readonly to: "MAINT" | "UP" | "DOWN";
      readonly cause: string;
      /** Left out = running. */
      readonly phase?: Phase;
    }
  | {
      readonly kind: "quorum";
      readonly at: string;
      readonly virtual_server: string;
      readonly to: "UP" | "DOWN";
      readonly cause: string;
      /** Left out = running. */
      readonly phase?: Phase;
    };
