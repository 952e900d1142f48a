// How long to wait before the next try: twice as long after each failure in a row, up to a limit. Pure.

export type Backoff = { readonly firstMs: number; readonly maxMs: number };

/** For whatever costs a server or the kernel something: 1, 2, 4 … 60 s. */
export const UP_TO_A_MINUTE: Backoff = { firstMs: 1000, maxMs: 60_000 };

/** `failures` = so many in a row, the first is 1. */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number): number {
  return Math.min(firstMs * 2 ** (failures - 1), maxMs);
}
