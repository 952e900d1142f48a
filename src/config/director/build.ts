// Virtual servers, real servers and their checks: sections without errors -> Config.

import type { CheckConfig } from "../../check/types/index.ts";
import type { Destination, ServiceFlag, Tunnel } from "../../ipvs/model.ts";
import type { WantedPersistence } from "../../ipvs/quorum.ts";
import { type Around, buildOfType } from "../checks/build.ts";
import { buildPlace, buildTiming } from "../checks/common.ts";
import {
  portOf,
  quorumOf,
  type Servers,
  serverPortOf,
  serviceKeysOf,
  sorryMethodOf,
} from "../effective.ts";
import type { RealServerConfig, VirtualServerConfig } from "../model.ts";
import { buildAlerts, checkerAlert, type IdentityOf, userOf } from "../node/notify.ts";
import { needed } from "../schema/fields.ts";
import type { LvsMethod } from "../schema/row.ts";
import { type Draft, nameOf, type Section } from "../schema/section.ts";
import { WEIGHT_MAX } from "./keys.ts";

// keepalived's persistence_timeout without a value, and what persistence_granularity alone means there.
const PERSISTENCE_TIMEOUT_S = 360;

export type Surrounding = {
  readonly checks: ReadonlyMap<string, Section<"check">>;
  readonly draft: Draft;
  readonly identityOf: IdentityOf;
};

export function buildVirtualServer(
  section: Section<"virtual_server">,
  servers: Servers,
  surrounding: Surrounding,
): VirtualServerConfig {
  const { draft, identityOf } = surrounding;
  const { values } = section;
  return {
    name: nameOf(section),
    keys: needed(serviceKeysOf(section, servers, draft)),
    group: values.group ?? null,
    marks: values.mark.map(({ value }) => value),
    scheduler: values.lb_algo,
    forward: values.lb_kind.forward,
    flags: flagsOf(section),
    persistence: buildPersistence(section),
    persistenceEngine: values.persistence_engine ?? null,
    ...quorumOf(section),
    sorryServer: buildSorryServer(section),
    sorryInhibit: values.sorry_server_inhibit,
    hooks: {
      quorumUp: values.quorum_up ?? null,
      quorumDown: values.quorum_down ?? null,
      scriptUser: userOf(values.script_user, draft, identityOf),
    },
    omega: values.omega,
    haSuspend: values.ha_suspend,
    smtpAlert: checkerAlert(section, draft),
    maintenanceRemove: values.maintenance_remove,
    monitorFile: values.monitor_file ?? null,
    alerts: buildAlerts(section, draft),
    realServers: servers.map((server) => ({
      ...buildRealServer(server, section, surrounding),
      smtpAlert: checkerAlert(server, draft),
    })),
  };
}

/** What the schedulers' own words are to the kernel: IP_VS_SVC_F_SCHED_SH_PORT and its like. */
const flagWords = {
  ops: ["ops"],
  "flag-1": ["flag-1", "sh-fallback", "mh-fallback"],
  "flag-2": ["flag-2", "sh-port", "mh-port"],
  "flag-3": ["flag-3"],
} as const;

function flagsOf({ values }: Section<"virtual_server">): readonly ServiceFlag[] {
  const flags = Object.keys(flagWords) as ServiceFlag[];
  return flags.filter((flag) => flagWords[flag].some((word) => values[word]));
}

function buildPersistence({ values }: Section<"virtual_server">): WantedPersistence | null {
  const { persistence_timeout: timeoutMs, persistence_granularity: granularity } = values;
  if (timeoutMs === undefined && granularity === undefined) return null;
  return {
    timeoutS: timeoutMs === undefined ? PERSISTENCE_TIMEOUT_S : timeoutMs / 1000,
    prefixLength: typeof granularity === "number" ? granularity : null,
    ...(typeof granularity === "string" && { mask: granularity }),
  };
}

function buildSorryServer(section: Section<"virtual_server">): Destination | null {
  const { sorry_server, address } = section.values;
  if (sorry_server === undefined) return null;
  const method = sorryMethodOf(section);
  // Only NAT rewrites a port: with DR and TUN the packet arrives at the port of the service.
  const port =
    method.forward === "NAT" || address === undefined
      ? portOf(sorry_server.port, section)
      : portOf(null, section);
  return { address: sorry_server.address, port, ...forwardingOf(method), weight: 1 };
}

function forwardingOf({ forward, tunnel }: LvsMethod): Pick<Destination, "forward"> & {
  readonly tunnel?: Tunnel;
} {
  return { forward, ...(tunnel !== null && { tunnel }) };
}

function buildRealServer(
  section: Section<"real_server">,
  service: Section<"virtual_server">,
  { checks, draft, identityOf }: Surrounding,
): Omit<RealServerConfig, "smtpAlert"> {
  const { address, inhibit_on_failure, check, alpha, uthreshold, lthreshold } = section.values;
  const endpoint = needed(address);
  const named = new Set(service.values.check.map(({ value }) => value));
  for (const { value } of check) named.add(value);
  const { notify_up, notify_down, script_user } = section.values;
  return {
    name: section.labels[1] ?? "",
    hooks: {
      notifyUp: notify_up ?? null,
      notifyDown: notify_down ?? null,
      scriptUser: userOf(script_user, draft, identityOf),
    },
    destination: {
      address: endpoint.address,
      port: serverPortOf(section, service),
      ...forwardingOf(section.values.lb_kind),
      weight: section.values.weight,
      ...(uthreshold > 0 && { upperThreshold: uthreshold }),
      ...(lthreshold > 0 && { lowerThreshold: lthreshold }),
    },
    alpha,
    inhibitOnFailure: inhibit_on_failure,
    checkQuorum: section.values.check_quorum ?? null,
    weightMin: section.values.weight_min ?? 0,
    weightMax: section.values.weight_max ?? WEIGHT_MAX,
    checks: Array.from(named, (name) =>
      buildCheck(needed(checks.get(name)), { server: section, service, draft, identityOf }),
    ),
  };
}

/** keepalived's precedence: check, then real server, then virtual server, then built in. */
function buildCheck(section: Section<"check">, around: Around): CheckConfig {
  const { server } = around;
  const { connects } = section.values;
  const timing = { ...buildTiming([section, server]), connects };
  const common = {
    name: nameOf(section),
    logsFailures: section.values.log_all_failures,
    ...timing,
    ...buildPlace(section),
  };
  return buildOfType(section, common, around);
}
