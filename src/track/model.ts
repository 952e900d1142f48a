// The words of the track room: things outside VRRP that change an instance's priority or make it a FAULT.

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
};

/** What an instance makes of a tracked object. */
export type Weight = {
  /** 0 = a failure is a FAULT. */
  readonly weight: number;
  /** A success counts as a failure and the other way round. */
  readonly reverse: boolean;
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

/** What is known of a tracked object; `up` null = nothing yet. */
export type Tracked = {
  readonly name: string;
  readonly up: boolean | null;
  readonly detail: string;
  readonly at: string | null;
};
