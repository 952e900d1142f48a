// One simulated router: the real codec, receive checks, machine, drive and sync group on a machine room and a wire.

import { pino } from "pino";
import type { VrrpSyncGroupConfig } from "../../src/config/model.ts";
import { type GroupMember, openGroups } from "../../src/daemon/vrrp/groups.ts";
import { type Drive, drive } from "../../src/lib/drive.ts";
import { acceptAdvert, type Verdict } from "../../src/vrrp/accept.ts";
import { rankOf, standingOf } from "../../src/vrrp/group.ts";
import * as machine from "../../src/vrrp/machine.ts";
import { DEFAULT_POLICY, type FaultCause, type InstanceConfig } from "../../src/vrrp/model.ts";
import { effectivePriority } from "../../src/vrrp/priority.ts";
import { resettle } from "../../src/vrrp/resettle.ts";
import { type Action, INITIAL, type Input, type State } from "../../src/vrrp/states.ts";
import { encodeAdvert, VRRP_GROUP_IPV4, VRRP_GROUP_IPV6 } from "../../src/wire/vrrp.ts";
import { noHooks } from "../helpers/desk-fixtures.ts";
import { noSignatures } from "../vrrp/router.ts";
import type { MachineRoom } from "./machine-room.ts";
import type { Wire } from "./wire.ts";
import type { RouterPlan, WorldPlan } from "./world.ts";

export type Router = {
  readonly start: () => void;
  /** Gone without a word, its addresses with it; what it sent is still under way. */
  readonly crash: () => void;
  /** The process dies, and its guardian carries out the last will. */
  readonly die: () => void;
  /** Stopped as an operator does it. */
  readonly stop: () => void;
  readonly fault: (member: number, faulty: boolean) => void;
  /** What tracked objects add to the priority of a member. */
  readonly weigh: (member: number, delta: number) => void;
  /** As SIGHUP: so many members from now on, and perhaps another priority; of one that does not run, from its start on. */
  readonly reload: (members: number, priority?: number) => void;
  readonly stateOf: (member: number) => State["name"] | undefined;
  /** New to its group, which does not wait for it. */
  readonly isYoung: (member: number) => boolean;
  readonly holds: (member: number) => boolean;
};

type Election = Drive<InstanceConfig, State, Input>;

type Member = {
  readonly base: InstanceConfig;
  readonly source: string;
  readonly group: string;
  election: Election | undefined;
  holds: boolean;
  faults: readonly FaultCause[];
  delta: number;
  sinceTransition: string[];
};

const SILENT = pino({ level: "silent" });

export type RouterParts = {
  readonly index: number;
  readonly plan: WorldPlan;
  readonly room: MachineRoom;
  readonly wire: Wire;
  /** The routers by their index; asked only when a packet arrives. */
  readonly hearAt: (to: number, member: number, bytes: Buffer, source: string) => void;
  readonly onAnnounced: (member: number) => void;
  readonly onReleased: (member: number) => void;
  readonly onProblem: (problem: string) => void;
};

