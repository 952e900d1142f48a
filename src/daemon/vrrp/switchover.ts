// A switchover: the instances that are asked for hand over together, those of a sync group always all of them.

import type { SyncGroupStatus } from "../../control/status.ts";
import type { SwitchoverAnswer, SwitchoverOrder } from "../../control/switchover.ts";
import { switchOverMs } from "../../vrrp/hand-over.ts";
import type { InstanceConfig } from "../../vrrp/model.ts";
import type { Outcome } from "./handing-over.ts";

/** What a switchover needs of an instance. */
export type Switchable = {
  readonly isMaster: () => boolean;
  readonly config: () => { readonly vrrp: InstanceConfig };
  readonly switchOver: (untilMs: number, isForced: boolean) => Promise<Outcome>;
};

export type SwitchoverParts = {
  readonly instances: ReadonlyMap<string, Switchable>;
  readonly groups: () => readonly Pick<SyncGroupStatus, "name" | "members">[];
  readonly nowMs: () => number;
};

/** What moves together: a group, or an instance that is in none. */
type Unit = { readonly name: string; readonly members: readonly string[] };

export async function switchOver(
  parts: SwitchoverParts,
  order: SwitchoverOrder,
): Promise<SwitchoverAnswer> {
  const chosen = choose(parts, order);
  if (typeof chosen === "string") return { ok: false, reasons: [chosen], switched: [] };
  const outcomes = await Promise.all(chosen.map(async (unit) => ofUnit(parts, unit, order)));
  const answers = outcomes.flat();
  const reasons = answers.flatMap(({ instance, outcome }) =>
    outcome.ok ? [] : [`${instance}: ${outcome.reason}`],
  );
  const switched = answers.flatMap(({ instance, outcome }) => {
    if (!outcome.ok) return [];
    const { successor, tookMs } = outcome;
    const to = successor && { address: successor.address, priority: successor.priority };
    return [{ instance, to, took_ms: tookMs }];
  });
  return { ok: reasons.length === 0, reasons, switched };
}

async function ofUnit(
  { instances, nowMs }: SwitchoverParts,
  { members }: Unit,
  { isForced }: SwitchoverOrder,
): Promise<readonly { readonly instance: string; readonly outcome: Outcome }[]> {
  const masters = members.flatMap((name) => {
    const instance = instances.get(name);
    return instance?.isMaster() ? [{ name, instance }] : [];
  });
  const untilMs = nowMs() + switchOverMs(masters.map(({ instance }) => instance.config().vrrp));
  return Promise.all(
    masters.map(async ({ name, instance }) => ({
      instance: name,
      outcome: await instance.switchOver(untilMs, isForced),
    })),
  );
}

/** Which units; or why none. */
function choose(
  { instances, groups }: SwitchoverParts,
  { of, isAll }: SwitchoverOrder,
): readonly Unit[] | string {
  const units = unitsOf([...instances.keys()], groups());
  const isMaster = ({ members }: Unit): boolean =>
    members.some((name) => instances.get(name)?.isMaster());
  const masters = units.filter(isMaster);
  if (isAll) return masters.length > 0 ? masters : "nothing is MASTER on this node";
  const names = units.map(({ name }) => name).join(", ");
  const [only] = units;
  if (of === null && (units.length !== 1 || only === undefined)) {
    return units.length === 0 ? "there is no vrrp_instance" : `say which (${names}), or --all`;
  }
  const unit = of === null ? only : units.find((each) => isOf(each, of));
  if (unit === undefined) return `Cannot find "${of}": there are ${names}`;
  return isMaster(unit) ? [unit] : `${unit.name} is not MASTER on this node`;
}

function unitsOf(
  instances: readonly string[],
  groups: readonly Pick<SyncGroupStatus, "name" | "members">[],
): readonly Unit[] {
  const grouped = new Set(groups.flatMap(({ members }) => members));
  const alone = instances.filter((name) => !grouped.has(name));
  return [...groups, ...alone.map((name) => ({ name, members: [name] }))];
}

function isOf({ name, members }: Unit, asked: string): boolean {
  return name === asked || members.includes(asked);
}
