// How often a master answers those who should not speak: a storm of valid adverts of lower priority, from a node that does
// not hear us or from nobody at all, costs a few adverts a second. RFC 9568 §6.4.3 answers every one of them. Pure.

import { type Rate, spend, UNSPENT } from "../lib/rate.ts";

/** Of each source. Two at once: a loser of a split is answered, goes, and says so at once. */
const RATE: Rate = { everyMs: 1000, atOnce: 2 };
/** More than a segment has routers; who comes when all are taken, by forged ones, hears our next advert. */
const SOURCES_MAX = 8;

/** Who was answered lately. */
export type Answered = readonly { readonly source: string; readonly paidUntilMs: number }[];

/** What to remember when this source is answered now; undefined = it is not. */
export function answering(answered: Answered, source: string, nowMs: number): Answered | undefined {
  const before = answered.find((each) => each.source === source)?.paidUntilMs ?? UNSPENT;
  const paidUntilMs = spend(RATE, before, nowMs);
  if (paidUntilMs === undefined) return undefined;
  const others = answered.filter((each) => each.source !== source && each.paidUntilMs > nowMs);
  return others.length < SOURCES_MAX ? [...others, { source, paidUntilMs }] : undefined;
}
