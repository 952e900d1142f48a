// The priority that counts in the election: the base and what tracked objects add to it.

import { PRIORITY_OWNER } from "./model.ts";

export const PRIORITY_MIN = 1;
const PRIORITY_MAX = 254;

/** Between 1 and 254, as keepalived; the address owner's 255 never moves. */
export function effectivePriority(base: number, deltas: readonly number[]): number {
  if (base === PRIORITY_OWNER) return base;
  const sum = deltas.reduce((total, delta) => total + delta, base);
  return Math.min(Math.max(sum, PRIORITY_MIN), PRIORITY_MAX);
}

/** What a tracked object does to the priority. */
export type PriorityPart = {
  /** "script chk" */
  readonly what: string;
  readonly delta: number;
  /** What it would add if it were well; 0 = that is counted already. */
  readonly missing: number;
  readonly detail: string;
  /** ISO 8601; null = not known yet. */
  readonly since: string | null;
};

/** "150 - 60: script chk, exit status 1, since 2026-01-01T00:00:00.000Z" */
export function priorityWhy(base: number, parts: readonly PriorityPart[]): string {
  if (base === PRIORITY_OWNER || parts.length === 0) return String(base);
  const sum = parts
    .filter(({ delta }) => delta !== 0)
    .map(({ delta }) => (delta < 0 ? ` - ${-delta}` : ` + ${delta}`));
  const limited = effectivePriority(
    base,
    parts.map(({ delta }) => delta),
  );
  const total = parts.reduce((before, { delta }) => before + delta, base);
  const limit = total === limited ? "" : ` = ${limited}`;
  return `${base}${sum.join("")}${limit}: ${parts.map(partText).join("; ")}`;
}

function partText({ what, missing, detail, since }: PriorityPart): string {
  const without = missing === 0 ? "" : ` (worth +${missing})`;
  const when = since === null ? "" : `, since ${since}`;
  return `${what}${without}, ${detail}${when}`;
}
