// The vrrp role: elections, virtual addresses, announcements. Soft real time: nothing here waits for anything
// but the kernel's answer to a netlink request.
//
//   raw sockets --> port --> instance: machine --> advert, addresses, ARP
//   rtnetlink   --> network --> ports (faults), instances (addresses that went away)
//   every change --> the last will, to the guardian; events and status, to the desk

import { join } from "node:path";
import type { Config, VrrpInstanceConfig } from "../../config/model.ts";
import { NETLINK_ROUTE, openNetlink } from "../../kernel/netlink.ts";
import { type NetlinkBeside, openNetlinkBeside } from "../../kernel/netlink-beside.ts";
import { type Network, openNetwork } from "../../kernel/network.ts";
import { openPacketSocket } from "../../kernel/packet-socket.ts";
import { hearAll, onWake } from "../../kernel/poll.ts";
import { openTimerfdClock } from "../../kernel/timerfd.ts";
import { chance } from "../../lib/chance.ts";
import { timeoutClock } from "../../lib/clock.ts";
import { openHolders } from "../../vip/holding/holders.ts";
import { Keeper } from "../../vip/holding/keeper.ts";
import { removeLeftovers } from "../../vip/holding/leftovers.ts";
import { openMachines } from "../../vip/holding/machines.ts";
import type { Gone } from "../../vip/holding/things.ts";
import type { IpPacket } from "../../wire/ipv4.ts";
import { openBusClient } from "../process/bus.ts";
import { openDegradedBook } from "../process/degraded-book.ts";
import { type RoleBody, type RoleContext, runRole } from "../process/role.ts";
import { AS_STARTED, openScheduling } from "../process/scheduling.ts";
import { openSysctls } from "../process/sysctls.ts";
import { openAnnouncer } from "./announcer.ts";
import { openFirewall } from "./firewall.ts";
import { openGroups } from "./groups.ts";
import { openHealth } from "./health.ts";
import type { Instance } from "./instance.ts";
import { openLateness, openPulse } from "./lateness.ts";
import { openAbility } from "./not-held.ts";
import { openPolicyEvents } from "./policy-events.ts";
import { openPort } from "./port.ts";
import { openRouters } from "./routers.ts";
import { openSecondOwners } from "./second-owner.ts";
import { openSessionTeller } from "./sessions.ts";
import { openStartDelay } from "./start-delay.ts";
import { openTrackers } from "./trackers.ts";
import { openUnknown } from "./unknown.ts";
import { openLinkKeeper, openLinkRemover } from "./virtual-link.ts";
import { openVirtualPort } from "./virtual-port.ts";
import { lastWillOf } from "./will.ts";

const HEARTBEAT_MS = 500;
const EVENTS_FLUSH_MS = 200;
/** A timer that is so late may ring over a packet that would have put it off. */
const HEAR_FIRST_MS = 3;

/** The entry of `--role vrrp`. */
export function runVrrp(): void {
  runRole("vrrp", openVrrp);
}

