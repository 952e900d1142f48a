// The parts of the vrrp role, in the order in which they are made: what it has of the kernel, what it knows, what it does. What
// happens to them is put where vrrp.ts finds it, and waits there until all of them are made.

import { join } from "node:path";
import type { Scheduling } from "../../config/model.ts";
import type { Event } from "../../control/events.ts";
import { NETLINK_ROUTE, type Netlink, openNetlink } from "../../kernel/netlink.ts";
import { type NetlinkBeside, openNetlinkBeside } from "../../kernel/netlink-beside.ts";
import { type Network, openNetwork } from "../../kernel/network.ts";
import { openPacketSocket, type PacketSocket } from "../../kernel/packet-socket.ts";
import { hearAll, onWake } from "../../kernel/poll.ts";
import { openTimerfdClock } from "../../kernel/timerfd.ts";
import { chance } from "../../lib/chance.ts";
import type { Clock } from "../../lib/clock.ts";
import { openMailbox } from "../../lib/mailbox.ts";
import type { BfdConfig } from "../../track/model.ts";
import { openHolders } from "../../vip/holding/holders.ts";
import { Keeper } from "../../vip/holding/keeper.ts";
import { openMachines } from "../../vip/holding/machines.ts";
import type { Gone } from "../../vip/holding/things.ts";
import { type DegradedBook, openDegradedBook } from "../process/degraded-book.ts";
import { readMaintenance } from "../process/maintenance-file.ts";
import type { RoleContext } from "../process/role.ts";
import { AS_STARTED, openScheduling } from "../process/scheduling.ts";
import { openSysctls, type Sysctls } from "../process/sysctls.ts";
import { type Announcer, openAnnouncer } from "./announcer.ts";
import { type Firewall, openFirewall } from "./firewall.ts";
import { type Groups, openGroups } from "./groups.ts";
import type { Instance } from "./instance.ts";
import { type Lateness, openLateness, openPulse, type Pulse } from "./lateness.ts";
import { type Leases, openLeases } from "./leases.ts";
import { openAbility } from "./not-held.ts";
import { openPolicyEvents, type PolicyEvents } from "./policy-events.ts";
import { openPort } from "./port.ts";
import { openRouters, type Routers } from "./routers.ts";
import { openSecondOwners, type SecondOwners } from "./second-owner.ts";
import { openStandingBy, type StandingBy } from "./standing-by.ts";
import { openStartDelay, type StartDelay } from "./start-delay.ts";
import { openTrackers, type Trackers } from "./trackers.ts";
import { openUnknown, type Unknown } from "./unknown.ts";
import { type LinkKeeper, openLinkKeeper, openLinkRemover } from "./virtual-link.ts";
import { type OwnLink, openVirtualPort } from "./virtual-port.ts";
import { Wills } from "./will.ts";

export type Happening =
  /** In this order: links changed; one counts as up or down that did not; what is tracked changed; a BFD session did; elections may
   * begin; this process did not run for a while; leases of milliseconds are kept, or no more; maintenance begins or ends. */
  | {
      readonly kind:
        | "links"
        | "turned"
        | "tracked"
        | "session"
        | "delay-over"
        | "stalled"
        | "leases"
        | "maintenance";
    }
  | { readonly kind: "gone"; readonly gone: readonly Gone[] }
  | { readonly kind: "session-lost"; readonly session: BfdConfig };

type Put = (happening: Happening) => void;

export type KernelSide = {
  readonly clock: Clock;
  readonly schedule: (next: Scheduling) => void;
  readonly scheduled: { now: Scheduling };
  readonly lateness: Lateness;
  readonly pulse: Pulse;
  readonly netlink: Netlink;
  readonly sysctls: Sysctls;
  readonly network: Network;
  readonly packets: PacketSocket;
};

export type Knowledge = {
  /** By name; kept by routers.ts. */
  readonly instances: Map<string, Instance>;
  readonly degraded: DegradedBook;
  readonly groups: Groups;
  readonly startDelay: StartDelay;
  readonly unknown: Unknown;
  readonly secondOwners: SecondOwners;
  readonly trackers: Trackers;
  readonly standingBy: StandingBy;
};

export type HandsOn = {
  readonly announcer: Announcer;
  readonly firewall: Firewall;
  readonly leases: Leases;
  readonly statics: Keeper;
  readonly policyEvents: PolicyEvents;
  readonly wills: Wills;
  readonly routers: Routers;
};

/** A timer that is so late may ring over a packet that would have put it off. */
const HEAR_FIRST_MS = 3;

