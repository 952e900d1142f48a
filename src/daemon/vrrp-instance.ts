// One VRRP instance at work: carries the actions of its machine out, on its port and in the kernel.

import type { VrrpInstanceConfig } from "../config/model.ts";
import type { Event } from "../control/events.ts";
import type { InstanceStatus } from "../control/status.ts";
import { wallMs, wallTime } from "../lib/clock.ts";
import { drive } from "../lib/drive.ts";
import { followingLog } from "../lib/log.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { Tracked } from "../track/model.ts";
import { type Member, type Order, rankOf } from "../vrrp/group.ts";
import * as machine from "../vrrp/machine.ts";
import { type FaultCause, PRIORITY_RELEASE } from "../vrrp/model.ts";
import { effectivePriority } from "../vrrp/priority.ts";
import { resettle } from "../vrrp/resettle.ts";
import { type Action, INITIAL, type Input, type State } from "../vrrp/states.ts";
import type { IpPacket } from "../wire/ipv4.ts";
import { openBeginning } from "./vrrp-beginning.ts";
import { newCounters } from "./vrrp-counters.ts";
import { isOnWay, openExchange, type Sending } from "./vrrp-exchange.ts";
import { type Holding, type HoldingParts, openHolding } from "./vrrp-holding.ts";
import { instanceStatus } from "./vrrp-instance-status.ts";
import { openLowerHeard } from "./vrrp-lower.ts";
import type { Port, PortUser } from "./vrrp-port.ts";
import type { Waiting } from "./vrrp-start-delay.ts";
import { trackingOf } from "./vrrp-tracking.ts";

export type InstanceParts = HoldingParts & {
  readonly tell: (event: Event) => void;
  /** What the guardian should do if this process dies has changed. */
  readonly willChanged: () => void;
  /** What is known of tracked scripts now. */
  readonly tracked: () => ReadonlyMap<string, Tracked>;
  /** What keeps every election back; null = nothing. */
  readonly heldBack: () => Waiting | null;
  /** What the other members of its sync group do to it. */
  readonly groupFaults: () => readonly FaultCause[];
  /** Its sync group has to look at it again. */
  readonly memberChanged: () => void;
};