function openVrrp({ log, runDir, started, tell }: RoleContext): RoleBody {
  const clock = openTimerfdClock((lateMs) => {
    if (lateMs >= HEAR_FIRST_MS) hearAll();
    lateness.late(lateMs);
  });
  const schedule = openScheduling(log);
  let scheduled = AS_STARTED;
  const lateness = openLateness({
    clock,
    log,
    setRealTime: (rtPriority) => schedule({ ...scheduled, rtPriority }),
  });
  const pulse = openPulse(clock.nowMs, () => {
    for (const instance of instances.values()) instance.wake();
  });
  onWake(pulse.beat);
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
  const instances = new Map<string, Instance>();
  const sysctls = openSysctls(join(runDir, "sysctl.json"), log);
  const changedWills = new Set<Instance>();
  let agingWrittenMs = -Infinity;
  const firewall = openFirewall(log);

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
    clock: timeoutClock,
    log,
  });
  const degraded = openDegradedBook({ log, tell: bus.tell });
  const groups = openGroups({ instances, nowMs: clock.nowMs, log, tell: bus.tell });
  const network: Network = openNetwork(netlink, {
    onChange() {
      trackers.linksChanged();
      linksChanged();
    },
    onAddressesGone(addresses) {
      const gone = addresses.map((each): Gone => ({ kind: "address", ...each }));
      for (const instance of instances.values()) instance.holding.gone(gone);
      statics.gone(gone);
    },
  });
  const packets = openPacketSocket();
  const announcer = openAnnouncer({
    clock,
    packets,
    linkOf: (name) => network.link(name),
    log,
  });
  const startDelay = openStartDelay({
    clock,
    log,
    startedUptimeMs: started.uptimeMs,
    onOver() {
      for (const instance of instances.values()) instance.start();
    },
  });
  const unknown = openUnknown({
    isKnown: (device, vrid) =>
      [...instances.values()].some((each) => {
        const { vrrp } = each.config();
        return vrrp.interface === device && vrrp.vrid === vrid;
      }),
    clock,
    log,
  });
  const secondOwners = openSecondOwners({
    clock,
    chance,
    instances,
    network,
    packets,
    log,
  });
  const health = openHealth({ clock, degraded, instances, unknown, secondOwners, network });
  const remover = openLinkRemover(netlink, network.look, log);
  /** Opened when the first one needs it. */
  let beside: NetlinkBeside | undefined;
  const heartbeat = clock.alarm(beat);
  const holders = openHolders();
  const linkOf = network.link;
  const machines = openMachines({ netlink, linkOf, network, log });
  const statics = new Keeper({ clock, netlink, holders, machines, linkOf, sysctls, log }, "static");
  const policyEvents = openPolicyEvents(() => [
    statics,
    ...Array.from(instances.values(), ({ holding }) => holding),
  ]);

  const trackers = openTrackers({
    clock,
    log,
    network,
    startedAtMs: started.wallMs,
    tell: bus.tell,
    onChange() {
      for (const instance of instances.values()) instance.trackedChanged();
    },
    onLinkTurned: linksChanged,
    onSession: () => sessionTeller.tell(),
    onSessionLost({ name, neighbor }) {
      for (const instance of instances.values()) {
        if (instance.config().tracking.bfdPromote === name) instance.promote(neighbor);
      }
    },
  });
  const sessionTeller = openSessionTeller({ clock, bus, sessions: trackers.sessions });

  const routers = openRouters({
    clock,
    netlink,
    holders,
    machines,
    announcer,
    sysctls,
    firewall,
    linkOf,
    log,
    tell: bus.tell,
    degraded,
    ability: openAbility(clock),
    willChanged,
    tracked: trackers.all,
    heldBack: startDelay.waiting,
    groups,
    statics,
    instances,
    portsClosed: () => remover.flush(),
    openVirtualPort(base, link, { vrrp, way }) {
      const below = { interface: vrrp.interface, family: way.family };
      beside ??= openNetlinkBeside(NETLINK_ROUTE);
      const hands = { netlink, network, beside, remover, sysctls, log };
      const keeper = openLinkKeeper(link, below, hands);
      const group = way.peers.length === 0 ? way.group : null;
      return openVirtualPort({ base, link, group, keeper, log });
    },
    openPort: (options) => {
      const heard = (vrid: number, packet: IpPacket): void =>
        unknown.heard(options.interface, vrid, packet);
      return openPort({ ...options, unknown: heard, network: trackers.network, log });
    },
  });

  function linksChanged(): void {
    routers.linksChanged();
    statics.linksChanged();
  }

  function beat(): void {
    tell({ type: "heartbeat" });
    rewriteAgingWills();
    secondOwners.look();
    health.look();
    heartbeat.set(clock.nowMs() + HEARTBEAT_MS);
  }

  /** Signatures age; the wills of who signs are written anew in time. */
  function rewriteAgingWills(): void {
    const aging = [...instances.values()].filter((each) => each.willPeriodMs() !== Infinity);
    const periodMs = Math.min(Infinity, ...aging.map((each) => each.willPeriodMs()));
    if (clock.nowMs() - agingWrittenMs < periodMs) return;
    agingWrittenMs = clock.nowMs();
    writeWills(aging);
  }

  let configured = false;
  function configure(config: Config): void {
    pulse.beat();
    configureSchedule(config);
    if (!configured) removeLeftovers(config, { network, netlink, log });
    configured = true;
    startDelay.configure(config.startDelay);
    policyEvents.configure(config);
    unknown.configure(config);
    firewall.configure(config);
    announcer.configure(config.pacing);
    trackers.configure(config);
    sessionTeller.configure(config);
    routers.configure(config);
    writeWills(instances.values(), true);
    beat();
  }

  function configureSchedule({ scheduling, vrrpInstances }: Config): void {
    const { vrrp, lateness: late } = scheduling;
    scheduled = vrrp;
    schedule(vrrp);
    lateness.configure(late, vrrp.rtPriority);
    pulse.configure(Math.min(...vrrpInstances.map(takenOverAfterMs)));
  }

  /** Once for all changes of one moment, but before anything else can happen. */
  function willChanged(instance: Instance): void {
    if (changedWills.size === 0) queueMicrotask(() => writeWills(changedWills));
    changedWills.add(instance);
  }

  function writeWills(of: Iterable<Instance>, isAll = false): void {
    const wills = Array.from(of, (each) => lastWillOf(each, network.link));
    changedWills.clear();
    if (isAll || wills.length > 0) tell({ type: "will", wills, isAll });
  }

  function stopAll(): void {
    routers.stopAll();
    startDelay.close();
    statics.release();
    policyEvents.close();
    firewall.close();
    sysctls.releaseAll();
    trackers.close();
    sessionTeller.close();
    unknown.close();
    writeWills([], true);
    secondOwners.close();
  }

  return {
    configure,
    async stop() {
      await routers.handOver();
      stopAll();
      await bus.flush(EVENTS_FLUSH_MS);
    },
    orphaned: stopAll,
  };
}

/** No backup takes over sooner from a master that falls silent. */
function takenOverAfterMs({ vrrp }: VrrpInstanceConfig): number {
  return vrrp.policy.downTimerAdverts * vrrp.advertIntervalMs;
}
