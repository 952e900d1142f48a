// What a reload would make of the routers and of what they hold, without doing it: by the same functions as routers.ts, which
// does it. What becomes of the elections afterwards is told as far as it is certain. Pure.

import type { Config, VrrpInstanceConfig } from "../../config/model.ts";
import type { InstanceStatus } from "../../control/status.ts";
import { type Entry, openLedger, type Settlement } from "../../vip/holding/ledger.ts";
import { nameOf, thingsOf } from "../../vip/holding/things.ts";
import type { Thing } from "../../vip/model.ts";
import { PRIORITY_OWNER } from "../../vrrp/model.ts";
import { effectivePriority } from "../../vrrp/priority.ts";
import { wantedBy } from "./holding.ts";
import { planReload, type ReloadPlan } from "./reload.ts";

/** `instance` null = of the node itself (static_ipaddress ...). */
export type Move = {
  readonly kind: "on" | "off";
  readonly thing: Thing;
  readonly instance: string | null;
  /** The other half of it comes in the same moment: something like it is put in its place. */
  readonly isReplaced: boolean;
};

export type RouterPlan = ReloadPlan<Running> & {
  /** In the order in which they come. */
  readonly moves: readonly Move[];
};

export type Running = {
  readonly config: () => VrrpInstanceConfig;
  /** undefined = vrrp told nothing of it. */
  readonly status: InstanceStatus | undefined;
};

type Holder = { readonly instance: string | null };

export function planRouters(
  before: Pick<Config, "vrrpInstances" | "statics">,
  after: Pick<Config, "vrrpInstances" | "statics">,
  statuses: readonly InstanceStatus[],
): RouterPlan {
  const statusOf = new Map(statuses.map((status) => [status.name, status]));
  const running = before.vrrpInstances.map((config): Running => {
    return { config: () => config, status: statusOf.get(config.vrrp.name) };
  });
  const reload = planReload(running, after.vrrpInstances);
  return { ...reload, moves: movesOf(before, after, reload, running) };
}

/** In the steps of a reload: who stays has the new things and lets go of the old ones, then who goes lets go. */
function movesOf(
  before: Pick<Config, "statics">,
  after: Pick<Config, "statics">,
  { kept, stopped, started }: ReloadPlan<Running>,
  running: readonly Running[],
): readonly Move[] {
  const ledger = openLedger<Holder>();
  const node: Holder = { instance: null };
  const holders = new Map(
    running.filter(isMaster).map((each) => [each, { instance: each.config().vrrp.name }] as const),
  );
  ledger.set(node, thingsOf(before.statics));
  for (const [each, holder] of holders) ledger.set(holder, wantedBy(each.config()).things);
  ledger.settle();

  ledger.set(node, thingsOf(after.statics));
  for (const { running: each, next } of kept) {
    const holder = holders.get(each);
    if (holder !== undefined) ledger.set(holder, wantedBy(next).things);
  }
  const moves = [...movesIn(ledger.settle())];
  for (const each of stopped) {
    const holder = holders.get(each);
    if (holder !== undefined) ledger.set(holder, []);
  }
  moves.push(...movesIn(ledger.settle()));
  // An owner does not wait (RFC 5798 §6.4.1).
  for (const next of started) {
    if (next.vrrp.priority !== PRIORITY_OWNER) continue;
    ledger.set({ instance: next.vrrp.name }, wantedBy(next).things);
  }
  moves.push(...movesIn(ledger.settle()));
  return moves;
}

function movesIn({ replaced, on, off }: Settlement<Holder>): readonly Move[] {
  const places = new Set(replaced.map(({ thing }) => nameOf(thing)));
  const moveOf =
    (kind: Move["kind"], isReplaced: (thing: Thing) => boolean) =>
    ({ thing, holder }: Entry<Holder>): Move => ({
      kind,
      thing,
      instance: holder.instance,
      isReplaced: isReplaced(thing),
    });
  return [
    ...replaced.map(moveOf("off", () => true)),
    ...on.map(moveOf("on", (thing) => places.has(nameOf(thing)))),
    ...off.map(moveOf("off", () => false)),
  ];
}

export function isMaster({ status }: Pick<Running, "status">): boolean {
  return status?.state === "MASTER";
}

/** How the addresses move by an election that goes on with other settings, as far as it can be known. */
export function electionOutlook(
  { config, status }: Running,
  next: VrrpInstanceConfig,
): readonly string[] {
  if (status === undefined) return [];
  const before = config().vrrp;
  const { priority, preempt } = next.vrrp;
  // What is tracked adds the same as now.
  const own = effectivePriority(priority, [status.priority - status.base_priority]);
  if (status.state === "MASTER" && own < status.priority) {
    return [
      `it is MASTER with priority ${own} then: a backup with a higher one that preempts takes over`,
    ];
  }
  if (status.state !== "BACKUP") return [];
  if (own === PRIORITY_OWNER && before.priority !== PRIORITY_OWNER) {
    return [`it is the owner of its addresses then (priority ${own}), and MASTER whoever else is`];
  }
  if (status.master === null) return [];
  const { address, priority: theirs } = status.master;
  const wins = (mine: number, mayPreempt: boolean): boolean => mayPreempt && mine > theirs;
  if (!wins(own, preempt) || wins(status.priority, before.preempt)) return [];
  return [
    `it is BACKUP with priority ${own} then: it takes over from ${address} (priority ${theirs})`,
  ];
}
