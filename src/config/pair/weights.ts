// Weights of what is tracked, with the priorities of both nodes known: can they ever move the addresses?

import { weightOf } from "../../track/model.ts";
import { PRIORITY_OWNER } from "../../vrrp/model.ts";
import { effectivePriority } from "../../vrrp/priority.ts";
import type { TrackedUse } from "../model.ts";
import { lineOf } from "../schema/section.ts";
import { syncGroupOf } from "../vrrp/effective.ts";
import { TRACK_KEYS } from "../vrrp/tracked.ts";
import { type Couple, type Instance, type Place, placeIn, placeText, type Tell } from "./node.ts";

export function judgePairWeights({ a, b }: Couple<Instance>, tell: Tell): void {
  const [ours, theirs] = [a, b].map((one) => priorityOf(one, weighedBy(one), isWell));
  // Equal ones are parted by any weight; what a file holds nobody knows.
  if (typeof ours !== "number" || typeof theirs !== "number" || ours === theirs) return;
  const [high, low, top, floor] = ours > theirs ? [a, b, ours, theirs] : [b, a, theirs, ours];
  if (top === PRIORITY_OWNER) return;
  const uses = weighedBy(high);
  const [first, ...more] = uses;
  const lowest = priorityOf(high, uses, () => false);
  if (first === undefined || lowest === null) return;
  const other = placeIn(low, "priority");
  const there = `and the other node has ${floor} (${placeText(other)})`;
  if (lowest > floor) {
    const what = [first, ...more].map(({ kind, name, weight }) => `${kind} ${name} ${weight}`);
    tell({
      at: placeOfUse(high, first),
      other,
      severity: "warning",
      message: `The weights of [${high.section.title}] can never cause a failover: with everything down (${what.join(", ")}) its priority is ${lowest}, ${there}`,
    });
    return;
  }
  for (const use of uses) {
    const alone = priorityOf(high, uses, (each) => each !== use);
    if (alone === null || alone <= floor) continue;
    tell({
      at: placeOfUse(high, use),
      other,
      severity: "note",
      message: `The weight ${use.weight} of ${TRACK_KEYS[use.kind]} ${use.name} alone does not move the addresses of [${high.section.title}]: its priority is ${alone} then, ${there}`,
    });
  }
}

function usesOf({ made }: Instance): readonly TrackedUse[] {
  const scripts = made.trackScripts.map((use) => ({ kind: "script", ...use }) as const);
  return [...scripts, ...made.tracking.uses];
}

/** Weight 0 is a FAULT, which moves the addresses always. */
function weighedBy(one: Instance): readonly TrackedUse[] {
  return usesOf(one).filter(({ weight }) => weight !== 0);
}

function isWell(): boolean {
  return true;
}

/** null = a file says it. */
function priorityOf(
  { made }: Instance,
  uses: readonly TrackedUse[],
  isUp: (use: TrackedUse) => boolean,
): number | null {
  const { priority } = made.vrrp;
  if (priority !== PRIORITY_OWNER && uses.some(({ kind }) => kind === "file")) return null;
  const deltas = uses.map((use) => weightOf(use, isUp(use)).delta);
  return effectivePriority(priority, deltas);
}

/** The line in the instance, or in its sync group. */
function placeOfUse({ node, section }: Instance, { kind, name }: TrackedUse): Place {
  const key = TRACK_KEYS[kind];
  const group = syncGroupOf(section, node.draft);
  const lines = [...section.values[key], ...(group?.values[key] ?? [])];
  const line = lines.find(({ value }) => value.name === name)?.line;
  return node.placeOf(line ?? lineOf(section, key));
}
