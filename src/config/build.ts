// A Draft without errors -> Config: references resolved, every default and inherited value filled in.

import type { CheckConfig, CheckTiming } from "../check/model.ts";
import type { Destination, Persistence, ServiceKey } from "../ipvs/model.ts";
import { buildWay } from "./adverts.ts";
import { buildAnnounce, buildPacing, buildPolicy, buildStartDelay } from "./build-announce.ts";
import { buildAuth } from "./build-auth.ts";
import {
  buildHolds,
  buildStatics,
  buildVip,
  countPriorities,
  type Priorities,
} from "./build-held.ts";
import {
  buildGlobal,
  buildHooks,
  buildNotify,
  checkerAlert,
  type IdentityOf,
  userOf,
} from "./build-notify.ts";
import { buildTracked, writtenTracking } from "./build-tracked.ts";
import { buildTrackers } from "./build-trackers.ts";
import type { Draft, Section } from "./draft.ts";
import {
  forwardOf,
  portOf,
  preempts,
  priorityOf,
  type Servers,
  serversByService,
  serviceKeyOf,
  syncGroupOf,
  versionOf,
  weightOf,
} from "./effective.ts";
import type { KeyFile } from "./hmac-key.ts";
import type {
  Config,
  RealServerConfig,
  VirtualServerConfig,
  VrrpInstanceConfig,
  VrrpScriptConfig,
  VrrpSyncGroupConfig,
} from "./model.ts";

export function buildConfig(
  draft: Draft,
  hostname: string,
  identityOf: IdentityOf,
  keyFile: (path: string) => KeyFile,
): Config {
  const checks = new Map(draft.check.map((section) => [nameOf(section), section]));
  const servers = serversByService(draft);
  const priorities = countPriorities();
  return {
    global: buildGlobal(draft, hostname, identityOf),
    vrrpScripts: draft.vrrp_script.map((section) =>
      buildScript(section, userOf(section.values.user, draft, identityOf)),
    ),
    trackers: buildTrackers(draft),
    statics: buildStatics(draft, priorities),
    vrrpInstances: draft.vrrp_instance.map((section) =>
      buildInstance(section, draft, identityOf, keyFile, priorities),
    ),
    vrrpSyncGroups: draft.vrrp_sync_group.map((section) => buildGroup(section, draft, identityOf)),
    virtualServers: draft.virtual_server.map((section) =>
      buildVirtualServer(section, servers.get(nameOf(section)) ?? [], checks, draft),
    ),
    notify: buildNotify(draft, hostname, identityOf),
    startDelay: buildStartDelay(draft),
    pacing: buildPacing(draft),
  };
}

const CHECK_DEFAULTS = {
  intervalMs: 6000,
  timeoutMs: 5000,
  retry: 1,
  delayBeforeRetryMs: 1000,
  rise: 1,
} as const;

// keepalived's persistence_timeout without a value, and what persistence_granularity alone means there.
const PERSISTENCE_TIMEOUT_S = 360;

function buildScript(
  section: Section<"vrrp_script">,
  user: VrrpScriptConfig["user"],
): VrrpScriptConfig {
  const { script, interval, timeout, weight, rise, fall, init_fail } = section.values;
  return {
    name: nameOf(section),
    command: needed(script),
    intervalMs: interval,
    timeoutMs: timeout ?? interval,
    weight: weight.weight,
    reverse: weight.reverse,
    rise,
    fall,
    initFail: init_fail,
    user,
  };
}

function buildInstance(
  section: Section<"vrrp_instance">,
  draft: Draft,
  identityOf: IdentityOf,
  keyFile: (path: string) => KeyFile,
  priorities: Priorities,
): VrrpInstanceConfig {
  const { values } = section;
  const group = syncGroupOf(section, draft);
  const ownInterface = needed(values.interface);
  const lines = values.virtual_ipaddress.map(({ value }) => value);
  return {
    vrrp: {
      name: nameOf(section),
      interface: ownInterface,
      vrid: needed(values.virtual_router_id),
      version: versionOf(section, draft),
      priority: priorityOf(section),
      advertIntervalMs: values.advert_int,
      preempt: preempts(section),
      initialState: values.state,
      addresses: lines.map(({ address }) => address),
      syncGroup: group === undefined ? null : nameOf(group),
      auth: buildAuth(section, keyFile),
      policy: buildPolicy(section, draft),
    },
    way: buildWay(section, draft),
    vips: lines.map((line) => buildVip(line, ownInterface)),
    holds: buildHolds(section, priorities, ownInterface),
    announce: buildAnnounce(section, draft),
    hooks: buildHooks(section, draft, identityOf, group),
    ...buildTracked(section, group, draft),
  };
}

