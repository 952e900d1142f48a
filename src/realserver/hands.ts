// Reads the machine, and makes and undoes changes of it.

import {
  addAddress,
  listAddresses,
  REAL_SERVER_PROTO,
  removeAddress,
} from "../kernel/addresses.ts";
import { listDefaultRoutes, putBackRoute, takeAwayRoute } from "../kernel/default-routes.ts";
import { isKernelError } from "../kernel/errors.ts";
import { listInterfaces } from "../kernel/interfaces.ts";
import { loadModule } from "../kernel/modprobe.ts";
import { NETLINK_ROUTE, openNetlink, type Request } from "../kernel/netlink.ts";
import { addRoute, type NewRoute, removeRoute } from "../kernel/routes.ts";
import { readSysctl, writeSysctl } from "../kernel/sysctl.ts";
import { setLinkUp } from "../kernel/virtual-links.ts";
import { familyOf } from "../lib/ip.ts";
import {
  type Actual,
  type Change,
  gatewayMetric,
  prefixLengthOf,
  SETTINGS,
  settingPath,
  TUNNELS,
  type Tunnel,
} from "./model.ts";

export type Hands = {
  readonly look: () => Actual;
  /** Loads its module where it is missing. Throws when there is none. */
  readonly needTunnel: (tunnel: Tunnel) => void;
  /** Done already is done. Throws KernelError, or the error of /proc/sys. */
  readonly make: (change: Change) => void;
  /** What was never made is undone already. Gives what was left as it is, and why. */
  readonly undo: (change: Change) => string | undefined;
  readonly close: () => void;
};

const TABLE_MAIN = 254;
const SCOPE_GLOBAL = 0;

export function openHands(): Hands {
  const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");

  function look(): Actual {
    const interfaces = listInterfaces(netlink);
    const nameOf = new Map(interfaces.map(({ index, name }) => [index, name]));
    const settings = ["all", "default", ...nameOf.values()].flatMap((device) =>
      SETTINGS.flatMap((setting) => {
        const path = settingPath(device, setting);
        const value = readSysctl(path);
        return value === undefined ? [] : [[path, value] as const];
      }),
    );
    return {
      interfaces,
      addresses: listAddresses(netlink).map(
        ({ interfaceIndex, address, prefixLength, proto, label }) => {
          const device = nameOf.get(interfaceIndex) ?? `interface ${interfaceIndex}`;
          // Kernels before 5.18 know no mark, but a label.
          const isOurs = proto === null ? label === labelOf(device) : proto === REAL_SERVER_PROTO;
          return { device, address, prefixLength, isOurs };
        },
      ),
      settings: new Map(settings),
      defaults: listDefaultRoutes(netlink).map((route) => ({
        ...route,
        isOurs: route.protocol === REAL_SERVER_PROTO,
      })),
    };
  }

  const interfaceOf = (device: string) =>
    listInterfaces(netlink).find(({ name }) => name === device);

  function indexOf(device: string): number {
    const found = interfaceOf(device);
    if (found === undefined) throw new Error(`there is no interface ${device}`);
    return found.index;
  }

  function request(wanted: Request, ...fine: readonly string[]): void {
    try {
      netlink.request(wanted);
    } catch (error) {
      if (!isKernelError(error, ...fine)) throw error;
    }
  }

  function newAddress(device: string, address: string) {
    return {
      interfaceIndex: indexOf(device),
      address,
      prefixLength: prefixLengthOf(address),
      scope: SCOPE_GLOBAL,
      label: familyOf(address) === 4 ? labelOf(device) : null,
      broadcast: null,
      leaseS: null,
      mark: REAL_SERVER_PROTO,
    };
  }

  function undoSetting(path: string, value: string, before: string): string | undefined {
    const now = readSysctl(path);
    if (now === undefined || now === before) return undefined;
    if (now !== value) return `${path} is ${now}, which somebody else made it: it stays`;
    writeSysctl(path, before);
    return undefined;
  }

  function undoUp(device: string): undefined {
    const index = interfaceOf(device)?.index;
    if (index !== undefined) request(setLinkUp(index, false));
  }

  function undoAddress(device: string, address: string): undefined {
    const interfaceIndex = interfaceOf(device)?.index;
    if (interfaceIndex === undefined) return;
    const prefixLength = prefixLengthOf(address);
    request(removeAddress({ interfaceIndex, address, prefixLength }), "EADDRNOTAVAIL");
  }

  return {
    look,
    needTunnel(tunnel) {
      if (interfaceOf(tunnel) !== undefined) return;
      const loading = loadModule(TUNNELS[tunnel]);
      if (interfaceOf(tunnel) !== undefined) return;
      const why = loading.ok
        ? "it was loaded, but this network namespace got none (net.core.fb_tunnels_only_for_init_net)"
        : loading.reason;
      throw new Error(`there is no ${tunnel} without the module ${TUNNELS[tunnel]}: ${why}`);
    },
    make(change) {
      switch (change.kind) {
        case "sysctl":
          return writeSysctl(change.path, change.value);
        case "up":
          return request(setLinkUp(indexOf(change.device), true));
        case "address":
          return request(addAddress(newAddress(change.device, change.address)), "EEXIST");
        case "gateway":
          return request(addRoute(gatewayRoute(change.via)), "EEXIST");
        case "away":
          return request(takeAwayRoute(change.body), "ESRCH");
      }
    },
    undo(change) {
      switch (change.kind) {
        case "sysctl":
          return undoSetting(change.path, change.value, change.before);
        case "up":
          return undoUp(change.device);
        case "address":
          return undoAddress(change.device, change.address);
        case "gateway":
          request(removeRoute(gatewayRoute(change.via)), "ESRCH");
          return undefined;
        case "away":
          request(putBackRoute(change.body), "EEXIST");
          return undefined;
      }
    },
    close: () => netlink.close(),
  };
}

function labelOf(device: string): string {
  return `${device}:duet`;
}

function gatewayRoute(via: string): NewRoute {
  const family = familyOf(via) ?? 4;
  return {
    type: "unicast",
    destination: family === 4 ? "0.0.0.0" : "::",
    prefixLength: 0,
    source: null,
    table: TABLE_MAIN,
    scope: SCOPE_GLOBAL,
    metric: gatewayMetric(family),
    protocol: REAL_SERVER_PROTO,
    mtu: null,
    hops: [{ via, interfaceIndex: null, weight: 1, onlink: false }],
  };
}
