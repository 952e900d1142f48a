// One instance between fakes: a port that keeps what is sent, a kernel that says yes, a clock that is moved by hand.

import type { HooksConfig, VrrpInstanceConfig } from "../../src/config/model.ts";
import type { Event } from "../../src/control/events.ts";
import { openDegradedBook } from "../../src/daemon/process/degraded-book.ts";
import type { Sysctls } from "../../src/daemon/process/sysctls.ts";
import { openAnnouncer } from "../../src/daemon/vrrp/announcer.ts";
import { Instance } from "../../src/daemon/vrrp/instance.ts";
import type { Leases } from "../../src/daemon/vrrp/leases.ts";
import type { Port } from "../../src/daemon/vrrp/port.ts";
import type { Link } from "../../src/kernel/links.ts";
import type { Request } from "../../src/kernel/netlink.ts";
import { openHolders } from "../../src/vip/holding/holders.ts";
import type { Machines } from "../../src/vip/holding/machines.ts";
import type { Vip } from "../../src/vip/model.ts";
import type { AdvertWay, FaultCause, InstanceConfig } from "../../src/vrrp/model.ts";
import { type Advert, decodeAdvert, VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";
import { instanceConfig } from "../helpers/desk-fixtures.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";
import { config, toGroup } from "../vrrp/router.ts";

const vip: Vip = {
  address: "203.0.113.1",
  prefixLength: 32,
  interface: "eth0",
  scope: "global",
  label: null,
  broadcast: null,
};

/** Everything is duet's. */
export const noMachines: Machines = {
  found: () => [],
  put: () => {},
  without: (things) => things,
  inTheWayOf: () => undefined,
  withRouteOf6: () => [],
  sharesRoute: () => false,
  isThere: () => false,
};

/** As with a kernel that knows no nftables. */
export const noLeases: Leases = {
  configure: () => {},
  cover: () => {},
  advertised: () => {},
  uncover: () => {},
  runs: () => true,
  areKept: () => false,
  close: () => {},
};

export const noSysctls: Sysctls = {
  need: () => null,
  needAtLeast: () => null,
  release: () => {},
  releaseAll: () => {},
};

export const MASTER_DOWN_MS = 3609.375;

export type Bench = {
  readonly instance: Instance;
  readonly port: Port;
  /** Adverts that left, decoded by the address that was the port's at that time; undefined = not decodable. */
  readonly sent: { readonly atMs: number; readonly advert: Advert | undefined }[];
  readonly requests: Request[];
  readonly frames: number[];
  readonly events: Event[];
  readonly lines: readonly Record<string, unknown>[];
  /** How often any alarm was set. */
  readonly alarmsSet: () => number;
  readonly advance: (ms: number) => void;
  readonly setPort: (change: { source?: string | undefined; faults?: FaultCause[] }) => void;
};

export function openBench(
  change: Partial<InstanceConfig> = {},
  hooks: Partial<HooksConfig> = {},
  way: Partial<AdvertWay> = {},
): Bench {
  const { clock, advance } = virtualClock();
  const { log, lines } = memoryLog();
  const sent: Bench["sent"] = [];
  const requests: Request[] = [];
  const frames: number[] = [];
  const events: Event[] = [];
  let alarmsSet = 0;
  let source: string | undefined = "198.51.100.10";
  let faults: readonly FaultCause[] = [];
  const port: Port = {
    faults: () => faults,
    source: () => source,
    send(bytes) {
      const path = { source: source ?? "", destination: VRRP_GROUP_IPV4 };
      const decoded = decodeAdvert(Buffer.from(bytes), path);
      sent.push({ atMs: clock.nowMs(), advert: decoded.ok ? decoded.advert : undefined });
    },
    exit: () => ({ interface: "eth0", borrowed: false }),
    occupy: () => {},
    hearOwner: () => {},
    vacate: () => {},
    vacating: () => [],
    refused: () => [],
    join: () => {},
    leave: () => {},
    isUsed: () => true,
    refresh: () => {},
    close: () => {},
  };
  const full: VrrpInstanceConfig = {
    ...instanceConfig(config.name, hooks),
    vrrp: { ...config, ...change },
    way: { ...toGroup, ...way },
    vips: [vip],
  };
  const linkOf = (name: string): Link => ({
    index: 7,
    name,
    up: true,
    running: true,
    mac: new Uint8Array(6),
  });
  const packets = { send: (index: number) => void frames.push(index), close: () => {} };
  const announcer = openAnnouncer({ clock, packets, linkOf, isSilent: () => false, log });
  const instance = new Instance(full, port, {
    clock: {
      nowMs: clock.nowMs,
      alarm(ring) {
        const alarm = clock.alarm(ring);
        return {
          set(atMs) {
            alarmsSet += 1;
            alarm.set(atMs);
          },
        };
      },
    },
    sysctls: noSysctls,
    netlink: {
      request: () => [],
      dump: () => [],
      dumpOf: () => [],
      batch(batch) {
        requests.push(...batch);
        return new Map();
      },
      portId: () => 1,
      transaction: () => new Map(),
      close: () => {},
    },
    holders: openHolders(),
    machines: noMachines,
    announcer,
    linkOf,
    firewall: { deny: () => {} },
    leases: noLeases,
    ability: { hasNetAdmin: true, isWithoutIpv6: () => false },
    degraded: openDegradedBook({ log, tell: (event) => void events.push(event) }),
    log,
    tell: (event) => void events.push(event),
    willChanged: () => {},
    tracked: () => new Map(),
    heldBack: () => null,
    standsBy: () => false,
    groups: {
      faultsOf: () => [],
      sickBeside: () => null,
      changed: () => {},
      lowerHeard: () => {},
      splitWon: () => {},
    },
  });
  return {
    instance,
    port,
    sent,
    requests,
    frames,
    events,
    lines,
    alarmsSet: () => alarmsSet,
    advance,
    setPort(next) {
      if ("source" in next) source = next.source;
      faults = next.faults ?? faults;
      instance.portChanged();
    },
  };
}
