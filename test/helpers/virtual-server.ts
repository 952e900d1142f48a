// A virtual server that says nothing but what a test is about.

import type { RealServerConfig, VirtualServerConfig } from "../../src/config/model.ts";
import type { ServiceKey } from "../../src/ipvs/model.ts";

export const WEB_KEY = {
  kind: "address",
  protocol: "tcp",
  address: "10.0.0.1",
  port: 80,
} as const satisfies ServiceKey;

export function virtualServerConfig(
  different: Partial<VirtualServerConfig> = {},
): VirtualServerConfig {
  return {
    name: "web",
    keys: [WEB_KEY],
    group: null,
    marks: [],
    scheduler: "rr",
    forward: "NAT",
    flags: [],
    persistence: null,
    persistenceEngine: null,
    quorum: 1,
    hysteresis: 0,
    sorryServer: null,
    sorryInhibit: false,
    hooks: { quorumUp: null, quorumDown: null, scriptUser: null },
    omega: false,
    haSuspend: false,
    smtpAlert: false,
    maintenanceRemove: false,
    monitorFile: null,
    alerts: { to: [], repeatMs: 0, phases: ["starting", "running", "stopping", "reloading"] },
    realServers: [],
    ...different,
  };
}

export function realServerConfig(
  name: string,
  address: string,
  different: Partial<RealServerConfig> = {},
): RealServerConfig {
  return {
    name,
    destination: { address, port: 80, forward: "NAT", weight: 1 },
    alpha: true,
    inhibitOnFailure: false,
    smtpAlert: false,
    hooks: { notifyUp: null, notifyDown: null, scriptUser: null },
    checkQuorum: null,
    weightMin: 0,
    weightMax: 2 ** 31 - 1,
    checks: [],
    ...different,
  };
}
