// Routers on a simulated wire in virtual time: the real codec, receive checks, machine and drive. All chance
// comes from one seed, so a life of the whole world can be lived again.

import type { Clock } from "../../src/lib/clock.ts";
import { type Drive, drive } from "../../src/lib/drive.ts";
import { acceptAdvert } from "../../src/vrrp/accept.ts";
import * as machine from "../../src/vrrp/machine.ts";
import { DEFAULT_POLICY, type InstanceConfig } from "../../src/vrrp/model.ts";
import { type Action, INITIAL, type Input, type State } from "../../src/vrrp/states.ts";
import { authDataOf, decodeAdvert, encodeAdvert, VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";

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
  readonly delayMaxMs: number;
  /** Ethernet keeps the packets of one sender in order; a wire that does not is worse than any real one. */
  readonly reorders: boolean;
};

/** Who was what from `atMs` until the next sample. */
export type Sample = {
  readonly atMs: number;
  readonly masters: readonly number[];
  /** Alive, and not in FAULT. */
  readonly eligible: readonly number[];
};

export type World = {
  readonly nowMs: () => number;
  readonly runUntil: (atMs: number) => void;
  readonly start: (router: number) => void;
  /** Gone without a word, its addresses with it; what it sent is still under way. */
  readonly crash: (router: number) => void;
  /** Stopped as an operator does it. */
  readonly stop: (router: number) => void;
  readonly fault: (router: number, faulty: boolean) => void;
  /** Cuts or heals the wire between each two routers of different halves. */
  readonly cut: (half: readonly number[], isCut: boolean) => void;
  /** The part of the packets that get lost from now on. */
  readonly lose: (part: number) => void;
  readonly samples: readonly Sample[];
  readonly announcements: readonly { readonly atMs: number; readonly router: number }[];
  readonly releases: readonly { readonly atMs: number; readonly router: number }[];
  /** What no router may ever do, and did. */
  readonly problems: readonly string[];
};

type Router = {
  readonly config: InstanceConfig;
  readonly address: string;
  readonly clock: Clock;
  election: Drive<InstanceConfig, State, Input> | undefined;
  holds: boolean;
  sinceTransition: string[];
};

type Happening = { readonly atMs: number; readonly happen: () => void };

