// One VRRP router for tests: a configuration to vary, and the machine in any of its states.

import type { Signatures } from "../../src/vrrp/accept.ts";
import { step } from "../../src/vrrp/machine.ts";
import { type AdvertWay, DEFAULT_POLICY, type InstanceConfig } from "../../src/vrrp/model.ts";
import { type Action, INITIAL, type Input, type State } from "../../src/vrrp/states.ts";
import { VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";

export const config: InstanceConfig = {
  name: "VI_1",
  interface: "eth0",
  vrid: 51,
  version: 3,
  priority: 100,
  advertIntervalMs: 1000,
  preempt: true,
  initialState: "BACKUP",
  addresses: ["203.0.113.1"],
  syncGroup: null,
  auth: { password: null, hmac: null },
  policy: DEFAULT_POLICY,
};

/** The way of its adverts. */
export const toGroup: AdvertWay = {
  family: 4,
  source: null,
  group: VRRP_GROUP_IPV4,
  peers: [],
  needsPeer: false,
  unicastTtl: 255,
  peersOnly: false,
  checksumAsV2: false,
};

/** Skew_Time of `config`, and its Master_Down_Interval. */
export const SKEW_MS = (156 * 1000) / 256;
export const MASTER_DOWN_MS = 3000 + SKEW_MS;

/** For who is configured without: nobody asks. */
export const noSignatures: Signatures = {
  open() {
    throw new Error("Cannot happen: no key is configured");
  },
};

export type AdvertInput = Input & { readonly type: "advert" };

export function advert(nowMs: number, change: Partial<AdvertInput> = {}): AdvertInput {
  return {
    type: "advert",
    nowMs,
    priority: 200,
    advertIntervalMs: 1000,
    source: "198.51.100.20",
    sourceIsGreater: true,
    ...change,
  };
}

export const faults: Input = { type: "faults", nowMs: 0, faults: ["interface_down"] };

/** In BACKUP since time 0. */
export function backup(of: InstanceConfig = config): State {
  return step(of, INITIAL, { type: "startup", nowMs: 0, faults: [] }).state;
}

/** In MASTER since Master_Down_Interval, told as time 0; the next advert is due at the end of an interval. */
export function master(of: InstanceConfig = config): State {
  return { name: "MASTER", advertAtMs: of.advertIntervalMs };
}

/** Each action as one line, "send-advert 100"; without the peer of a transition. */
export function told(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => {
    const { peer: _peer, ...said } = { peer: null, ...action };
    return Object.values(said).join(" ");
  });
}

/** As told(), with the peer: "transition BACKUP MASTER master_down_timer of 198.51.100.20 (200) at 0". */
export function toldWithPeers(actions: readonly Action[]): readonly string[] {
  return actions.map((action) => {
    const [line = ""] = told([action]);
    if (action.type !== "transition" || action.peer === null) return line;
    const { address, priority, heardMs } = action.peer;
    return `${line} of ${address} (${priority}) at ${heardMs}`;
  });
}
