// Sync groups: instances that are MASTER together or not at all. keepalived's extension, not in the RFCs. Pure.
//
// A member whose master-down timer fires does not take over but claims; when every member claims (or is MASTER),
// all of them take over in one go. A member that steps down takes the others along; a member in FAULT is a
// fault of the others.
//
// A member that a reload has added to masters knows nothing yet: they stay what they are until its first election has
// told it whether it may be one too, or that somebody else is.
//
// Two groups may each win with one member and lose with another: of equal priorities the greater address wins, and in
// IPv6 that may be the other node's. Both go, and would come back at the same time for ever. So the one whose leading
// member won comes back first: which member leads is the same on both nodes.

import type { FaultCause, StateName } from "./model.ts";
import type { State } from "./states.ts";

export type Member = {
  readonly name: string;
  readonly state: StateName;
  /** BACKUP, and nothing but the group keeps it from being MASTER. */
  readonly claims: boolean;
  /** Not yet in an election, or in its first one, which is not decided. */
  readonly young: boolean;
  /** Faults of its own, not those it has from the group. */
  readonly faults: readonly FaultCause[];
  /** The lowest one leads: see rankOf(). */
  readonly rank: number;
};

export type Order = {
  readonly name: string;
  readonly order: "take-over" | "step-down" | "step-aside";
};

/** IPv4 before IPv6, then by vrid; never by the order in the file, which each node has its own of. */
export function rankOf(family: 4 | 6, vrid: number): number {
  return 256 * family + vrid;
}

/** What a group has to know of a member's election. */
export function standingOf(state: State): Pick<Member, "state" | "claims" | "young"> {
  const { name } = state;
  const claims = name === "BACKUP" && state.claim !== null;
  const young = name === "INIT" || (name === "BACKUP" && state.young === true);
  return { state: name, claims, young };
}

/** What members have to do for the group to be of one mind. */
export function ordersFor(members: readonly Member[]): readonly Order[] {
  const masters = members.filter(({ state }) => state === "MASTER");
  const claimants = members.filter(({ claims }) => claims);
  const voters = votersOf(members);
  if (voters.every(({ state, claims }) => state === "MASTER" || claims)) {
    return claimants.map(({ name }) => ({ name, order: "take-over" }));
  }
  const leads = Math.min(...members.map(({ rank }) => rank));
  return masters.map(({ name, rank }) => ({
    name,
    order: rank === leads ? "step-aside" : "step-down",
  }));
}

/** The faults that a member has because of the others. */
export function groupFaults(
  group: string,
  members: readonly Member[],
  name: string,
): readonly FaultCause[] {
  const sick = members.some((member) => member.name !== name && member.faults.length > 0);
  return sick ? [`sync_group:${group}`] : [];
}

/** "member VI_2: interface_down"; null = no member but this one has a fault of its own. */
export function sickText(members: readonly Member[], except: string | null): string | null {
  const sick = members.filter(({ name, faults }) => name !== except && faults.length > 0);
  if (sick.length === 0) return null;
  return sick.map(({ name, faults }) => `member ${name}: ${faults.join(", ")}`).join("; ");
}

/** Beside masters a young member does not count; a group without any waits for all. */
function votersOf(members: readonly Member[]): readonly Member[] {
  const hasMaster = members.some(({ state }) => state === "MASTER");
  return hasMaster ? members.filter(({ young }) => !young) : members;
}

/** As told to the outside: MASTER only when all are, but for those who are new to it. */
export function groupState(members: readonly Member[]): StateName {
  const states = new Set(votersOf(members).map(({ state }) => state));
  if (states.has("FAULT")) return "FAULT";
  if (states.has("INIT")) return "INIT";
  return states.size === 1 && states.has("MASTER") ? "MASTER" : "BACKUP";
}
