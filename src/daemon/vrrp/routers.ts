// The instances of this node, and the ports that they share: opened, changed by the difference, and closed.

import type { Config, VrrpInstanceConfig } from "../../config/model.ts";
import type { Keeper } from "../../vip/holding/keeper.ts";
import { thingsOf } from "../../vip/holding/things.ts";
import { PRIORITY_OWNER } from "../../vrrp/model.ts";
import type { Groups } from "./groups.ts";
import { heldVips } from "./holding.ts";
import { Instance, type InstanceParts } from "./instance.ts";
import type { Port, PortOptions } from "./port.ts";
import { basePortKeyOf, hasOwnLinks, planReload, portKeyOf, type ReloadPlan } from "./reload.ts";

export type RoutersParts = InstanceParts & {
  readonly groups: Groups;
  /** Static addresses, routes and rules: this node's own as long as duet runs, master or not. */
  readonly statics: Pick<Keeper, "hold" | "isOn">;
  /** They are held as configured now. */
  readonly staticsHeld: () => void;
  /** By name; kept by this room. */
  readonly instances: Map<string, Instance>;
  readonly openPort: (options: Omit<PortOptions, "network" | "unknown" | "log">) => Port;
  /** Some were closed, maybe: together is faster than one by one. */
  readonly portsClosed: () => void;
  /** For who has interfaces of its own, above `base` and others. */
  readonly openVirtualPort: (base: Port, config: VrrpInstanceConfig) => Port;
};

export type Routers = {
  /** The first call starts all, a later one changes what differs. */
  readonly configure: (config: Config) => void;
  /** Ports look at the network again. */
  readonly linksChanged: () => void;
  /** Before a planned stop: resolves when no instance is MASTER any more. */
  readonly handOver: () => Promise<void>;
  readonly stopAll: () => void;
};

export function openRouters(parts: RoutersParts): Routers {
  const { groups, holders, instances, log } = parts;
  const ports = new Map<string, Port>();
  let virtual: ReadonlySet<string> = new Set();
  let owned: ReadonlySet<string> = new Set();

  function portFor(config: VrrpInstanceConfig): Port {
    const base = basePortFor(config);
    if (!hasOwnLinks(config)) return base;
    const key = portKeyOf(config);
    const port = ports.get(key) ?? parts.openVirtualPort(base, config);
    ports.set(key, port);
    port.keepAddressLinks?.(config.addressLinks);
    return port;
  }

  function basePortFor(config: VrrpInstanceConfig): Port {
    const key = basePortKeyOf(config);
    const port =
      ports.get(key) ??
      parts.openPort({
        interface: config.vrrp.interface,
        family: config.way.family,
        configuredSource: config.way.source,
        group: config.way.group,
        isVirtual: (address) => virtual.has(address),
        isOwned: (address) => owned.has(address),
      });
    ports.set(key, port);
    return port;
  }

  function open(config: VrrpInstanceConfig): Instance {
    const port = portFor(config);
    const instance = new Instance(config, port, parts);
    port.join(instance);
    return instance;
  }

  /** true = something differs. */
  function change(instance: Instance, next: VrrpInstanceConfig): boolean {
    const before = instance.config();
    if (JSON.stringify(before) === JSON.stringify(next)) return false;
    const [from, to] = [before.vrrp.name, next.vrrp.name];
    if (from !== to) log.info({ from, to }, "instance renamed");
    const [left, port] = [ports.get(portKeyOf(before)), portFor(next)];
    if (left !== port) {
      left?.leave(instance);
      port.join(instance);
      if (instance.isMaster()) port.occupy();
    }
    instance.reconfigure(next, port);
    return true;
  }

  function close(instance: Instance, why: "shutdown" | "removed"): void {
    instance.stop(why);
    ports.get(portKeyOf(instance.config()))?.leave(instance);
  }

  /** Old routers go before new ones come; returns the names that a MASTER went under. */
  function stop({ stopped, started }: ReloadPlan<Instance>): ReadonlySet<string> {
    const replaced = new Set(started.map(({ vrrp }) => vrrp.name));
    const masters = new Set<string>();
    for (const each of stopped) {
      const { name } = each.config().vrrp;
      if (each.isMaster()) masters.add(name);
      close(each, replaced.has(name) ? "shutdown" : "removed");
    }
    return masters;
  }

  function closeUnusedPorts(): void {
    for (const [key, port] of ports) {
      if (port.isUsed()) continue;
      port.close();
      ports.delete(key);
    }
    parts.portsClosed();
  }

  return {
    configure(config) {
      const plan = planReload([...instances.values()], config.vrrpInstances);
      virtual = addressesOf(config.vrrpInstances);
      owned = addressesOf(
        config.vrrpInstances.filter(({ vrrp }) => vrrp.priority === PRIORITY_OWNER),
      );
      instances.clear();
      for (const { running, next } of plan.kept) instances.set(next.vrrp.name, running);
      groups.change(config.vrrpSyncGroups);
      // What goes from one to another stays on: who keeps running takes it over before anybody lets go.
      const changed = holders.together(() => {
        holdStatics(parts.statics, config);
        return plan.kept.filter(({ running, next }) => change(running, next));
      });
      parts.staticsHeld();
      for (const { running } of changed) running.reconsider();
      const masters = stop(plan);
      closeUnusedPorts(); // who starts may have an interface of the same name
      const started = plan.started.map(open);
      for (const each of started) instances.set(each.config().vrrp.name, each);
      inOrder(instances, config);
      if (parts.heldBack() === null) for (const each of instances.values()) each.start();
      for (const each of started) if (masters.has(each.config().vrrp.name)) each.succeed();
      closeUnusedPorts();
      for (const port of ports.values()) port.refresh(); // what counts as virtual may have changed
      groups.settle();
    },
    linksChanged() {
      for (const port of ports.values()) port.refresh();
      for (const instance of instances.values()) {
        if (instance.holding.linksChanged()) parts.willChanged(instance);
      }
    },
    async handOver() {
      groups.dissolve();
      await Promise.all(Array.from(instances.values(), async (each) => each.handOver()));
    },
    stopAll() {
      groups.dissolve();
      for (const instance of instances.values()) close(instance, "shutdown");
      instances.clear();
      closeUnusedPorts();
    },
  };
}

function addressesOf(instances: readonly VrrpInstanceConfig[]): ReadonlySet<string> {
  return new Set(instances.flatMap(heldVips).map(({ address }) => address));
}

/** Of the file: so the status tells them. */
function inOrder(instances: Map<string, Instance>, { vrrpInstances }: Config): void {
  for (const { vrrp } of vrrpInstances) {
    const instance = instances.get(vrrp.name);
    if (instance === undefined) continue;
    instances.delete(vrrp.name);
    instances.set(vrrp.name, instance);
  }
}

function holdStatics(keeper: Pick<Keeper, "hold" | "isOn">, { statics }: Config): void {
  const things = thingsOf(statics);
  if (things.length > 0 || keeper.isOn()) keeper.hold({ things, leaseS: null });
}
