// Virtual servers, their groups, real servers and checks as rows of canonical INI.

import type { CheckConfig } from "../../check/types/index.ts";
import type { ServiceKey } from "../../ipvs/model.ts";
import { hostPort } from "../../lib/ip.ts";
import { rowsOfType } from "../checks/build.ts";
import { placeRows, type Timing, type TimingKey, timingOf } from "../checks/common.ts";
import type { Config, RealServerConfig, VirtualServerConfig } from "../model.ts";
import { alertRows } from "../node/notify.ts";
import { type Row, rowsOf } from "../schema/fields.ts";
import { yesNo } from "../schema/plain-types.ts";
import { titleOf } from "../schema/titles.ts";
import { printIdentity } from "../schema/users.ts";
import { methodText } from "./ipvs-lines.ts";
import { realServerKeys, virtualServerKeys, WEIGHT_MAX } from "./keys.ts";

type Printed = readonly [title: string, rows: readonly Row[]];

export function directorSections({ virtualServers }: Config): readonly Printed[] {
  const servers = virtualServers.flatMap(({ realServers }) => realServers);
  const checks = new Map<string, PrintedCheck>();
  for (const check of servers.flatMap((server) => server.checks)) noteCheck(checks, check);
  const names = new Set(virtualServers.map(({ name }) => name));
  const groups = new Map(virtualServers.map((service) => [service.group, service]));
  return [
    ...Array.from(checks.values(), checkSection),
    ...Array.from(groups, ([name, { keys }]) => groupSection(name, keys)).flat(),
    ...virtualServers.flatMap((service) => [
      serviceSection(service),
      ...service.realServers.map((server) => serverSection(server, service, checks, names)),
    ]),
  ];
}

/** Where its uses differ, the value was a real server's, and is printed there. */
type PrintedCheck = {
  readonly check: CheckConfig;
  readonly timing: Timing;
  differing: Set<TimingKey>;
};

function noteCheck(checks: Map<string, PrintedCheck>, check: CheckConfig): void {
  const timing = timingOf(check);
  const known = checks.get(check.name);
  if (known === undefined) {
    checks.set(check.name, { check, timing, differing: new Set() });
    return;
  }
  for (const key of keysOf(timing)) {
    if (known.timing[key] !== timing[key]) known.differing.add(key);
  }
}

function checkSection({ check, timing, differing }: PrintedCheck): Printed {
  return [
    `check.${check.name}`,
    [
      ["type", check.type],
      ...rowsOfType(check),
      ...keysOf(timing).map((key): Row => [key, differing.has(key) ? null : timing[key]]),
      ["connects", check.connects === 0 ? null : check.connects],
      ["log_all_failures", check.logsFailures ? "yes" : null],
      ...placeRows(check),
    ],
  ];
}

function keysOf(timing: Timing): readonly TimingKey[] {
  return Object.keys(timing) as TimingKey[];
}

function groupSection(name: string | null, keys: readonly ServiceKey[]): readonly Printed[] {
  if (name === null) return [];
  const rows = keys.map((key): Row => ["member[]", memberText(key)]);
  return [[`virtual_server_group.${name}`, rows]];
}

function memberText(key: ServiceKey): string {
  if (key.kind === "fwmark") return `fwmark ${key.fwmark} ${familyWord(key.family)}`;
  return key.port === 0 ? key.address : `${key.address} ${key.port}`;
}

function serviceSection(service: VirtualServerConfig): Printed {
  const { persistence, sorryServer, hooks } = service;
  const rows: readonly Row[] = [
    ...whereRows(service),
    ...rowsOf(virtualServerKeys.keys, { ...service, ...hooks }),
    ["lb_kind", service.forward],
    ...service.flags.map((flag): Row => [flag, "yes"]),
    ["persistence_timeout", persistence?.timeoutS ?? null],
    ["persistence_granularity", persistence?.mask ?? persistence?.prefixLength ?? null],
    ["quorum", service.quorum],
    ["hysteresis", service.hysteresis],
    ["sorry_server", sorryServer && endpoint(sorryServer)],
    ["sorry_server_lvs_method", sorryServer && methodText(sorryServer)],
    ["script_user", printIdentity(hooks.scriptUser)],
    ["smtp_alert", yesNo(service.smtpAlert)],
    ...alertRows(service.alerts),
  ];
  return [`virtual_server.${service.name}`, rows];
}

function whereRows({ group, keys }: VirtualServerConfig): readonly Row[] {
  const [first] = keys;
  if (group !== null) {
    const protocol = keys.map((key) => (key.kind === "address" ? key.protocol : null));
    return [["protocol", protocol.find((each) => each !== null) ?? null]];
  }
  if (first === undefined) return [];
  if (first.kind === "fwmark") {
    return [
      ["fwmark", first.fwmark],
      ["ip_family", familyWord(first.family)],
    ];
  }
  return [
    ["address", endpoint(first)],
    ["protocol", first.protocol],
  ];
}

function familyWord(family: 4 | 6): string {
  return family === 6 ? "inet6" : "inet";
}

function serverSection(
  server: RealServerConfig,
  service: VirtualServerConfig,
  checks: ReadonlyMap<string, PrintedCheck>,
  services: ReadonlySet<string>,
): Printed {
  const { destination } = server;
  const timing = new Map<TimingKey, string | number | null>();
  for (const check of server.checks) {
    const values = timingOf(check);
    for (const key of checks.get(check.name)?.differing ?? []) timing.set(key, values[key]);
  }
  const rows: readonly Row[] = [
    ["address", endpoint(destination)],
    ["weight", destination.weight],
    ["lb_kind", methodText(destination)],
    ["uthreshold", destination.upperThreshold ?? null],
    ["lthreshold", destination.lowerThreshold ?? null],
    ...rowsOf(realServerKeys.keys, { ...server, ...server.hooks }),
    ["smtp_alert", yesNo(server.smtpAlert)],
    ["script_user", printIdentity(server.hooks.scriptUser)],
    ["check_quorum", server.checkQuorum],
    ["weight_min", server.weightMin === 0 ? null : server.weightMin],
    ["weight_max", server.weightMax === WEIGHT_MAX ? null : server.weightMax],
    ...server.checks.map(({ name }): Row => ["check[]", name]),
    ...timing,
  ];
  return [titleOf("real_server", [service.name, server.name], services), rows];
}

/** Port 0 (of every port, behind a mark or a group) is not written. */
function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
  if (port === 0) return address;
  return hostPort(address, port);
}
