// The states of the VRRP machine, what it is told and what it wants done.

import type { Answered } from "./answers.ts";
import type { FaultCause, StateName, TransitionCause } from "./model.ts";

export type State =
  | { readonly name: "INIT" }
  | { readonly name: "FAULT"; readonly faults: readonly FaultCause[] }
  | {
      readonly name: "BACKUP";
      readonly masterDownAtMs: number;
      readonly masterIntervalMs: number;
      readonly master: Master | null;
      /** It is MASTER and lower than we are; null = none has been heard since a better one. */
      readonly lower: Lower | null;
      /** The master said priority 0: what is awaited is Skew_Time. */
      readonly masterLeft: boolean;
      /** Why it would be MASTER now, were it not for its sync group, which gives the word; null = it would not. */
      readonly claim: TransitionCause | null;
      /** Until when a lower master is left alone; null = none has been heard since a better one. */
      readonly preemptAtMs: number | null;
      /** It takes over from a lower master on the heels of an advert: see preemption.ts. */
      readonly preempting?: true;
      /** Its first election since it started: neither has it heard a master that it respects, nor given up waiting for one. */
      readonly young?: true;
      /** It was MASTER and stepped aside: a master that it outranks is not listened to. */
      readonly aside?: true;
      /** This process did not run when its timer ran out, or a master's advert was due: it listens for an interval, see hasOverslept(). */
      readonly overslept?: true;
      /** Its latest advert did not leave this machine: it does not preempt before one does. */
      readonly mute?: true;
      /** It gave its place away by a switchover: it preempts nobody, and takes over only when the master is gone. */
      readonly yields?: true;
    }
  | {
      readonly name: "MASTER";
      readonly advertAtMs: number;
      /** Another owner of the addresses with a lower one of its own, which should have gone; null or left out = none. */
      readonly rival?: Rival | null;
      /** Who was answered lately, for not every advert is; left out = nobody. */
      readonly answered?: Answered;
      /** It has said priority 0, and keeps the addresses until a successor speaks, or until then; left out = no. */
      readonly handsOverUntilMs?: number;
      /** That is a switchover, not a stop. */
      readonly switching?: Switching;
      /** When the last advert left this machine, as those after it did not; left out = the last one did. */
      readonly leftMs?: number;
      /** The living master that its latest advert is to drive away; left out = none, or that is past. */
      readonly over?: Master;
    };

export type Switching = {
  /** Who has spoken since; null = nobody. */
  readonly successor: Master | null;
  /** It goes even where nobody takes over. */
  readonly isForced: boolean;
};

/** What is heard of it. */
export type Rival = {
  readonly address: string;
  readonly sinceMs: number;
  readonly lastMs: number;
  readonly adverts: number;
};

export type Master = {
  readonly address: string;
  readonly priority: number;
  /** Its latest advert. */
  readonly heardMs: number;
};

export type Lower = Master & {
  /** Why it is one. */
  readonly cause: "master_priority_fell" | "own_priority_rose" | "lower_master_preempted";
};

export type Input =
  /** Start working; an instance that has faults starts in FAULT. */
  | { readonly type: "startup"; readonly nowMs: number; readonly faults: readonly FaultCause[] }
  /** The whole set of faults as it is now. */
  | { readonly type: "faults"; readonly nowMs: number; readonly faults: readonly FaultCause[] }
  | { readonly type: "timer"; readonly nowMs: number }
  /** A faster witness than the adverts says that the host with this address is gone. */
  | { readonly type: "promote"; readonly nowMs: number; readonly address: string }
  /** An advert did not leave this machine; `leftMs`: the last one that did, -Infinity = none. */
  | { readonly type: "unsent"; readonly nowMs: number; readonly leftMs: number }
  /** An advert has left this machine again. */
  | { readonly type: "sent"; readonly nowMs: number }
  /** An advert that passed every receive check. */
  | {
      readonly type: "advert";
      readonly nowMs: number;
      readonly priority: number;
      readonly advertIntervalMs: number;
      readonly source: string;
      readonly sourceIsGreater: boolean;
    }
  /** The sync group's word; only heard while claiming, and while MASTER. */
  | { readonly type: "take-over"; readonly nowMs: number }
  | { readonly type: "step-down"; readonly nowMs: number }
  /** As step-down, of the group's leading member: it claims again after Skew_Time, whenever the one that lost does. */
  | { readonly type: "step-aside"; readonly nowMs: number }
  /** A stop that can wait: a master stays one until its successor speaks. */
  | { readonly type: "hand-over"; readonly nowMs: number }
  /** As hand-over, but it goes on as BACKUP; and as MASTER where nobody takes over by then, unless it is forced. */
  | {
      readonly type: "switch-over";
      readonly nowMs: number;
      readonly untilMs: number;
      readonly isForced: boolean;
    }
  | { readonly type: "shutdown"; readonly nowMs: number };

export type Action =
  /** `intervalMs`: another one than the configured is said. */
  | {
      readonly type: "send-advert";
      readonly priority: number;
      readonly intervalMs?: number;
    }
  /** Put the virtual addresses on. */
  | { readonly type: "hold" }
  /** Take them off. */
  | { readonly type: "release" }
  /** Start the gratuitous ARP schedule: as a new master, or again because somebody lower claims to be one. */
  | { readonly type: "announce"; readonly why: "new-master" | "lower-priority" }
  /** Announce nothing any more. */
  | { readonly type: "hush" }
  /** Nobody took over: it is MASTER as before the switchover. */
  | { readonly type: "kept" }
  /** Tell the sync group that this member is ready to be MASTER. */
  | { readonly type: "claim" }
  /** Tell the sync group that this member's first election went to somebody else. */
  | { readonly type: "concede" }
  | {
      readonly type: "transition";
      readonly from: StateName;
      readonly to: StateName;
      readonly cause: TransitionCause;
      /** The other node that it is about; null = none, or none was heard. */
      readonly peer: Master | null;
    };

export const INITIAL: State = { name: "INIT" };
