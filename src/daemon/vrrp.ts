// The vrrp role: elections, virtual addresses, announcements. Soft real time: nothing here waits for anything
// but the kernel's answer to a netlink request.
//
//   raw sockets --> port --> instance: machine --> advert, addresses, ARP
//   rtnetlink   --> network --> ports (faults), instances (addresses that went away)
//   every change --> the last will, to the guardian; events and status, to the desk

import { join } from "node:path";
import type { Config, VrrpInstanceConfig } from "../config/model.ts";
import { NETLINK_ROUTE, openNetlink } from "../kernel/netlink.ts";
import { type Network, openNetwork } from "../kernel/network.ts";
import { openPacketSocket } from "../kernel/packet-socket.ts";
import { openTimerfdClock } from "../kernel/timerfd.ts";
import { timeoutClock } from "../lib/clock.ts";
import { openBusClient } from "./bus.ts";
import { type RoleBody, type RoleContext, runRole } from "./role.ts";
import { openGroups } from "./vrrp-groups.ts";
import { heldVips } from "./vrrp-holding.ts";
import { type Instance, openInstance } from "./vrrp-instance.ts";
import { removeLeftovers } from "./vrrp-leftovers.ts";
import { openPolicyEvents } from "./vrrp-policy-events.ts";
import { openPort, type Port } from "./vrrp-port.ts";
import { openStatics } from "./vrrp-statics.ts";
import { openSysctls } from "./vrrp-sysctls.ts";
import { openTrackers } from "./vrrp-trackers.ts";
import { lastWillOf } from "./vrrp-will.ts";

const HEARTBEAT_MS = 500;
const EVENTS_FLUSH_MS = 200;

/** The entry of `--role vrrp`. */
export function runVrrp(): void {
  runRole("vrrp", openVrrp);
}