export function openKernelSide({ log, runDir }: RoleContext, put: Put): KernelSide {
  const late = openMailbox<number>();
  const clock = openTimerfdClock((lateMs) => {
    if (lateMs >= HEAR_FIRST_MS) hearAll();
    late.put(lateMs);
  });
  const schedule = openScheduling(log);
  const scheduled = { now: AS_STARTED };
  const setRealTime = (rtPriority: number): void => schedule({ ...scheduled.now, rtPriority });
  const lateness = openLateness({ clock, log, setRealTime });
  late.open(lateness.late);
  const pulse = openPulse(clock.nowMs, () => put({ kind: "stalled" }));
  onWake(pulse.beat);
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
  const sysctls = openSysctls(join(runDir, "sysctl.json"), log);
  const network = openNetwork(netlink, {
    onChange: () => put({ kind: "links" }),
    onAddressesGone(addresses) {
      put({ kind: "gone", gone: addresses.map((each): Gone => ({ kind: "address", ...each })) });
    },
  });
  const packets = openPacketSocket();
  return { clock, schedule, scheduled, lateness, pulse, netlink, sysctls, network, packets };
}

/** `tell`: for the desk. */
export function openKnowledge(
  { log, runDir, started }: RoleContext,
  { clock, network, packets }: KernelSide,
  put: Put,
  tell: (event: Event) => void,
): Knowledge {
  const instances = new Map<string, Instance>();
  const degraded = openDegradedBook({ log, tell });
  const groups = openGroups({ instances, nowMs: clock.nowMs, log, tell });
  const startDelay = openStartDelay({
    clock,
    log,
    startedUptimeMs: started.uptimeMs,
    onOver: () => put({ kind: "delay-over" }),
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
  const secondOwners = openSecondOwners({ clock, chance, instances, network, packets, log });
  const trackers = openTrackers({
    clock,
    log,
    network,
    startedAtMs: started.wallMs,
    tell,
    onChange: () => put({ kind: "tracked" }),
    onLinkTurned: () => put({ kind: "turned" }),
    onSession: () => put({ kind: "session" }),
    onSessionLost: (session) => put({ kind: "session-lost", session }),
  });
  const standingBy = openStandingBy({
    first: readMaintenance(runDir),
    onChange: () => put({ kind: "maintenance" }),
    log,
  });
  const known = { instances, degraded, groups, startDelay, unknown, secondOwners, trackers };
  return { ...known, standingBy };
}

export function openHandsOn(
  { log, tell: tellGuardian }: RoleContext,
  { clock, netlink, sysctls, network, packets }: KernelSide,
  { instances, degraded, groups, startDelay, unknown, trackers, standingBy }: Knowledge,
  put: Put,
  tell: (event: Event) => void,
): HandsOn {
  const linkOf = network.link;
  const isSilent = (owner: string): boolean => instances.get(owner)?.isSilent() === true;
  const announcer = openAnnouncer({ clock, packets, linkOf, isSilent, log });
  const leases = openLeases({ clock, log, onChange: () => put({ kind: "leases" }) });
  const firewall = openFirewall(log);
  const remover = openLinkRemover(netlink, network.look, log);
  const holders = openHolders();
  const machines = openMachines({ netlink, linkOf, network, log });
  const hands = { clock, netlink, holders, machines, linkOf, sysctls, log };
  const statics = new Keeper(hands, "static");
  const policyEvents = openPolicyEvents(() => [
    statics,
    ...Array.from(instances.values(), ({ holding }) => holding),
  ]);
  const wills = new Wills(instances, linkOf, tellGuardian);
  /** Opened when the first one needs it. */
  let beside: NetlinkBeside | undefined;
  const routers = openRouters({
    ...hands,
    announcer,
    firewall,
    leases,
    tell,
    degraded,
    ability: openAbility(clock),
    willChanged: (instance) => wills.changed(instance),
    tracked: trackers.all,
    heldBack: startDelay.waiting,
    standsBy: standingBy.isOn,
    groups,
    statics,
    staticsHeld: () => trackers.groups(statics.trackGroups(trackers.network.link)),
    instances,
    portsClosed: remover.flush,
    openVirtualPort(base, { vrrp, way, link }) {
      beside ??= openNetlinkBeside(NETLINK_ROUTE);
      const linkParts = { ...hands, network, beside, remover };
      const own = link && { ...link, below: vrrp.interface, family: way.family };
      const group = way.peers.length === 0 ? way.group : null;
      const openKeeper = (each: OwnLink): LinkKeeper =>
        openLinkKeeper(each, { interface: each.below, family: each.family }, linkParts);
      return openVirtualPort({ base, own, group, openKeeper, log });
    },
    openPort: (options) =>
      openPort({
        ...options,
        unknown: (vrid, packet) => unknown.heard(options.interface, vrid, packet),
        network: trackers.network,
        log,
      }),
  });
  return { announcer, firewall, leases, statics, policyEvents, wills, routers };
}
