// Routers on a simulated wire in virtual time. All chance comes from one seed, so a life of the whole world can be
// lived again. Each router has one instance, or two that are a sync group: its members.

import { openTime, randomOf } from "./chance.ts";
import { type MachineRoom, openMachineRoom } from "./machine-room.ts";
import { openRouter, type Router } from "./router.ts";
import { openWire, type Wire } from "./wire.ts";

export type RouterPlan = {
  readonly priority: number;
  readonly intervalMs: number;
  readonly preempt: boolean;
  /** How fast its clock runs: 1.01 gains a hundredth. */
  readonly rate: number;
};

export type WorldPlan = {
  readonly seed: number;
  readonly version: 2 | 3;
  readonly routers: readonly RouterPlan[];
  readonly members: 1 | 2;
  /** The second member's addresses have the opposite order. */
  readonly otherOrder: boolean;
  readonly delayMaxMs: number;
  readonly reorders: boolean;
};

/** Who was what from `atMs` until the next sample, of one member. */
export type Sample = {
  readonly atMs: number;
  readonly masters: readonly number[];
  /** Alive, neither stalled nor in FAULT. */
  readonly eligible: readonly number[];
};

type Moment = { readonly atMs: number; readonly router: number; readonly member: number };

export type World = Omit<Wire, "send"> & {
  readonly nowMs: () => number;
  readonly runUntil: (atMs: number) => void;
  /** Every router, by its index, with what can be done to it. */
  readonly routers: readonly WorldRouter[];
  /** Of each member. */
  readonly samples: readonly (readonly Sample[])[];
  readonly announcements: readonly Moment[];
  readonly releases: readonly Moment[];
  /** What no router may ever do, and did. */
  readonly problems: readonly string[];
};

export type WorldRouter = Omit<Router, "stateOf" | "isYoung" | "holds"> &
  Pick<MachineRoom, "stall" | "resume">;

export function openWorld(plan: WorldPlan): World {
  const time = openTime();
  const { delayMaxMs, reorders } = plan;
  const random = randomOf(plan.seed);
  const wire = openWire({ time, random, routers: plan.routers.length, delayMaxMs, reorders });
  const samples = Array.from({ length: plan.members }, (): Sample[] => []);
  const announcements: Moment[] = [];
  const releases: Moment[] = [];
  const problems: string[] = [];
  const lastBits: number[] = [];
  const routers = plan.routers.map(({ rate }, index) => {
    const room = openMachineRoom({ time, rate, startMs: index * 1e6 });
    const router = openRouter({
      index,
      plan,
      room,
      wire,
      hearAt(to, member, bytes, source) {
        const other = routers[to];
        other?.room.hear(() => other.router.hear(member, bytes, source));
      },
      onAnnounced: (member) =>
        void announcements.push({ atMs: time.nowMs(), router: index, member }),
      onReleased: (member) => void releases.push({ atMs: time.nowMs(), router: index, member }),
      onProblem: (problem) => void problems.push(problem),
    });
    return { room, router };
  });

  function observe(): void {
    samples.forEach(observeMember);
    if (plan.members === 1) return;
    for (const [i, { router }] of routers.entries()) {
      const [a, b] = [router.stateOf(0), router.stateOf(1)];
      // A member that has gone, or is new, is not waited for.
      if (a === undefined || b === undefined || router.isYoung(0) || router.isYoung(1)) continue;
      if ((a === "MASTER") !== (b === "MASTER")) problems.push(`R${i} is ${a} and ${b}`);
    }
  }

  function observeMember(own: Sample[], member: number): void {
    let masterBits = 0;
    let eligibleBits = 0;
    for (const [i, { router, room }] of routers.entries()) {
      const name = router.stateOf(member);
      const isMaster = name === "MASTER";
      if (isMaster) masterBits |= 1 << i;
      if ((isMaster || name === "BACKUP") && !room.isStalled()) eligibleBits |= 1 << i;
      const holds = router.holds(member);
      if (holds !== isMaster) problems.push(`R${i} is ${name}, holds: ${holds}`);
    }
    const bits = 256 * eligibleBits + masterBits;
    if (lastBits[member] === bits) return;
    lastBits[member] = bits;
    const [masters, eligible] = [numbersOf(masterBits), numbersOf(eligibleBits)];
    own.push({ atMs: time.nowMs(), masters, eligible });
  }

  function numbersOf(bits: number): readonly number[] {
    return [...plan.routers.keys()].filter((i) => (bits & (1 << i)) !== 0);
  }

  function observed<A extends readonly unknown[]>(act: (...args: A) => void): (...args: A) => void {
    return (...args) => {
      act(...args);
      observe();
    };
  }

  return {
    nowMs: time.nowMs,
    runUntil: (atMs) => time.runUntil(atMs, observe),
    routers: routers.map(({ router, room }) => ({
      start: observed(router.start),
      crash: observed(router.crash),
      die: observed(router.die),
      stop: observed(router.stop),
      fault: observed(router.fault),
      weigh: observed(router.weigh),
      reload: observed(router.reload),
      stall: observed(room.stall),
      resume: observed(room.resume),
    })),
    cut: wire.cut,
    lose: wire.lose,
    repeat: wire.repeat,
    samples,
    announcements,
    releases,
    problems,
  };
}