function openVrrp({ log, runDir, tell }: RoleContext): RoleBody {
  const clock = openTimerfdClock();
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
  const packets = openPacketSocket();
  const ports = new Map<string, Port>();
  const instances = new Map<string, Instance>();
  const sysctls = openSysctls(join(runDir, "sysctl.json"), log);
  let virtual: ReadonlySet<string> = new Set();
  let willPending = false;
  let willWrittenMs = -Infinity;

  const bus = openBusClient({
    path: join(runDir, "bus.sock"),
    role: "vrrp",
    status: () => ({
      vrrp_instances: [...instances.values()].map((each) => each.status()),
      vrrp_sync_groups: groups.status(),
      trackers: trackers.status(),
    }),
    onTracked: (latest) => trackers.told(latest),
    clock: timeoutClock,
    log,
  });
  const groups = openGroups({ instances, log, tell: bus.tell });
  const network: Network = openNetwork(netlink, {
    onChange() {
      trackers.linksChanged();
      linksChanged();
    },
    onAddressGone(address) {
      for (const instance of instances.values()) instance.holding.addressGone(address);
      statics.addressGone(address);
    },
  });
  const heartbeat = clock.alarm(beat);
  const statics = openStatics({ clock, netlink, linkOf: network.link, log });
  const policyEvents = openPolicyEvents(() => [
    statics,
    ...Array.from(instances.values(), ({ holding }) => holding),
  ]);

  const trackers = openTrackers({
    clock,
    log,
    network,
    tell: bus.tell,
    onChange() {
      for (const instance of instances.values()) instance.trackedChanged();
    },
    onLinkTurned: linksChanged,
    onSessionLost({ name, neighbor }) {
      for (const instance of instances.values()) {
        if (instance.config().tracking.bfdPromote === name) instance.promote(neighbor);
      }
    },
  });

  function linksChanged(): void {
    for (const port of ports.values()) port.refresh();
    for (const instance of instances.values()) instance.holding.linksChanged();
    statics.linksChanged();
  }

  function beat(): void {
    tell({ type: "heartbeat" });
    const periodsMs = Array.from(instances.values(), (each) => each.willPeriodMs());
    if (clock.nowMs() - willWrittenMs >= Math.min(...periodsMs)) writeWill();
    heartbeat.set(clock.nowMs() + HEARTBEAT_MS);
  }

  function configure(config: Config): void {
    const wanted = new Map(config.vrrpInstances.map((each) => [each.vrrp.name, each]));
    const first = instances.size === 0;
    virtual = new Set(config.vrrpInstances.flatMap(heldVips).map(({ address }) => address));
    if (first) removeLeftovers(config, { network, netlink, log });
    policyEvents.configure(config);
    statics.configure(config);
    trackers.configure(config);
    for (const [name, instance] of instances) {
      const next = wanted.get(name);
      if (next === undefined) close(name, instance, "removed");
      else if (!sameRouter(instance.config(), next)) close(name, instance, "shutdown");
    }
    for (const [name, next] of wanted) {
      const running = instances.get(name);
      if (running === undefined) open(next);
      else if (JSON.stringify(running.config()) !== JSON.stringify(next)) running.reconfigure(next);
    }
    for (const port of ports.values()) port.refresh(); // what counts as virtual may have changed
    groups.configure(config.vrrpSyncGroups);
    writeWill();
    beat();
  }

  function open(config: VrrpInstanceConfig): void {
    const { name, interface: device } = config.vrrp;
    const { family, source: configuredSource } = config.way;
    const key = portKeyOf(config);
    const isVirtual = (address: string): boolean => virtual.has(address);
    const port =
      ports.get(key) ??
      openPort({
        interface: device,
        family,
        configuredSource,
        network: trackers.network,
        isVirtual,
        log,
      });
    ports.set(key, port);
    const linkOf = (link: string): ReturnType<Network["link"]> => network.link(link);
    const instance = openInstance(config, port, {
      clock,
      netlink,
      packets,
      sysctls,
      linkOf,
      log,
      tell: bus.tell,
      willChanged,
      tracked: trackers.all,
      groupFaults: () => groups.faultsOf(name),
      memberChanged: () => groups.changed(name),
    });
    instances.set(name, instance);
    port.join(instance);
    instance.start();
  }

  function close(name: string, instance: Instance, why: "shutdown" | "removed"): void {
    const key = portKeyOf(instance.config());
    const port = ports.get(key);
    instance.stop(why);
    instances.delete(name);
    if (port?.leave(instance) !== true) return;
    port.close();
    ports.delete(key);
  }

  /** Once for all changes of one moment, but before anything else can happen. */
  function willChanged(): void {
    if (willPending) return;
    willPending = true;
    queueMicrotask(writeWill);
  }

  function writeWill(): void {
    willPending = false;
    willWrittenMs = clock.nowMs();
    tell({ type: "will", will: lastWillOf([...instances.values()], network.link) });
  }

  function stopAll(): void {
    groups.dissolve();
    for (const [name, instance] of instances) close(name, instance, "shutdown");
    statics.takeOff();
    policyEvents.close();
    sysctls.releaseAll();
    trackers.close();
    tell({ type: "will", will: { removals: [], adverts: [] } });
  }

  return {
    configure,
    async stop() {
      stopAll();
      await bus.flush(EVENTS_FLUSH_MS);
    },
    orphaned: stopAll,
  };
}

/** Instances with the same key share a port. */
function portKeyOf({ vrrp, way }: VrrpInstanceConfig): string {
  return [vrrp.interface, way.family, way.source ?? ""].join(" ");
}

/** What makes two configurations the same virtual router; anything else changes in place. */
function sameRouter(a: VrrpInstanceConfig, b: VrrpInstanceConfig): boolean {
  return (
    portKeyOf(a) === portKeyOf(b) &&
    (a.way.peers.length === 0) === (b.way.peers.length === 0) &&
    a.vrrp.vrid === b.vrrp.vrid &&
    a.vrrp.version === b.vrrp.version
  );
}
