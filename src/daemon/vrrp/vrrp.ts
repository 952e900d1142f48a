// The vrrp role: elections, virtual addresses, announcements. Soft real time: nothing here waits for anything
// but the kernel's answer to a netlink request. Made in stages (stages.ts).
//
//   raw sockets --> port --> instance: machine --> advert, addresses, ARP
//   rtnetlink   --> network --> happened(): ports (faults), instances (addresses that went away)
//   every change --> the last will, to the guardian; events and status, to the desk

import { join } from "node:path";
import type { Config, VrrpInstanceConfig } from "../../config/model.ts";
import type { Event } from "../../control/events.ts";
import { timeoutClock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { openMailbox } from "../../lib/mailbox.ts";
import { unreachable } from "../../lib/unreachable.ts";
import { removeLeftovers } from "../../vip/holding/leftovers.ts";
import { type BusClient, openBusClient } from "../process/bus.ts";
import { type RoleBody, type RoleContext, runRole } from "../process/role.ts";
import { openHealth } from "./health.ts";
import { openSessionTeller, type SessionTeller } from "./sessions.ts";
import {
  type HandsOn,
  type Happening,
  type KernelSide,
  type Knowledge,
  openHandsOn,
  openKernelSide,
  openKnowledge,
} from "./stages.ts";
import { switchOver } from "./switchover.ts";

const HEARTBEAT_MS = 500;
const EVENTS_FLUSH_MS = 200;

/** The entry of `--role vrrp`. */
export function runVrrp(): void {
  runRole("vrrp", openVrrp);
}

type Vrrp = KernelSide &
  Knowledge &
  HandsOn & {
    readonly bus: BusClient;
    readonly sessionTeller: SessionTeller;
    /** The heartbeat, and what is looked at with it. */
    readonly beat: () => void;
    readonly log: Log;
    /** Nothing has been configured yet. */
    isFirst: boolean;
  };

function openVrrp(context: RoleContext): RoleBody {
  const happenings = openMailbox<Happening>();
  const vrrp = openAll(context, happenings.put);
  happenings.open((happening) => happened(vrrp, happening));
  return {
    configure: (config) => configure(vrrp, config),
    async stop() {
      await vrrp.routers.handOver();
      stopAll(vrrp);
      await vrrp.bus.flush(EVENTS_FLUSH_MS);
    },
    orphaned: () => stopAll(vrrp),
    other(message) {
      if (message.type !== "services") return;
      vrrp.pulse.beat();
      vrrp.trackers.services(message.services);
    },
  };
}

function openAll(context: RoleContext, put: (happening: Happening) => void): Vrrp {
  const { log, runDir, tell } = context;
  const events = openMailbox<Event>();
  const kernel = openKernelSide(context, put);
  const knowledge = openKnowledge(context, kernel, put, events.put);
  const handsOn = openHandsOn(context, kernel, knowledge, put, events.put);
  const { clock, network, pulse } = kernel;
  const { instances, groups, trackers, unknown, secondOwners, degraded, standingBy } = knowledge;
  const bus = openBusClient({
    path: join(runDir, "bus.sock"),
    role: "vrrp",
    status: () => ({
      vrrp_instances: [...instances.values()].map((each) => each.status()),
      vrrp_sync_groups: groups.status(),
      trackers: trackers.status(),
      unknown_vrids: unknown.count(),
      address_probes: secondOwners.counts(),
      degraded: degraded.list(),
    }),
    onTracked(latest) {
      pulse.beat();
      trackers.told(latest);
    },
    onMaintenance: standingBy.told,
    onSwitchover: async (order) =>
      switchOver({ instances, groups: groups.status, nowMs: clock.nowMs }, order),
    clock: timeoutClock,
    log,
  });
  events.open(bus.tell);
  const health = openHealth({ clock, degraded, instances, unknown, secondOwners, network });
  const sessionTeller = openSessionTeller({ clock, bus, sessions: trackers.sessions });
  const heartbeat = clock.alarm(beat);
  function beat(): void {
    tell({ type: "heartbeat" });
    handsOn.wills.rewriteAging(clock.nowMs());
    secondOwners.look();
    lookAtStatics({ trackers, statics: handsOn.statics });
    health.look();
    heartbeat.set(clock.nowMs() + HEARTBEAT_MS);
  }
  return { ...kernel, ...knowledge, ...handsOn, bus, sessionTeller, beat, log, isFirst: true };
}

function happened(vrrp: Vrrp, happening: Happening): void {
  const { instances, trackers, statics } = vrrp;
  switch (happening.kind) {
    case "links":
      trackers.linksChanged();
      return linksChanged(vrrp);
    case "turned":
      return linksChanged(vrrp);
    case "gone":
      for (const { holding } of instances.values()) holding.gone(happening.gone);
      statics.gone(happening.gone);
      return lookAtStatics(vrrp);
    case "tracked":
      for (const instance of instances.values()) instance.trackedChanged();
      return;
    case "session":
      return vrrp.sessionTeller.tell();
    case "session-lost": {
      const { name, neighbor } = happening.session;
      for (const instance of instances.values()) {
        if (instance.config().tracking.bfdPromote === name) instance.promote(neighbor);
      }
      return;
    }
    case "delay-over":
      for (const instance of instances.values()) instance.start();
      return;
    case "stalled":
      for (const instance of instances.values()) instance.wake();
      return;
    case "maintenance":
      return maintenanceChanged(vrrp);
    case "leases":
      for (const { holding } of instances.values()) holding.leasesChanged();
      return;
    default:
      return unreachable(happening);
  }
}

function maintenanceChanged({ instances, standingBy, groups, clock }: Vrrp): void {
  for (const instance of instances.values()) instance.trackedChanged();
  // Who is MASTER all the same, as its addresses were given back meanwhile, goes without asking.
  const order = { of: null, isAll: true, isForced: true };
  const parts = { instances, groups: groups.status, nowMs: clock.nowMs };
  if (standingBy.isOn()) void switchOver(parts, order);
}

function linksChanged(vrrp: Vrrp): void {
  vrrp.routers.linksChanged();
  vrrp.statics.linksChanged();
  lookAtStatics(vrrp);
}

/** What could not be put back is tried again and again: whether it is there shows at the next look. */
function lookAtStatics({ trackers, statics }: Pick<Vrrp, "trackers" | "statics">): void {
  trackers.groups(statics.trackGroups(trackers.network.link));
}

function configure(vrrp: Vrrp, config: Config): void {
  vrrp.pulse.beat();
  configureSchedule(vrrp, config);
  if (vrrp.isFirst) removeLeftovers(config, vrrp);
  vrrp.isFirst = false;
  vrrp.startDelay.configure(config.startDelay);
  vrrp.policyEvents.configure(config);
  vrrp.unknown.configure(config);
  vrrp.firewall.configure(config);
  vrrp.leases.configure(config.vrrpInstances);
  vrrp.announcer.configure(config.pacing);
  vrrp.trackers.configure(config);
  vrrp.sessionTeller.configure(config);
  vrrp.routers.configure(config);
  vrrp.wills.writeAll();
  vrrp.beat();
}

function configureSchedule(
  { schedule, scheduled, lateness, pulse }: Vrrp,
  { scheduling, vrrpInstances }: Config,
): void {
  const { vrrp, lateness: late } = scheduling;
  scheduled.now = vrrp;
  schedule(vrrp);
  lateness.configure(late, vrrp.rtPriority);
  pulse.configure(Math.min(...vrrpInstances.map(takenOverAfterMs)));
}

/** No backup takes over sooner from a master that falls silent. */
function takenOverAfterMs({ vrrp }: VrrpInstanceConfig): number {
  return vrrp.policy.downTimerAdverts * vrrp.advertIntervalMs;
}

function stopAll(vrrp: Vrrp): void {
  vrrp.routers.stopAll();
  vrrp.startDelay.close();
  vrrp.statics.release();
  vrrp.policyEvents.close();
  vrrp.firewall.close();
  vrrp.leases.close();
  vrrp.sysctls.releaseAll();
  vrrp.trackers.close();
  vrrp.sessionTeller.close();
  vrrp.unknown.close();
  vrrp.wills.writeAll();
  vrrp.secondOwners.close();
}
