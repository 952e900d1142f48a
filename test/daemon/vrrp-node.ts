// One whole node without a kernel: the real instances, groups and holders over a kernel of Maps, in virtual time, with
// rivals on the wire that never give up.

import type { Config } from "../../src/config/model.ts";
import type { InstanceStatus } from "../../src/control/status.ts";
import { openDegradedBook } from "../../src/daemon/process/degraded-book.ts";
import { openAnnouncer } from "../../src/daemon/vrrp/announcer.ts";
import { openGroups } from "../../src/daemon/vrrp/groups.ts";
import type { Instance } from "../../src/daemon/vrrp/instance.ts";
import type { PortUser } from "../../src/daemon/vrrp/port.ts";
import { openRouters } from "../../src/daemon/vrrp/routers.ts";
import type { Link } from "../../src/kernel/links.ts";
import { type Tracked, trackKey } from "../../src/track/model.ts";
import { openHolders } from "../../src/vip/holding/holders.ts";
import { Keeper } from "../../src/vip/holding/keeper.ts";
import type { Gone } from "../../src/vip/holding/things.ts";
import { type Advert, decodeAdvert, encodeAdvert } from "../../src/wire/vrrp.ts";
import { openModelKernel } from "../helpers/model-kernel.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { noLeases, noMachines, noSysctls } from "./vrrp-fakes.ts";

export const RIVAL = "198.51.100.20";
const OWN = "198.51.100.10";

export type Rival = { readonly interface: string; readonly advert: Advert };

export type Said = { readonly atMs: number; readonly advert: Advert };

export type Node = {
  readonly configure: (config: Config) => void;
  readonly advance: (ms: number) => void;
  readonly nowMs: () => number;
  readonly statuses: () => readonly InstanceStatus[];
  readonly isMaster: (name: string) => boolean;
  readonly groups: () => unknown;
  /** Somebody takes all addresses off, behind the back of all instances. */
  readonly flush: () => void;
  readonly kernel: ReturnType<typeof openModelKernel>;
  /** All that left, and what the kernel held at that moment. */
  readonly said: readonly (Said & { readonly held: ReadonlyMap<string, string> })[];
  readonly announced: () => number;
  readonly openPorts: () => number;
  readonly lines: readonly Record<string, unknown>[];
};

export function openNode(
  parts: {
    readonly links?: Readonly<Record<string, number>>;
    /** Interfaces without carrier. */
    readonly down?: readonly string[];
    readonly tracked?: readonly Tracked[];
    readonly rivals?: readonly Rival[];
  } = {},
): Node {
  const { links = { eth0: 7, eth1: 8 }, down = [], tracked = [], rivals = [] } = parts;
  const { clock, advance } = virtualClock();
  const { log, lines } = memoryLog();
  const kernel = openModelKernel();
  const instances = new Map<string, Instance>();
  const users = new Map<PortUser, string>();
  const said: (Said & { readonly held: ReadonlyMap<string, string> })[] = [];
  let announced = 0;
  let openPorts = 0;
  const linkOf = (name: string): Link | undefined => {
    const index = links[name];
    const running = !down.includes(name);
    return index === undefined
      ? undefined
      : { index, name, up: running, running, mac: new Uint8Array(6) };
  };
  const holders = openHolders();
  const groups = openGroups({ instances, nowMs: clock.nowMs, log, tell: () => {} });
  const packets = {
    send() {
      announced += 1;
    },
    close: () => {},
  };
  const interfaces = Object.keys(links).map((name): Tracked => {
    return { kind: "interface", name, up: !down.includes(name), detail: "", at: null };
  });
  const known = new Map(
    [...interfaces, ...tracked].map((each) => [trackKey(each.kind ?? "script", each.name), each]),
  );
  const routers = openRouters({
    clock,
    netlink: kernel.netlink,
    holders,
    machines: noMachines,
    announcer: openAnnouncer({ clock, packets, linkOf, isSilent: () => false, log }),
    firewall: { deny: () => {} },
    leases: noLeases,
    ability: { hasNetAdmin: true, isWithoutIpv6: () => false },
    degraded: openDegradedBook({ log, tell: () => {} }),
    sysctls: noSysctls,
    staticsHeld: () => {},
    linkOf,
    log,
    tell: () => {},
    willChanged: () => {},
    tracked: () => known,
    heldBack: () => null,
    standsBy: () => false,
    groups,
    statics: new Keeper(
      {
        clock,
        netlink: kernel.netlink,
        holders,
        machines: noMachines,
        linkOf,
        sysctls: noSysctls,
        log,
      },
      "static",
    ),
    instances,
    portsClosed: () => {},
    openVirtualPort() {
      throw new Error("Cannot happen: no interface of its own is configured here");
    },
    openPort({ interface: device, configuredSource, group = "224.0.0.18" }) {
      const source = configuredSource ?? OWN;
      const own = new Set<PortUser>();
      openPorts += 1;
      return {
        faults: () => (down.includes(device) ? ["interface_down"] : []),
        source: () => source,
        exit: () => ({ interface: device, borrowed: false }),
        occupy: () => {},
        hearOwner: () => {},
        vacate: () => {},
        vacating: () => [],
        refused: () => [],
        send(bytes, to) {
          const path = { source, destination: to?.destination ?? group };
          const decoded = decodeAdvert(Buffer.from(bytes), path);
          if (!decoded.ok) throw new Error(`An advert that nobody can read: ${decoded.reason}`);
          said.push({ atMs: clock.nowMs(), advert: decoded.advert, held: kernel.holds() });
        },
        join(user) {
          own.add(user);
          users.set(user, device);
        },
        leave(user) {
          own.delete(user);
          users.delete(user);
        },
        isUsed: () => own.size > 0,
        refresh: () => {},
        close() {
          openPorts -= 1;
        },
      };
    },
  });

  function hearRivals(): void {
    for (const rival of rivals) {
      const path = { source: RIVAL, destination: "224.0.0.18" };
      const packet = { ttl: 255, ...path, payload: encodeAdvert(rival.advert, path) };
      for (const [user, device] of users) {
        const isFor = user.vrid === rival.advert.vrid && device === rival.interface;
        if (isFor && user.wants(packet)) user.hear(packet);
      }
    }
  }

  return {
    configure: routers.configure,
    nowMs: clock.nowMs,
    advance(ms) {
      for (let leftMs = ms; leftMs > 0; leftMs -= 500) {
        advance(Math.min(500, leftMs));
        hearRivals();
      }
    },
    statuses: () => Array.from(instances.values(), (each) => each.status()),
    isMaster: (name) => instances.get(name)?.isMaster() === true,
    groups: groups.status,
    flush() {
      const gone = kernel
        .flush()
        .map((address): Gone => ({ kind: "address", address, portId: 4711 }));
      for (const instance of instances.values()) instance.holding.gone(gone);
    },
    kernel,
    said,
    announced: () => announced,
    openPorts: () => openPorts,
    lines,
  };
}
