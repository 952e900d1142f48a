import test from "ava";
import type { Event } from "../../src/control/events.ts";
import { type GroupMember, openGroups } from "../../src/daemon/vrrp/groups.ts";
import { noHooks } from "../helpers/desk-fixtures.ts";
import { memoryLog } from "../helpers/sockets.ts";

function open() {
  const announced: string[] = [];
  const events: Event[] = [];
  let nowMs = 0;
  const member = (name: string): [string, GroupMember] => [
    name,
    {
      member: () => ({ name, state: "MASTER", claims: false, young: false, faults: [], rank: 0 }),
      obey: () => {},
      faultsChanged: () => {},
      announceAgain: () => void announced.push(name),
    },
  ];
  const groups = openGroups({
    instances: new Map(["A", "B", "C", "ALONE"].map(member)),
    nowMs: () => nowMs,
    log: memoryLog().log,
    tell: (event) => void events.push(event),
  });
  const config = { name: "G", members: ["A", "B", "C"], tracked: [], trackingWeight: false };
  groups.change([{ ...config, hooks: noHooks }]);
  groups.settle();
  return { groups, announced, events, advance: (ms: number) => void (nowMs += ms) };
}

test("a member that hears a lower master lets the others of its group announce themselves too", (t) => {
  const { groups, announced } = open();
  groups.lowerHeard("B");
  groups.lowerHeard("ALONE");
  t.deepEqual(announced, ["A", "C"]);
});

test("a split that several members win is won once by the group, and again by a later one", (t) => {
  const { groups, events, advance } = open();
  const won = (): number => events.filter(({ kind }) => kind === "split_won").length;
  for (const name of ["A", "B", "ALONE", "C"]) groups.splitWon(name);
  t.is(won(), 1);
  t.like(events.at(-1), { subject: "GROUP", name: "G", priority: 0 });
  advance(30_000);
  groups.splitWon("A");
  t.is(won(), 2);
});
