// A configuration and a status as the desk sees them.

import type { Config, HooksConfig, VrrpInstanceConfig } from "../../src/config/model.ts";
import type { Degraded } from "../../src/control/degraded.ts";
import type { InstanceStatus, Status, VirtualServerStatus } from "../../src/control/status.ts";
import { NO_HOOKS } from "../../src/desk/model.ts";
import { NO_LVS } from "../../src/ipvs/lvs.ts";
import type { AnnounceConfig } from "../../src/vip/model.ts";
import { DEFAULT_POLICY } from "../../src/vrrp/model.ts";
import { toGroup } from "../vrrp/router.ts";

export const noHooks: HooksConfig = { ...NO_HOOKS, priorityChanges: false, smtpAlert: false };

export const usualAnnounce: AnnounceConfig = {
  repeat: 5,
  delayMs: 5000,
  lowerRepeat: 5,
  lowerDelayMs: 5000,
  refreshMs: 0,
  refreshRepeat: 1,
  extraMs: 0,
  extraAll: false,
};

export function configWith(parts: Partial<Config> = {}): Config {
  return {
    global: {
      routerId: "lb1",
      hookTimeoutMs: 5000,
      scriptUser: null,
      logUnknownVrids: false,
      scriptSecurity: true,
      maintenanceDirectory: null,
      addressLinkPrefix: "vrrp",
      dumps: { stateFile: null, statsFile: null, jsonFile: null, jsonVersion: 1 },
      nftables: { table: "duet", priority: null, counters: false },
    },
    vrrpScripts: [],
    trackers: { interfaces: [], files: [], processes: [], bfd: [] },
    statics: { vips: [], routes: [], rules: [] },
    vrrpInstances: [],
    vrrpSyncGroups: [],
    virtualServers: [],
    lvs: NO_LVS,
    notify: {
      fifos: [],
      statesOnReload: false,
      mail: null,
      mailFaults: true,
      startupScript: null,
      shutdownScript: null,
    },
    startDelay: { startupMs: 0, afterBootMs: 0 },
    pacing: { garpMs: 0, gnaMs: 0, groups: [] },
    scheduling: {
      vrrp: { rtPriority: null, nice: null, cpus: [], rttimeUs: null },
      checker: { rtPriority: null, nice: null, cpus: [], rttimeUs: null },
      lateness: { fromMs: 1000, maxAutoPriority: 0 },
    },
    ...parts,
  };
}

export function instanceConfig(name: string, hooks: Partial<HooksConfig> = {}): VrrpInstanceConfig {
  return {
    vrrp: {
      name,
      interface: "eth0",
      vrid: 51,
      version: 2,
      priority: 150,
      advertIntervalMs: 1000,
      preempt: true,
      initialState: "MASTER",
      addresses: ["172.17.253.110"],
      syncGroup: null,
      auth: { password: null, hmac: null },
      policy: DEFAULT_POLICY,
    },
    way: toGroup,
    vips: [],
    link: null,
    addressLinks: [],
    holds: { excluded: [], routes: [], rules: [], promoteSecondaries: false, accept: true },
    announce: usualAnnounce,
    hooks: { ...noHooks, ...hooks },
    trackScripts: [],
    tracking: { uses: [], dontTrackPrimary: false, bfdPromote: null },
  };
}

export const masterInstance: InstanceStatus = {
  name: "VI_1",
  interface: "eth0",
  vrid: 51,
  vrrp_version: 2,
  state: "MASTER",
  base_priority: 150,
  priority: 90,
  since: "2026-01-01T00:00:00.000Z",
  cause: "master_down_timer",
  master: { address: "172.17.253.97", priority: 90 },
  advert_interval_ms: 1000,
  master_down_interval_ms: 3414,
  virtual_addresses: ["172.17.253.110/24", "172.17.253.111/24"],
  faults: [],
  counters: {
    adverts_sent: 9,
    adverts_received: 0,
    priority_zero_sent: 0,
    priority_zero_received: 0,
    became_master: 1,
    released_master: 0,
    send_errors: 0,
    address_list_mismatch: 0,
    checksum_form_mismatch: 0,
    advert_interval_limited: 0,
    rejected: { checksum: 0, ttl: 0 },
  },
};

export const faultInstance: InstanceStatus = {
  ...masterInstance,
  name: "VI_long_name",
  vrid: 7,
  state: "FAULT",
  priority: 150,
  since: "2025-12-30T00:00:00.000Z",
  cause: "fault",
  master: null,
  faults: ["interface_down", "check-nginx.sh: exit status 3"],
};

export const webServer: VirtualServerStatus = {
  name: "web",
  address: "172.17.253.110:80",
  fwmark: null,
  protocol: "tcp",
  lb_algo: "wrr",
  lb_kind: "DR",
  persistence_timeout_s: 50,
  quorum: 1,
  quorum_up: true,
  sorry_server_active: false,
  error: null,
  real_servers: [
    {
      name: "rs1",
      address: "172.17.253.140:80",
      weight: 2,
      effective_weight: 2,
      state: "UP",
      active_connections: 12,
      inactive_connections: 345,
      checks: [
        {
          name: "ok_page",
          type: "http",
          state: "UP",
          last_ok: true,
          last_detail: "200",
          last_took_ms: 1.234,
          last_at: "2026-01-01T00:02:03.000Z",
        },
      ],
    },
    {
      name: "rs2",
      address: "172.17.253.193:80",
      weight: 2,
      effective_weight: 0,
      state: "DOWN",
      active_connections: 0,
      inactive_connections: 0,
      checks: [
        {
          name: "ok_page",
          type: "http",
          state: "DOWN",
          last_ok: null,
          last_detail: null,
          last_took_ms: null,
          last_at: null,
        },
      ],
    },
  ],
};

export function statusWith(parts: Partial<Status> = {}): Status {
  return {
    version: "0.1.0",
    router_id: "lb1",
    uptime_s: 125.4,
    processes: [{ role: "guardian", pid: 100, restarts: 0 }],
    vrrp_instances: [],
    vrrp_sync_groups: [],
    virtual_servers: [],
    degraded: [],
    ...parts,
  };
}

export const vrrpSilent: Degraded = {
  kind: "role_silent",
  subject: "vrrp",
  since: "2026-01-01T00:02:00.000Z",
  text: "it does not answer",
};
