// What guardian and roles say to each other: one closed union a direction, over Node's IPC channel.
// (Roles talk to the desk by bus.ts; the guardian is not in that path.)

import type { Config } from "../../config/model.ts";
import type { Degraded } from "../../control/degraded.ts";
import type { Event } from "../../control/events.ts";
import type { Verb } from "../../control/requests.ts";
import type { Confirmation, ProcessStatus, Role } from "../../control/status.ts";
import type { ServiceNow } from "../../track/services.ts";

export type ChildRole = Exclude<Role, "guardian">;

/** What a dump file tells; "stats_clear" = the counters, which begin at 0 then. */
export type DumpKind = "state" | "stats" | "stats_clear" | "json";

export type GuardianMessage =
  /** Use this configuration; answered by "configured" with the same sequence number. */
  | { readonly type: "configure"; readonly sequence: number; readonly config: Config }
  /** To the desk only: who runs and what the guardian knows to be wrong, for status. */
  | {
      readonly type: "processes";
      readonly processes: readonly ProcessStatus[];
      readonly degraded: readonly Degraded[];
      readonly confirmation: Confirmation | null;
    }
  /** To vrrp only: what the director says of the services that are tracked; null = none answers. */
  | { readonly type: "services"; readonly services: readonly ServiceNow[] | null }
  /** To the desk only: for its journal. */
  | { readonly type: "event"; readonly event: Event }
  /** To the desk only: how a request ended. */
  | {
      readonly type: "answer";
      readonly id: number;
      readonly ok: boolean;
      readonly reasons: readonly string[];
    }
  /** To the desk only: a signal asked for it. */
  | { readonly type: "dump"; readonly kind: DumpKind }
  /** Stop cleanly and exit. */
  | { readonly type: "stop" };

export type RoleMessage =
  | { readonly type: "configured"; readonly sequence: number }
  /** Once a second at least: the loop turns. */
  | { readonly type: "heartbeat" }
  /** From vrrp, on every change of what an instance holds; `isAll` = instances that are not named are gone. */
  | { readonly type: "will"; readonly wills: readonly LastWill[]; readonly isAll: boolean }
  /** From the director, at every change: all services that are tracked. */
  | { readonly type: "services"; readonly services: readonly ServiceNow[] }
  /** From the desk: somebody asked on the control socket. */
  | {
      readonly type: "request";
      readonly id: number;
      readonly verb: Verb;
      /** Of a reload that is rolled back unless it is confirmed in this time. */
      readonly confirmMs?: number;
    };

/** What any child says instead of everything else: it cannot be started from the files that are there. */
export type Unloadable = {
  readonly type: "unloadable";
  readonly reason: string;
  /** Which files they are; null = not all of them are there. */
  readonly files: string | null;
};

/** Of one instance: ready-made bytes that the guardian sends when the vrrp role dies, so that nothing is computed then. */
export type LastWill = {
  readonly instance: string;
  /** Removals first (law 1: one owner): of rules, routes and addresses, each a whole message after its header. */
  readonly removals: readonly Removal[];
  /** Then priority-0 adverts. */
  readonly adverts: readonly {
    readonly interface: string;
    /** The source is an address of another interface. */
    readonly borrowed: boolean;
    readonly source: string;
    /** The group, or one peer. */
    readonly destination: string;
    readonly ttl: number;
    readonly packetHex: string;
  }[];
  /** Indexes of the interfaces that go last, when nothing is said by them any more. */
  readonly links: readonly number[];
};

export type Removal = {
  /** What goes, for people. */
  readonly what: string;
  /** RTM_DELRULE, RTM_DELROUTE or RTM_DELADDR. */
  readonly messageType: number;
  readonly messageHex: string;
};