function buildGroup(
  section: Section<"vrrp_sync_group">,
  draft: Draft,
  identityOf: IdentityOf,
): VrrpSyncGroupConfig {
  const members = section.values.group.map(({ value }) => value);
  return {
    name: nameOf(section),
    members,
    tracked: writtenTracking(section, draft),
    trackingWeight: section.values.sync_group_tracking_weight,
    hooks: buildHooks(section, draft, identityOf),
  };
}

type Checks = ReadonlyMap<string, Section<"check">>;

function buildVirtualServer(
  section: Section<"virtual_server">,
  servers: Servers,
  checks: Checks,
  draft: Draft,
): VirtualServerConfig {
  const { values } = section;
  const key = needed(serviceKeyOf(section, servers));
  return {
    name: nameOf(section),
    key,
    scheduler: values.lb_algo,
    forward: values.lb_kind,
    persistence: buildPersistence(section, key),
    quorum: values.quorum,
    hysteresis: values.hysteresis,
    sorryServer: buildSorryServer(section),
    smtpAlert: checkerAlert(section, draft),
    realServers: servers.map((server) => ({
      ...buildRealServer(server, section, checks),
      smtpAlert: checkerAlert(server, draft),
    })),
  };
}

function buildPersistence(section: Section<"virtual_server">, key: ServiceKey): Persistence | null {
  const { persistence_timeout: timeoutMs, persistence_granularity: prefixLength } = section.values;
  if (timeoutMs === undefined && prefixLength === undefined) return null;
  const inet6 = key.kind === "fwmark" ? key.family === 6 : key.address.includes(":");
  return {
    timeoutS: timeoutMs === undefined ? PERSISTENCE_TIMEOUT_S : timeoutMs / 1000,
    prefixLength: prefixLength ?? (inet6 ? 128 : 32),
  };
}

function buildSorryServer(section: Section<"virtual_server">): Destination | null {
  const { sorry_server, lb_kind, address } = section.values;
  if (sorry_server === undefined) return null;
  // Only NAT rewrites a port: with DR and TUN the packet arrives at the port of the service.
  const port =
    lb_kind === "NAT" || address === undefined
      ? portOf(sorry_server.port, section)
      : portOf(null, section);
  return { address: sorry_server.address, port, forward: lb_kind, weight: 1 };
}

function buildRealServer(
  section: Section<"real_server">,
  service: Section<"virtual_server">,
  checks: Checks,
): Omit<RealServerConfig, "smtpAlert"> {
  const { address, inhibit_on_failure, check } = section.values;
  const endpoint = needed(address);
  const named = new Set(service.values.check.map(({ value }) => value));
  for (const { value } of check) named.add(value);
  return {
    name: section.labels[1] ?? "",
    destination: {
      address: endpoint.address,
      port: portOf(endpoint.port, service),
      forward: forwardOf(section, service),
      weight: weightOf(section, service),
    },
    inhibitOnFailure: inhibit_on_failure ?? service.values.inhibit_on_failure,
    checks: Array.from(named, (name) => buildCheck(needed(checks.get(name)), section, service)),
  };
}

/** keepalived's precedence: check, then real server, then virtual server, then built in. */
function buildCheck(
  section: Section<"check">,
  server: Section<"real_server">,
  service: Section<"virtual_server">,
): CheckConfig {
  const own = section.values;
  const outer = server.values;
  const outermost = service.values;
  const timing: CheckTiming = {
    name: nameOf(section),
    intervalMs: own.interval ?? outer.interval ?? outermost.interval ?? CHECK_DEFAULTS.intervalMs,
    timeoutMs: own.timeout ?? outer.timeout ?? outermost.timeout ?? CHECK_DEFAULTS.timeoutMs,
    retry: own.retry ?? outer.retry ?? outermost.retry ?? CHECK_DEFAULTS.retry,
    delayBeforeRetryMs:
      own.delay_before_retry ??
      outer.delay_before_retry ??
      outermost.delay_before_retry ??
      CHECK_DEFAULTS.delayBeforeRetryMs,
    rise: own.rise ?? outer.rise ?? outermost.rise ?? CHECK_DEFAULTS.rise,
    port: own.port ?? null,
  };
  if (own.type !== "http") return { ...timing, type: "tcp" };
  return {
    ...timing,
    type: "http",
    path: own.path,
    host: own.host ?? null,
    status: own.status,
    body:
      own.body !== undefined
        ? { kind: "text", text: own.body }
        : own.regex !== undefined
          ? { kind: "regex", source: own.regex }
          : null,
  };
}

function nameOf(section: { readonly labels: readonly string[] }): string {
  return section.labels[0] ?? "";
}

/** A draft without errors has it: anything else is a hole in the rules. */
function needed<T>(value: T | undefined): T {
  if (value === undefined)
    throw new Error("Cannot happen: a key that the rules ask for is missing");
  return value;
}