export function openWorld(plan: WorldPlan): World {
  const random = randomOf(plan.seed);
  const coming = new Set<Happening>();
  const cuts = new Set<string>();
  const lastArrivalMs = new Map<string, number>();
  const samples: Sample[] = [];
  const announcements: { atMs: number; router: number }[] = [];
  const releases: { atMs: number; router: number }[] = [];
  const problems: string[] = [];
  const routers = plan.routers.map(routerOf);
  let nowMs = 0;
  let losePart = 0;

  function routerOf({ priority, intervalMs, preempt, rate }: RouterPlan, i: number): Router {
    const address = `198.51.100.${i + 1}`;
    return {
      config: {
        name: `R${i}`,
        interface: "eth0",
        vrid: 1,
        version: plan.version,
        priority,
        advertIntervalMs: intervalMs,
        preempt,
        initialState: "BACKUP",
        addresses: ["203.0.113.1"],
        syncGroup: null,
        auth: { password: null, hmac: null },
        policy: DEFAULT_POLICY,
      },
      address,
      clock: clockOf(rate, i * 1e6),
      election: undefined,
      holds: false,
      sinceTransition: [],
    };
  }

  function clockOf(rate: number, startMs: number): Clock {
    let rangMs = startMs; // a rounded time must not ring a moment too early
    const local = (): number => Math.max(rangMs, startMs + rate * nowMs);
    return {
      nowMs: local,
      alarm(ring) {
        let set: Happening | undefined;
        return {
          set(atMs) {
            if (set !== undefined) coming.delete(set);
            set = undefined;
            if (atMs === Infinity) return;
            const happen = (): void => {
              rangMs = Math.max(rangMs, atMs);
              ring();
            };
            set = { atMs: Math.max(nowMs, (atMs - startMs) / rate), happen };
            coming.add(set);
          },
        };
      },
    };
  }

  function start(i: number): void {
    const router = routerAt(i);
    if (router.election !== undefined) return;
    router.election = drive<InstanceConfig, State, Input, Action>({
      engine: machine,
      config: router.config,
      state: INITIAL,
      clock: router.clock,
      timerInput: (atMs) => ({ type: "timer", nowMs: atMs }),
      perform: (action) => perform(i, router, action),
    });
    router.election.give({ type: "startup", nowMs: router.clock.nowMs(), faults: [] });
    observe();
  }

  function perform(i: number, router: Router, action: Action): undefined {
    router.sinceTransition.push(action.type);
    switch (action.type) {
      case "send-advert":
        if (action.priority === 0 && router.holds) problems.push(`R${i} left before it let go`);
        send(i, router, action.priority, action.intervalMs);
        break;
      case "hold":
        router.holds = true;
        break;
      case "release":
        router.holds = false;
        releases.push({ atMs: nowMs, router: i });
        break;
      case "announce":
        if (!router.holds) problems.push(`R${i} announced what it does not hold`);
        announcements.push({ atMs: nowMs, router: i });
        break;
      case "claim":
        problems.push(`R${i} claimed, but there is no group`);
        break;
      case "transition":
        if (action.to === "MASTER" && !router.sinceTransition.includes("announce")) {
          problems.push(`R${i} became master without an announcement`);
        }
        router.sinceTransition = [];
    }
    return undefined;
  }

  function send(
    from: number,
    { config, address }: Router,
    priority: number,
    advertIntervalMs = config.advertIntervalMs,
  ): void {
    const { version, vrid, addresses } = config;
    const advert = { version, vrid, priority, advertIntervalMs, addresses, authType: 0 };
    const path = { source: address, destination: VRRP_GROUP_IPV4 };
    const bytes = encodeAdvert(advert, path);
    routers.forEach((_, to) => {
      const lost = random() < losePart || cuts.has(`${from} ${to}`);
      const delayMs = random() * plan.delayMaxMs;
      if (to === from || lost) return;
      const pair = `${from} ${to}`;
      const earliestMs = plan.reorders ? 0 : (lastArrivalMs.get(pair) ?? 0);
      const atMs = Math.max(nowMs + delayMs, earliestMs);
      lastArrivalMs.set(pair, atMs);
      coming.add({ atMs, happen: () => receive(to, bytes, address) });
    });
  }

  function receive(to: number, bytes: Buffer, source: string): void {
    const router = routerAt(to);
    const path = { source, destination: VRRP_GROUP_IPV4 };
    const verdict = acceptAdvert(
      router.config,
      { ownSource: router.address, group: VRRP_GROUP_IPV4 },
      {
        ttl: 255,
        ...path,
        decode: () => decodeAdvert(bytes, path),
        authData: () => authDataOf(bytes),
      },
    );
    if (!verdict.ok) {
      problems.push(`R${to} rejected an advert: ${verdict.reason}`);
      return;
    }
    const { advert, sourceIsGreater } = verdict;
    router.election?.give({
      type: "advert",
      nowMs: router.clock.nowMs(),
      priority: advert.priority,
      advertIntervalMs: advert.advertIntervalMs,
      source,
      sourceIsGreater,
    });
  }

  function observe(): void {
    const masters: number[] = [];
    const eligible: number[] = [];
    routers.forEach(({ election, holds }, i) => {
      const name = election?.state().name;
      if (name === "MASTER") masters.push(i);
      if (name === "MASTER" || name === "BACKUP") eligible.push(i);
      if (holds !== (name === "MASTER")) problems.push(`R${i} is ${name}, holds: ${holds}`);
    });
    const last = samples.at(-1);
    if (last?.masters.join() === masters.join() && last.eligible.join() === eligible.join()) return;
    samples.push({ atMs: nowMs, masters, eligible });
  }

  function end(i: number): void {
    const router = routerAt(i);
    router.election?.stop();
    router.election = undefined;
    router.holds = false;
    router.sinceTransition = [];
    observe();
  }

  function routerAt(i: number): Router {
    const router = routers[i];
    if (router === undefined) throw new RangeError(`Cannot find router ${i}`);
    return router;
  }

  return {
    nowMs: () => nowMs,
    runUntil(atMs) {
      for (let next = earliest(coming); next && next.atMs <= atMs; next = earliest(coming)) {
        coming.delete(next);
        nowMs = next.atMs;
        next.happen();
        observe();
      }
      nowMs = atMs;
    },
    start,
    crash: end,
    stop(i) {
      const { election, clock } = routerAt(i);
      election?.give({ type: "shutdown", nowMs: clock.nowMs() });
      end(i);
    },
    fault(i, faulty) {
      const { election, clock } = routerAt(i);
      const faults = faulty ? (["interface_down"] as const) : [];
      election?.give({ type: "faults", nowMs: clock.nowMs(), faults });
      observe();
    },
    cut(half, isCut) {
      const across = (a: number, b: number): boolean => half.includes(a) !== half.includes(b);
      routers.forEach((_, a) => {
        routers.forEach((__, b) => {
          if (!across(a, b)) return;
          if (isCut) cuts.add(`${a} ${b}`);
          else cuts.delete(`${a} ${b}`);
        });
      });
    },
    lose: (part) => void (losePart = part),
    samples,
    announcements,
    releases,
    problems,
  };
}

function earliest(coming: ReadonlySet<Happening>): Happening | undefined {
  let first: Happening | undefined;
  for (const each of coming) if (first === undefined || each.atMs < first.atMs) first = each;
  return first;
}

/** mulberry32: 0 up to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
