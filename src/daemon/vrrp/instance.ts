// One VRRP instance at work: carries the actions of its machine out, on its port and in the kernel.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import { wallMs, wallTime } from "../../lib/clock.ts";
import { drive } from "../../lib/drive.ts";
import { followingLog } from "../../lib/log.ts";
import { unreachable } from "../../lib/unreachable.ts";
import * as machine from "../../vrrp/machine.ts";
import { type FaultCause, PRIORITY_RELEASE } from "../../vrrp/model.ts";
import { resettle, succeed } from "../../vrrp/resettle.ts";
import { type Action, INITIAL, type Input, type Master, type State } from "../../vrrp/states.ts";
import type { IpPacket } from "../../wire/ipv4.ts";
import { openBeginning } from "./beginning.ts";
import { newCounters } from "./counters.ts";
import { isOnWay, openExchange } from "./exchange.ts";
import { Holding } from "./holding.ts";
import { wrongsOf } from "./instance-health.ts";
import type { Instance, InstanceParts } from "./instance-parts.ts";
import { instanceStatus, memberOf } from "./instance-status.ts";
import { openLowerHeard } from "./lower.ts";
import type { Port } from "./port.ts";
import { allTrackingOf, electionConfigOf, ownFaultsOf, promotion } from "./tracking.ts";
import { faultsTold, faultText, type Moved, priorityTold, transitionTold } from "./transition.ts";

export type { Instance, InstanceParts } from "./instance-parts.ts";