export function openRouter(parts: RouterParts): Router & {
  readonly hear: (member: number, bytes: Buffer, source: string) => void;
} {
  const { index, plan, room, wire, onProblem } = parts;
  const { clock } = room;
  const members = Array.from({ length: plan.members }, (_, i) => memberOf(plan, index, i));
  const encoded = new Map<string, Buffer>();
  const judged = new Map<Buffer, Verdict>();
  const instances = new Map<string, GroupMember>();
  let groups: ReturnType<typeof openGroups> | undefined;
  let size: number = plan.members;
  let priority: number | undefined;

  function configOf({ base, delta }: Member): InstanceConfig {
    const syncGroup = size > 1 ? "G" : null;
    return { ...base, syncGroup, priority: effectivePriority(priority ?? base.priority, [delta]) };
  }

  function group(): readonly VrrpSyncGroupConfig[] {
    const names = members.slice(0, size).map(({ base }) => base.name);
    const none = { hooks: noHooks, tracked: [], trackingWeight: false };
    return size > 1 ? [{ name: "G", members: names, ...none }] : [];
  }

  function isRunning(): boolean {
    return members.some(({ election }) => election !== undefined);
  }

  function giveFaults(member: Member): void {
    const { election, base, faults } = member;
    const all = [...faults, ...(groups?.faultsOf(base.name) ?? [])];
    election?.give({ type: "faults", nowMs: clock.nowMs(), faults: all });
  }

  function groupMember(member: Member): GroupMember {
    const stateNow = (): State => member.election?.state() ?? INITIAL;
    return {
      member() {
        const { name, vrid } = member.base;
        const rank = rankOf(member.group === VRRP_GROUP_IPV6 ? 6 : 4, vrid);
        return { name, ...standingOf(stateNow()), faults: member.faults, rank };
      },
      obey: (order) => member.election?.give({ type: order, nowMs: clock.nowMs() }),
      faultsChanged: () => giveFaults(member),
      announceAgain: () => {},
    };
  }

  function start(): void {
    if (isRunning()) return;
    instances.clear();
    groups = openGroups({ instances, nowMs: clock.nowMs, log: SILENT, tell: () => {} });
    groups.change(group());
    open(members.slice(0, size));
    groups.settle();
  }

  function open(started: readonly Member[]): void {
    for (const member of started) {
      instances.set(member.base.name, groupMember(member));
      const i = members.indexOf(member);
      member.election = drive<InstanceConfig, State, Input, Action>({
        engine: machine,
        config: configOf(member),
        state: INITIAL,
        clock,
        timerInput: (atMs) => ({ type: "timer", nowMs: atMs }),
        perform: (action) => perform(i, member, action),
      });
    }
    for (const { election, faults } of started) {
      election?.give({ type: "startup", nowMs: clock.nowMs(), faults });
    }
  }

  /** In the order of the daemon's own: who stays, who goes, who comes. */
  function reload(nextSize: number, nextPriority = priority): void {
    [size, priority] = [nextSize, nextPriority];
    if (!isRunning()) return;
    const running = members.filter(({ election }) => election !== undefined);
    const kept = running.filter((each) => members.indexOf(each) < size);
    const gone = running.filter((each) => !kept.includes(each));
    for (const { base } of gone) instances.delete(base.name);
    groups?.change(group());
    for (const member of kept) {
      const [{ election }, config] = [member, configOf(member)];
      election?.reconfigure(config, resettle(config, election.state(), clock.nowMs()));
      giveFaults(member);
      groups?.changed(member.base.name);
      if (size === 1) election?.give({ type: "take-over", nowMs: clock.nowMs() });
    }
    for (const member of gone) {
      member.election?.give({ type: "shutdown", nowMs: clock.nowMs() });
      close(member);
    }
    open(members.slice(0, size).filter((each) => !kept.includes(each)));
    groups?.settle();
  }

  function perform(i: number, member: Member, action: Action): undefined {
    const name = `R${index}/${i}`;
    member.sinceTransition.push(action.type);
    switch (action.type) {
      case "send-advert":
        if (action.priority === 0 && member.holds) onProblem(`${name} left before it let go`);
        send(i, member, action.priority, action.intervalMs);
        break;
      case "hold":
        member.holds = true;
        break;
      case "release":
        member.holds = false;
        parts.onReleased(i);
        break;
      case "announce":
        if (!member.holds) onProblem(`${name} announced what it does not hold`);
        parts.onAnnounced(i);
        break;
      case "hush":
      case "kept":
        break;
      case "claim":
        if (size === 1) onProblem(`${name} claimed, but there is no group`);
        groups?.changed(member.base.name);
        break;
      case "concede":
        groups?.changed(member.base.name);
        break;
      case "transition":
        if (action.to === "MASTER" && !member.sinceTransition.includes("announce")) {
          onProblem(`${name} became master without an announcement`);
        }
        member.sinceTransition = [];
        groups?.changed(member.base.name);
    }
    return undefined;
  }

  function send(
    i: number,
    { base, source, group }: Member,
    priority: number,
    advertIntervalMs = base.advertIntervalMs,
  ): void {
    const { version, vrid, addresses } = base;
    const key = `${i} ${priority} ${advertIntervalMs}`;
    const advert = { version, vrid, priority, advertIntervalMs, addresses, authType: 0 };
    const bytes = encoded.get(key) ?? encodeAdvert(advert, { source, destination: group });
    encoded.set(key, bytes);
    wire.send(index, i, (to) => parts.hearAt(to, i, bytes, source));
  }

  function hear(i: number, bytes: Buffer, source: string): void {
    const member = memberAt(i);
    const { election, group: destination } = member;
    if (election === undefined) return;
    const path = { source, destination };
    const config = election.config();
    const here = { ownSource: member.source, group: destination };
    // As the daemon does it: a packet that repeats itself is not judged again.
    const verdict =
      judged.get(bytes) ??
      acceptAdvert(config, here, { ttl: 255, ...path, payload: bytes }, noSignatures);
    judged.set(bytes, verdict);
    if (!verdict.ok) {
      onProblem(`R${index}/${i} rejected an advert: ${verdict.reason}`);
      return;
    }
    const { advert, intervalMs: advertIntervalMs, sourceIsGreater } = verdict;
    const { priority } = advert;
    const nowMs = clock.nowMs();
    election.give({ type: "advert", nowMs, priority, advertIntervalMs, source, sourceIsGreater });
  }

  function end(): void {
    room.reset();
    members.forEach(close);
  }

  function close(member: Member): void {
    member.election?.stop();
    member.election = undefined;
    member.holds = false;
    member.sinceTransition = [];
  }

  function memberAt(i: number): Member {
    const member = members[i];
    if (member === undefined) throw new RangeError(`Cannot find member ${i}`);
    return member;
  }

  return {
    start,
    hear,
    crash: end,
    die() {
      const masters = members.filter(({ election }) => election?.state().name === "MASTER");
      const wills = masters.map((member) => [members.indexOf(member), member] as const);
      end();
      for (const [i, member] of wills) send(i, member, 0);
    },
    stop() {
      room.resume();
      groups?.dissolve();
      for (const { election } of members) {
        election?.give({ type: "shutdown", nowMs: clock.nowMs() });
      }
      end();
    },
    fault(i, faulty) {
      const member = memberAt(i);
      member.faults = faulty ? ["interface_down"] : [];
      giveFaults(member);
      groups?.changed(member.base.name);
    },
    weigh(i, delta) {
      const member = memberAt(i);
      member.delta = delta;
      member.election?.reconfigure(configOf(member));
      giveFaults(member);
      groups?.changed(member.base.name);
    },
    reload,
    isYoung: (i) => standingOf(memberAt(i).election?.state() ?? INITIAL).young,
    stateOf: (i) => memberAt(i).election?.state().name,
    holds: (i) => memberAt(i).holds,
  };
}

