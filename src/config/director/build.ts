// Virtual servers, real servers and their checks: sections without errors -> Config.

import type { CheckConfig } from "../../check/types/index.ts";
import type { Destination, ServiceFlag, Tunnel } from "../../ipvs/model.ts";
import type { WantedPersistence } from "../../ipvs/quorum.ts";
import { type Around, buildOfType } from "../checks/build.ts";
import { buildPlace, buildTiming } from "../checks/common.ts";
import type { RealServerConfig, VirtualServerConfig } from "../model.ts";
import { buildAlerts, checkerAlert, type IdentityOf, userOf } from "../node/notify.ts";
import { fieldsOf, needed } from "../schema/fields.ts";
import type { LvsMethod } from "../schema/row.ts";
import { type Draft, nameOf, type Section } from "../schema/section.ts";
import {
  portOf,
  quorumOf,
  type Servers,
  serverPortOf,
  serviceKeysOf,
  sorryMethodOf,
} from "./effective.ts";
import { realServerKeys, virtualServerKeys, WEIGHT_MAX } from "./keys.ts";

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
  const { quorumUp, quorumDown, ...fields } = fieldsOf(virtualServerKeys.keys, values);
  return {
    name: nameOf(section),
    ...fields,
    keys: needed(serviceKeysOf(section, servers, draft)),
    forward: values.lb_kind.forward,
    flags: flagsOf(section),
    persistence: buildPersistence(section),
    ...quorumOf(section),
    sorryServer: buildSorryServer(section),
    hooks: { quorumUp, quorumDown, scriptUser: userOf(values.script_user, draft, identityOf) },
    smtpAlert: checkerAlert(section, draft),
    alerts: buildAlerts(section, draft),
    realServers: servers.map((server) => buildRealServer(server, section, surrounding)),
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
): RealServerConfig {
  const { address, check, uthreshold, lthreshold, script_user } = section.values;
  const { notifyUp, notifyDown, ...fields } = fieldsOf(realServerKeys.keys, section.values);
  const endpoint = needed(address);
  const named = new Set(service.values.check.map(({ value }) => value));
  for (const { value } of check) named.add(value);
  return {
    name: section.labels[1] ?? "",
    ...fields,
    hooks: { notifyUp, notifyDown, scriptUser: userOf(script_user, draft, identityOf) },
    destination: {
      address: endpoint.address,
      port: serverPortOf(section, service),
      ...forwardingOf(section.values.lb_kind),
      weight: section.values.weight,
      ...(uthreshold > 0 && { upperThreshold: uthreshold }),
      ...(lthreshold > 0 && { lowerThreshold: lthreshold }),
    },
    checkQuorum: section.values.check_quorum ?? null,
    weightMin: section.values.weight_min ?? 0,
    weightMax: section.values.weight_max ?? WEIGHT_MAX,
    checks: Array.from(named, (name) =>
      buildCheck(needed(checks.get(name)), { server: section, service, draft, identityOf }),
    ),
    smtpAlert: checkerAlert(section, draft),
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