export function openInstance(
  first: VrrpInstanceConfig,
  firstPort: Port,
  parts: InstanceParts,
): Instance {
  const { clock } = parts;
  let ownLog = parts.log.child({ instance: first.vrrp.name });
  const log = followingLog(() => ownLog);
  const counters = newCounters();
  let config = first;
  let port = firstPort;
  let since = wallTime();
  let cause = "startup";
  let handedOver = (): void => {};
  let heard: Master | null = null;
  let lastWord: "STOP" | "DELETED" = "STOP";
  const lower = openLowerHeard(clock, { tell: parts.tell, onTold: parts.lowerHeard, onWon });
  const holding = new Holding(first, { ...parts, log });

  const exchange = openExchange({
    config: () => config.vrrp,
    way: () => config.way,
    port: () => port,
    counters,
    clock,
    wallMs,
    log,
  });

  let tracking = allTrackingOf(first, parts.tracked());

  const election = drive<VrrpInstanceConfig["vrrp"], State, Input, Action>({
    engine: machine,
    config: electionConfigOf(config, tracking),
    state: INITIAL,
    clock,
    timerInput: (nowMs) => ({ type: "timer", nowMs }),
    perform,
  });

  const isMaster = (): boolean => election.state().name === "MASTER";
  /** It leaves a lower master alone because its own adverts do not leave. */
  const isHeldBack = (): boolean => {
    const state = election.state();
    return state.name === "BACKUP" && state.mute === true && state.lower !== null;
  };
  const ownFaults = (): readonly FaultCause[] =>
    ownFaultsOf(config, [...port.faults(), ...holding.faults()], tracking);

  function faults(): readonly FaultCause[] {
    return [...ownFaults(), ...parts.groupFaults()];
  }

  function giveFaults(): void {
    election.give({ type: "faults", nowMs: clock.nowMs(), faults: faults() });
    judge();
  }

  function judge(): void {
    const state = election.state();
    const text =
      state.name === "FAULT" ? faultText(faultsTold(state.faults, parts.explain(tracking))) : null;
    parts.degraded.set("instance_fault", config.vrrp.name, text);
  }

  const beginning = openBeginning({
    clock,
    heldBack: parts.heldBack,
    undecided: () => tracking.undecided,
    begin() {
      holding.look();
      election.give({ type: "startup", nowMs: clock.nowMs(), faults: faults() });
    },
  });

  function track(why?: "reload"): void {
    const before = election.config().priority;
    tracking = allTrackingOf(config, parts.tracked());
    const next = electionConfigOf(config, tracking);
    const state = election.state();
    election.reconfigure(next, why === "reload" ? resettle(next, state, clock.nowMs()) : state);
    if (next.priority !== before) {
      log.info({ from: before, to: next.priority }, "priority changed");
      parts.tell(priorityTold(config.vrrp.name, state.name, before, next.priority));
    }
    if (beginning.begun()) giveFaults();
    else beginning.look();
    parts.memberChanged();
  }

  function perform(action: Action): Input | undefined {
    switch (action.type) {
      case "send-advert":
        port.occupy();
        return exchange.send(action.priority, action.intervalMs);
      case "hold":
        port.occupy();
        if (holding.hold()) return undefined;
        return { type: "faults", nowMs: clock.nowMs(), faults: faults() };
      case "release":
        return void holding.release();
      case "announce":
        return void holding.announce(action.why);
      case "hush":
        return void holding.hush();
      case "claim":
      case "concede":
        parts.memberChanged();
        return undefined;
      case "transition":
        return transition(action);
      default:
        return unreachable(action);
    }
  }

  function transition(moved: Moved): undefined {
    const { from, to } = moved;
    since = wallTime();
    cause = moved.cause;
    if (to === "MASTER") {
      counters.became_master += 1;
      lower.becameMaster();
    }
    if (from === "MASTER") {
      counters.released_master += 1;
      port.vacate(); // its last advert is out
      lower.left();
      handedOver();
    }
    if (from === "FAULT" && to !== "INIT") holding.announceOwn(port.source());
    const { level, fields, event } = transitionTold({
      moved,
      instance: config.vrrp.name,
      at: since,
      nowMs: clock.nowMs(),
      basePriority: config.vrrp.priority,
      priority: election.config().priority,
      tracking: parts.explain(tracking),
      faults: faults(),
      heard,
      lastWord,
    });
    log[level](fields, "state changed");
    parts.willChanged();
    parts.tell(event);
    judge();
    parts.memberChanged();
  }

  function hear(packet: IpPacket): void {
    const accepted = exchange.hear(packet);
    if (accepted === undefined) return;
    const { intervalMs: advertIntervalMs, sourceIsGreater } = accepted;
    const { priority } = accepted.advert;
    const { source } = packet;
    const nowMs = clock.nowMs();
    heard = { address: source, priority, heardMs: nowMs };
    const wasMaster = isMaster();
    election.give({ type: "advert", nowMs, priority, advertIntervalMs, source, sourceIsGreater });
    const release = priority === PRIORITY_RELEASE;
    if (!isMaster()) return release ? undefined : lower.heardMaster(source);
    if (!wasMaster) return;
    if (release) return lower.leaves(source, advertIntervalMs);
    // Who stays master has heard a lower one.
    exchange.heardLower(packet);
    lower.heard({
      name: config.vrrp.name,
      priority: election.config().priority,
      source,
      theirPriority: priority,
      theirIntervalMs: advertIntervalMs,
    });
  }

  function onWon(): void {
    log.info("the other master is gone: hooks run once more");
    const [{ name }, { priority }] = [config.vrrp, election.config()];
    parts.tell({ kind: "split_won", at: wallTime(), subject: "INSTANCE", name, priority });
    parts.splitWon();
  }

  return {
    vrid: first.vrrp.vrid,
    wants: (packet) => isOnWay(config.way, packet),
    holding,
    config: () => config,
    isMaster,
    port: () => port,
    releaseAdverts: exchange.releaseAdverts,
    willPeriodMs: () => (isMaster() ? exchange.willPeriodMs() : Infinity),
    start: beginning.start,
    succeed: () =>
      election.reconfigure(
        election.config(),
        succeed(election.config(), election.state(), clock.nowMs()),
      ),
    trackedChanged: () => track(),
    wake() {
      if (isMaster()) election.give({ type: "timer", nowMs: clock.nowMs() });
    },
    promote: (at) => election.give(promotion(election.state(), at, clock.nowMs(), log)),
    faultsChanged: giveFaults,
    member: () => memberOf(config, election.state(), ownFaults()),
    announceAgain() {
      if (isMaster()) holding.announce("group-lower");
    },
    obey: (order) => election.give({ type: order, nowMs: clock.nowMs() }),
    portChanged() {
      holding.look();
      giveFaults();
      exchange.forget();
      parts.memberChanged();
      parts.willChanged();
    },
    hear,
    hearGarbage: () => exchange.reject("length", "unknown"),
    reconfigure(next, nextPort) {
      if (next.vrrp.name !== config.vrrp.name) {
        ownLog = parts.log.child({ instance: next.vrrp.name });
        parts.degraded.set("instance_fault", config.vrrp.name, null);
      }
      config = next;
      port = nextPort;
      exchange.forget();
      holding.reconfigure(next);
    },
    reconsider() {
      track("reload");
      // Who waited for a group that is gone waits for nobody.
      if (config.vrrp.syncGroup === null)
        election.give({ type: "take-over", nowMs: clock.nowMs() });
      parts.willChanged();
    },
    status: () =>
      instanceStatus({
        config,
        election: election.config(),
        state: election.state(),
        source: port.source(),
        since,
        cause,
        counters,
        waiting: beginning.waiting(),
        parts: tracking.parts,
        others: exchange.others(),
        notHeld: holding.notHeld(),
      }),
    wrongs() {
      if (holding.look() && beginning.begun()) {
        giveFaults();
        parts.memberChanged();
      }
      const unsent = isMaster() || isHeldBack() ? exchange.unsent() : null;
      const [others, notHeld] = [exchange.others(), holding.notHeld()];
      return wrongsOf(config, { others, notHeld, unsent, refused: port.refused() });
    },
    handOver: async () =>
      new Promise((resolve) => {
        handedOver = resolve;
        election.give({ type: "hand-over", nowMs: clock.nowMs() });
        if (!isMaster()) resolve();
      }),
    stop(why) {
      if (why === "removed" && config.hooks.notifyDeleted !== null) lastWord = "DELETED";
      election.give({ type: "shutdown", nowMs: clock.nowMs() });
      election.stop();
      beginning.close();
      lower.close();
      exchange.close();
      holding.close();
    },
  };
}
