// The words of the track room: things outside VRRP that change an instance's priority or make it a FAULT.

import type { Identity } from "../lib/accounts.ts";

/** A script run for its exit status. */
export type ScriptConfig = {
  readonly name: string;
  /** The command line as the operator wrote it. */
  readonly command: string;
  /** From the start of one run to the start of the next. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Successes in a row that bring it up, failures in a row that bring it down. */
  readonly rise: number;
  readonly fall: number;
  /** Counts as failed until `rise` runs have succeeded; else the first run decides alone. */
  readonly initFail: boolean;
  /** Who it runs as; null or left out = who we are. */
  readonly user?: Identity | null;
  /** Root runs only what nobody else may write to; left out = so it is. */
  readonly security?: boolean;
};

/** What can be tracked. A tracked object is named by its kind and its own name. */
export type TrackerKind =
  | "interface"
  | "script"
  | "file"
  | "process"
  | "bfd"
  | "group"
  | "virtual_server";

/** What an instance makes of a tracked object. */
export type Weight = {
  /** 0 = a failure is a FAULT. */
  readonly weight: number;
  /** A success counts as a failure and the other way round. */
  readonly reverse: boolean;
};

/** An interface whose link state only counts once it has lasted. */
export type InterfaceDelays = {
  readonly name: string;
  readonly downDelayMs: number;
  readonly upDelayMs: number;
};

/** A file that holds a number. */
export type TrackFileConfig = Weight & {
  readonly name: string;
  readonly path: string;
  /** Written at the first start, into a file that is not there or, with `overwrite`, in any case. */
  readonly init: { readonly value: number; readonly overwrite: boolean } | null;
};

/** Processes that are counted. */
export type ProcessConfig = Weight & {
  readonly name: string;
  /** The name of the program. */
  readonly program: string;
  readonly parameters: readonly string[];
  /** How the parameters of a process compare; "any" = they do not matter. */
  readonly match: "any" | "exact" | "initial" | "partial";
  /** The program is looked for in the command line, not in the name that the kernel keeps. */
  readonly fullCommand: boolean;
  readonly quorum: number;
  /** More are a failure too; null = no limit. */
  readonly quorumMax: number | null;
  readonly upDelayMs: number;
  readonly downDelayMs: number;
};

/** A session of Bidirectional Forwarding Detection, RFC 5880; one hop as RFC 5881, several as RFC 5883. */
export type BfdConfig = Weight & {
  readonly name: string;
  readonly neighbor: string;
  /** Where our packets come from; null = as the kernel routes. */
  readonly source: string | null;
  readonly minTxMs: number;
  readonly minRxMs: number;
  /** Between packets while the session is not up. */
  readonly idleTxMs: number;
  readonly multiplier: number;
  /** Says nothing until the neighbour does. */
  readonly passive: boolean;
  /** Time to live of our packets. */
  readonly ttl: number;
  /** By how much the time to live of the neighbour's may have fallen; 255 = any. */
  readonly maxHops: number;
  readonly multihop: boolean;
};

export type Effect = { readonly faults: boolean; readonly delta: number };

/** keepalived's table: what an object that is up or down does to the priority of who tracks it. */
export function weightOf({ weight, reverse }: Weight, up: boolean): Effect {
  const good = up !== reverse;
  if (weight === 0) return { faults: !good, delta: 0 };
  // A positive weight rewards, a negative one punishes.
  if (weight > 0) return { faults: false, delta: good ? weight : 0 };
  return { faults: false, delta: good ? 0 : weight };
}

/** A file's number counts by itself: 0 is "nothing wrong", and the weight is what one of it is worth. */
export function fileEffect({ weight, reverse }: Weight, value: number): Effect {
  if (weight === 0) return { faults: (value !== 0) !== reverse, delta: 0 };
  const sum = value * weight * (reverse ? -1 : 1);
  if (sum <= FILE_SUM_FAULT) return { faults: true, delta: 0 };
  return { faults: false, delta: Math.min(sum, FILE_SUM_MAX) };
}

const FILE_SUM_FAULT = -254;
const FILE_SUM_MAX = 253;

/** What is known of a tracked object; `up` null = nothing yet. */
export type Tracked = {
  readonly name: string;
  /** Not written for a script. */
  readonly kind?: TrackerKind;
  readonly up: boolean | null;
  /** Of a file: its number. Of processes: how many there are. */
  readonly value?: number;
  readonly detail: string;
  readonly at: string | null;
  /** Of the last change of `up`; left out = `at` says it. */
  readonly since?: string | null;
};

/** What a watcher has found out. */
export type TrackedNow = {
  readonly kind: TrackerKind;
  readonly name: string;
  readonly up: boolean;
  readonly value?: number;
  readonly detail: string;
};

/** Under what name a tracked object is looked up: kinds do not share their names. */
export function trackKey(kind: TrackerKind, name: string): string {
  return kind === "script" ? name : `${kind}:${name}`;
}
