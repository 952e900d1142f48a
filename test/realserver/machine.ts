// A machine of Maps that does what the kernel does with the changes of `duet realserver`, and can die at any of them.

import type { Hands } from "../../src/realserver/hands.ts";
import {
  type Actual,
  type Change,
  gatewayMetric,
  type Memory,
  NO_MEMORY,
  prefixLengthOf,
  SETTINGS,
  settingPath,
} from "../../src/realserver/model.ts";

export type Machine = {
  readonly hands: Hands;
  readonly save: (memory: Memory) => void;
  readonly actual: () => Actual;
  /** What is on its disk. */
  readonly memory: () => Memory;
  /** It dies at the n-th thing it does from now on, and everything fails until revive(). */
  readonly dieAfter: (count: number) => void;
  readonly revive: () => void;
};

export type Start = {
  readonly settings: ReadonlyMap<string, string>;
  readonly tunnelsUp: boolean;
  readonly defaults: readonly (readonly [via: string, metric: number])[];
  readonly addresses: readonly (readonly [device: string, address: string])[];
};

const DEVICES = ["lo", "eth0", "eth1", "tunl0", "ip6tnl0"];

/** Every setting that the machine has. */
export const PATHS = ["all", "default", ...DEVICES].flatMap((device) =>
  SETTINGS.map((setting) => settingPath(device, setting)),
);

/** `onChange` is called after everything it does. */
export function openMachine(start: Start, onChange: (actual: Actual) => void): Machine {
  const settings = new Map(start.settings);
  /** Settings that were written: the others follow "default" (devinet.c). */
  const written = new Set(
    PATHS.filter((path) => settings.get(path) !== settings.get(defaultOf(path))),
  );
  const up = new Set(["lo", "eth0", "eth1", ...(start.tunnelsUp ? ["tunl0", "ip6tnl0"] : [])]);
  let addresses = start.addresses.map(([device, address]) => held(device, address, false));
  let defaults = start.defaults.map(([via, metric]) => route(via, metric, false));
  let memory: Memory = NO_MEMORY;
  let left = Infinity;

  function live(): void {
    left -= 1;
    if (left < 0) throw new Error("dead");
  }

  function actual(): Actual {
    return {
      interfaces: DEVICES.map((name, i) => ({
        index: i + 1,
        name,
        up: up.has(name),
        loopback: name === "lo",
        arp: name.startsWith("eth"),
      })),
      addresses: [...addresses],
      settings: new Map(settings),
      defaults: defaults.toSorted((a, b) => a.metric - b.metric),
    };
  }

  function set(path: string, value: string): void {
    settings.set(path, value);
    written.add(path);
    for (const each of PATHS) {
      if (!written.has(each) && defaultOf(each) === path) settings.set(each, value);
    }
  }

  function make(change: Change): void {
    if (change.kind === "sysctl") set(change.path, change.value);
    if (change.kind === "up") up.add(change.device);
    if (change.kind === "address") {
      addresses = [...addresses, held(change.device, change.address, true)];
    }
    if (change.kind === "gateway")
      defaults = [route(change.via, gatewayMetric(4), true), ...defaults];
    if (change.kind === "away") defaults = defaults.filter(({ body }) => body !== change.body);
  }

  function undo(change: Change): void {
    if (change.kind === "sysctl") set(change.path, change.before);
    if (change.kind === "up") up.delete(change.device);
    if (change.kind === "address") {
      addresses = addresses.filter(
        ({ isOurs, device, address }) =>
          !(isOurs && device === change.device && address === change.address),
      );
    }
    if (change.kind === "gateway") {
      defaults = defaults.filter(({ isOurs, via }) => !isOurs || via !== change.via);
    }
    if (change.kind === "away" && !defaults.some(({ body }) => body === change.body)) {
      const [via = "", metric] = change.body.split(" ");
      defaults = [route(via, Number(metric), false), ...defaults];
    }
  }

  return {
    actual,
    memory: () => memory,
    dieAfter(count) {
      left = count;
    },
    revive() {
      left = Infinity;
    },
    save(next) {
      live();
      memory = next;
    },
    hands: {
      look: actual,
      needTunnel() {},
      make(change) {
        live();
        make(change);
        onChange(actual());
      },
      undo(change) {
        live();
        undo(change);
        onChange(actual());
        return undefined;
      },
      close() {},
    },
  };
}

function defaultOf(path: string): string {
  return path.replace(/conf\/(?!all\/)[^/]+\//, "conf/default/");
}

function held(device: string, address: string, isOurs: boolean) {
  return { device, address, prefixLength: prefixLengthOf(address), isOurs };
}

function route(via: string, metric: number, isOurs: boolean) {
  return {
    family: 4 as const,
    via,
    interfaceIndex: 2,
    severalHops: false,
    metric,
    protocol: 0,
    body: `${via} ${metric}${isOurs ? " ours" : ""}`,
    isOurs,
  };
}