export type Instance = PortUser & {
  readonly holding: Holding;
  readonly config: () => VrrpInstanceConfig;
  readonly isMaster: () => boolean;
  readonly port: () => Port;
  /** The priority-0 adverts; none while there is no source address. */
  readonly releaseAdverts: () => readonly Sending[];
  /** How often they have to be written anew, as signatures age; Infinity = only when something changes. */
  readonly willPeriodMs: () => number;
  /** Starts the election, as soon as enough is known to start one. */
  readonly start: () => void;
  /** This process did not run for a while: a master looks whether it may still be one. */
  readonly wake: () => void;
  readonly trackedChanged: () => void;
  /** The host with this address is gone: a backup of it takes over at once. */
  readonly promote: (address: string) => void;
  /** Faults that come from elsewhere changed. */
  readonly faultsChanged: () => void;
  /** As its sync group sees it, and the group's word. */
  readonly member: () => Member;
  readonly obey: (order: Order["order"]) => void;
  /** Same virtual router, other settings, maybe another name or port: no transition. What is held changes. */
  readonly reconfigure: (config: VrrpInstanceConfig, port: Port) => void;
  /** Then, when every instance has its new settings: what they mean for the election. */
  readonly reconsider: () => void;
  readonly status: () => InstanceStatus;
  /** Goes the RFC's way out: addresses off, priority 0. */
  readonly stop: (why: "shutdown" | "removed") => void;
};

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
  let lastWord: "STOP" | "DELETED" = "STOP";
  const lower = openLowerHeard(clock.nowMs, parts.tell);
  const holding = openHolding(first, { ...parts, log });

  const exchange = openExchange({
    config: () => config.vrrp,
    way: () => config.way,
    port: () => port,
    counters,
    clock,
    wallMs,
    log,
  });

  let tracking = trackingOf(first, parts.tracked());

  const election = drive<VrrpInstanceConfig["vrrp"], State, Input, Action>({
    engine: machine,
    config: electionConfig(),
    state: INITIAL,
    clock,
    timerInput: (nowMs) => ({ type: "timer", nowMs }),
    perform,
  });

  /** The machine sees the effective priority. */
  function electionConfig(): VrrpInstanceConfig["vrrp"] {
    const { vrrp } = config;
    return { ...vrrp, priority: effectivePriority(vrrp.priority, tracking.deltas) };
  }

  function ownFaults(): readonly FaultCause[] {
    const { dontTrackPrimary } = config.tracking;
    const primary = port.faults().filter((each) => each !== "interface_down" || !dontTrackPrimary);
    const { needsPeer, peers } = config.way;
    const alone: readonly FaultCause[] = needsPeer && peers.length === 0 ? ["no_unicast_peer"] : [];
    return [...primary, ...alone, ...tracking.faults];
  }

  function faults(): readonly FaultCause[] {
    return [...ownFaults(), ...parts.groupFaults()];
  }

  function giveFaults(): void {
    election.give({ type: "faults", nowMs: clock.nowMs(), faults: faults() });
  }

  const beginning = openBeginning({
    clock,
    heldBack: parts.heldBack,
    undecided: () => tracking.undecided,
    begin: () => election.give({ type: "startup", nowMs: clock.nowMs(), faults: faults() }),
  });

  function track(why?: "reload"): void {
    const before = election.config().priority;
    tracking = trackingOf(config, parts.tracked());
    const next = electionConfig();
    const state = election.state();
    election.reconfigure(next, why === "reload" ? resettle(next, state, clock.nowMs()) : state);
    if (next.priority !== before) {
      log.info({ from: before, to: next.priority }, "priority changed");
      parts.tell({
        kind: "priority",
        at: wallTime(),
        instance: config.vrrp.name,
        state: state.name,
        from: before,
        to: next.priority,
      });
    }
    if (beginning.begun()) giveFaults();
    else beginning.look();
    parts.memberChanged();
  }

  function perform(action: Action): undefined {
    switch (action.type) {
      case "send-advert":
        port.occupy();
        exchange.send(action.priority, action.intervalMs);
        return undefined;
      case "hold":
        port.occupy();
        holding.hold();
        return undefined;
      case "release":
        holding.release();
        return undefined;
      case "announce":
        holding.announce(action.why);
        return undefined;
      case "claim":
        parts.memberChanged();
        return undefined;
      case "transition":
        return transition(action);
      default:
        return unreachable(action);
    }
  }

  function transition(moved: Action & { readonly type: "transition" }): undefined {
    const { from, to } = moved;
    since = wallTime();
    cause = moved.cause;
    if (to === "MASTER") counters.became_master += 1;
    if (from === "MASTER") {
      counters.released_master += 1;
      port.vacate(); // its last advert is out
    }
    const causes = faults();
    const detail = to === "FAULT" ? { faults: causes } : {};
    log.info({ from, to, cause, ...detail }, "state changed");
    parts.willChanged();
    parts.tell({
      kind: "instance_state",
      at: since,
      instance: config.vrrp.name,
      from,
      to: to === "INIT" ? lastWord : to,
      cause: to === "FAULT" ? causes.join(",") : cause,
      priority: election.config().priority,
    });
    parts.memberChanged();
  }

  function hear(packet: IpPacket): void {
    const heard = exchange.hear(packet);
    if (heard === undefined) return;
    const { priority, advertIntervalMs } = heard.advert;
    const { sourceIsGreater } = heard;
    const { source } = packet;
    const nowMs = clock.nowMs();
    const wasMaster = isMaster();
    election.give({ type: "advert", nowMs, priority, advertIntervalMs, source, sourceIsGreater });
    // Who stays master has heard a lower one.
    if (!wasMaster || !isMaster() || priority === PRIORITY_RELEASE) return;
    const { name } = config.vrrp;
    lower.heard({ name, priority: election.config().priority, source, theirPriority: priority });
  }

  function isMaster(): boolean {
    return election.state().name === "MASTER";
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
    trackedChanged: () => track(),
    wake() {
      if (isMaster()) election.give({ type: "timer", nowMs: clock.nowMs() });
    },
    promote: (address) => election.give({ type: "promote", nowMs: clock.nowMs(), address }),
    faultsChanged: giveFaults,
    member() {
      const state = election.state();
      const claims = state.name === "BACKUP" && state.claim !== null;
      const { name, vrid } = config.vrrp;
      const rank = rankOf(config.way.family, vrid);
      return { name, state: state.name, claims, faults: ownFaults(), rank };
    },
    obey: (order) => election.give({ type: order, nowMs: clock.nowMs() }),
    portChanged() {
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
      }),
    stop(why) {
      if (why === "removed" && config.hooks.notifyDeleted !== null) lastWord = "DELETED";
      election.give({ type: "shutdown", nowMs: clock.nowMs() });
      election.stop();
      beginning.close();
      exchange.close();
      holding.close();
    },
  };
}