/** The second member is the pair's IPv6 half; in version 2, which has none, another IPv4 instance. */
function memberOf(plan: WorldPlan, index: number, i: number): Member {
  const { priority, intervalMs, preempt } = plan.routers[index] as RouterPlan;
  const inet6 = i > 0 && plan.version === 3;
  // Link-local addresses follow the cards, not the operator: their order may be another one.
  const host = i > 0 && plan.otherOrder ? plan.routers.length - index : index + 1;
  return {
    base: {
      name: `M${i}`,
      interface: "eth0",
      vrid: i + 1,
      version: plan.version,
      priority,
      advertIntervalMs: intervalMs,
      preempt,
      initialState: "BACKUP",
      addresses: [inet6 ? "2001:db8::1" : "203.0.113.1"],
      syncGroup: plan.members > 1 ? "G" : null,
      auth: { password: null, hmac: null },
      // As in the RFC: intervals in a world may be hundreds of times apart, and by default four times are believed.
      policy: { ...DEFAULT_POLICY, learnsTimes: 0 },
    },
    source: inet6 ? `fe80::${host}` : `198.51.100.${host}`,
    group: inet6 ? VRRP_GROUP_IPV6 : VRRP_GROUP_IPV4,
    election: undefined,
    holds: false,
    faults: [],
    delta: 0,
    sinceTransition: [],
  };
}
