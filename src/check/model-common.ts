// What every check has, and what its probes come to, whatever its type.

export type CheckCommon = CheckTiming &
  CheckPlace & {
    readonly name: string;
    /** Each failure is a line of the log, and not only what it makes of the server. */
    readonly logsFailures: boolean;
  };

export type CheckTiming = {
  /** From the start of one probe to the start of the next. */
  readonly intervalMs: number;
  /** Total limit of one probe: connect, request and the whole answer. */
  readonly timeoutMs: number;
  /** Extra attempts before DOWN. */
  readonly retry: number;
  readonly delayBeforeRetryMs: number;
  /** Successes in a row that bring UP. */
  readonly rise: number;
  /** The interval while the latest results speak against the verdict, in place of both others; null = none. */
  readonly fastIntervalMs: number | null;
  /** The interval of a server that is DOWN; null = the same. */
  readonly downIntervalMs: number | null;
  /** The first probe begins at random within this time; null = when the director thinks fit. */
  readonly warmupMs: number | null;
  /** So many probes that only connect follow each whole one that succeeds. */
  readonly connects: number;
  /** Every interval is longer by a random part of this. */
  readonly jitterMs: number;
};

export type CheckPlace = {
  /** null = the real server's own. */
  readonly address: string | null;
  readonly port: number | null;
  /** null = as the kernel routes. */
  readonly source: Source | null;
};

/** How a probe leaves this machine. */
export type Source = {
  readonly address: string | null;
  readonly port: number | null;
  readonly interface: string | null;
  readonly fwmark: number | null;
};
