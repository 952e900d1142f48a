// Sync groups at work: looks at the members whenever one of them changed, and gives the group's orders.

import type { VrrpSyncGroupConfig } from "../../config/model.ts";
import type { Event } from "../../control/events.ts";
import type { SyncGroupStatus } from "../../control/status.ts";
import { wallTime } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import {
  groupFaults,
  groupState,
  type Member,
  type Order,
  ordersFor,
  sickText,
} from "../../vrrp/group.ts";
import type { FaultCause, StateName } from "../../vrrp/model.ts";

/** What a group knows of an instance, and asks of it. */
export type GroupMember = {
  readonly member: () => Member;
  readonly obey: (order: Order["order"]) => void;
  /** Those of the other members are faults of its own. */
  readonly faultsChanged: () => void;
  readonly announceAgain: () => void;
};

export type Groups = {
  /** Other groups from now on; no orders are given before `settle`, so that all members can be there. */
  readonly change: (groups: readonly VrrpSyncGroupConfig[]) => void;
  readonly settle: () => void;
  /** What the other members do to this one. */
  readonly faultsOf: (instance: string) => readonly FaultCause[];
  /** Which of them are sick, and of what; null = none. */
  readonly sickBeside: (instance: string) => string | null;
  /** A member's state, claim or faults changed. */
  readonly changed: (instance: string) => void;
  /** This member heard a lower master: the others announce themselves too. */
  readonly lowerHeard: (instance: string) => void;
  /** That one is gone; of several members the first one says it for the group. */
  readonly splitWon: (instance: string) => void;
  /** All members stop anyway: what they do is told, no orders are given any more. */
  readonly dissolve: () => void;
  readonly status: () => readonly SyncGroupStatus[];
};

/** What the members of a group win in this time is one victory. */
const WON_TOGETHER_MS = 10_000;

type Told = { readonly state: StateName; readonly of: ReadonlySet<GroupMember> };

export function openGroups(options: {
  readonly instances: ReadonlyMap<string, GroupMember>;
  readonly nowMs: () => number;
  readonly log: Log;
  readonly tell: (event: Event) => void;
}): Groups {
  const { instances, log } = options;
  let groups: readonly VrrpSyncGroupConfig[] = [];
  let dissolved = false;
  let settled = false;
  const told = new Map<string, Told>();
  const wonMs = new Map<string, number>();

  function membersOf({ members }: VrrpSyncGroupConfig): readonly Member[] {
    return members.flatMap((name) => {
      const instance = instances.get(name);
      return instance === undefined ? [] : [instance.member()];
    });
  }

  function groupOf(instance: string): VrrpSyncGroupConfig | undefined {
    return groups.find(({ members }) => members.includes(instance));
  }

  function evaluate(group: VrrpSyncGroupConfig): void {
    const members = membersOf(group);
    // A member that is not there yet (start, reload) is a member that does not claim.
    if (members.length === group.members.length && !dissolved) {
      for (const { name, order } of ordersFor(members)) instances.get(name)?.obey(order);
    }
    tellState(group, groupState(membersOf(group)));
  }

  function instancesOf({ members }: VrrpSyncGroupConfig): ReadonlySet<GroupMember> {
    const all = members.map((name) => instances.get(name));
    return new Set(all.filter((each) => each !== undefined));
  }

  function whyOf(group: VrrpSyncGroupConfig, state: StateName): { readonly because?: string } {
    const because = state === "FAULT" ? sickText(membersOf(group), null) : null;
    return because === null ? {} : { because };
  }

  function tellState(group: VrrpSyncGroupConfig, to: StateName): void {
    const { name } = group;
    const from = told.get(name)?.state ?? "INIT";
    told.set(name, { state: to, of: instancesOf(group) });
    if (from === to) return;
    const why = whyOf(group, to);
    log[to === "FAULT" ? "warn" : "info"]({ group: name, from, to, ...why }, "group state changed");
    const event = { group: name, from, to: to === "INIT" ? "STOP" : to } as const;
    options.tell({ kind: "group_state", at: wallTime(), ...event, cause: "members", ...why });
  }

  return {
    change(next) {
      const names = new Set(next.map(({ name }) => name));
      const gone = [...told].filter(([name]) => !names.has(name));
      for (const [name] of gone) told.delete(name);
      for (const group of next) {
        // The same members under another name: who is told knows its state.
        const same = gone.find(([, { of }]) => isSame(of, instancesOf(group)));
        if (same === undefined || told.has(group.name)) continue;
        log.info({ from: same[0], to: group.name }, "sync group renamed");
        told.set(group.name, same[1]);
      }
      groups = next;
      settled = false;
    },
    settle() {
      settled = true;
      for (const { members } of groups) {
        for (const name of members) instances.get(name)?.faultsChanged();
      }
      for (const group of groups) evaluate(group);
    },
    faultsOf(instance) {
      const group = groupOf(instance);
      return group === undefined ? [] : groupFaults(group.name, membersOf(group), instance);
    },
    sickBeside(instance) {
      const group = groupOf(instance);
      return group === undefined ? null : sickText(membersOf(group), instance);
    },
    changed(instance) {
      const group = groupOf(instance);
      if (group === undefined || !settled) return;
      for (const name of group.members) if (name !== instance) instances.get(name)?.faultsChanged();
      evaluate(group);
    },
    lowerHeard(instance) {
      for (const name of groupOf(instance)?.members ?? []) {
        if (name !== instance) instances.get(name)?.announceAgain();
      }
    },
    splitWon(instance) {
      const group = groupOf(instance);
      if (group === undefined || groupState(membersOf(group)) !== "MASTER") return;
      const { name } = group;
      const now = options.nowMs();
      if (now - (wonMs.get(name) ?? -Infinity) < WON_TOGETHER_MS) return;
      wonMs.set(name, now);
      options.tell({ kind: "split_won", at: wallTime(), subject: "GROUP", name, priority: 0 });
    },
    dissolve() {
      dissolved = true;
    },
    status: () =>
      groups.map((group) => {
        const { name, members } = group;
        const state = groupState(membersOf(group));
        return { name, state, members, ...whyOf(group, state) };
      }),
  };
}

function isSame(a: ReadonlySet<GroupMember>, b: ReadonlySet<GroupMember>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}
