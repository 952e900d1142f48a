// `duet switchover`: what is asked of the vrrp role, and what it answers.

import type { Answer } from "./requests.ts";

export type SwitchoverOrder = {
  /** An instance or a sync group; null = the only one that there is, or with `isAll` all that are MASTER. */
  readonly of: string | null;
  readonly isAll: boolean;
  /** It steps down even where nobody takes over. */
  readonly isForced: boolean;
};

export type Switched = {
  readonly instance: string;
  /** Who took over; null = nobody, and it was forced. */
  readonly to: { readonly address: string; readonly priority: number } | null;
  /** From our priority 0 to its first advert. */
  readonly took_ms: number;
};

export type SwitchoverAnswer = Answer & { readonly switched: readonly Switched[] };

export const SWITCHOVER_LIMIT_MS = 30_000;

export function isSwitchoverAnswer(body: unknown): body is SwitchoverAnswer {
  const { switched } = (body ?? {}) as { readonly switched?: unknown };
  return Array.isArray(switched);
}
