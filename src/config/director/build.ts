// Virtual servers, real servers and their checks: sections without errors -> Config.

import type { CheckConfig } from "../../check/types/index.ts";
import type { Destination, ServiceFlag, Tunnel } from "../../ipvs/model.ts";
import type { WantedPersistence } from "../../ipvs/quorum.ts";
import { type Around, buildOfType, isOfServer } from "../checks/build.ts";
import { buildPlace, buildTiming, TIMING_KEYS } from "../checks/common.ts";
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
import { virtualServerKeys, WEIGHT_MAX } from "./keys.ts";

// keepalived's persistence_timeout without a value, and what persistence_granularity alone means there.
const PERSISTENCE_TIMEOUT_S = 360;

export type Surrounding = {
  readonly checks: ReadonlyMap<string, Section<"check">>;
  readonly draft: Draft;
  readonly identityOf: IdentityOf;
  /** Thousands of real servers have one check, and the same times: they share what is built. */
  readonly built: Map<string, CheckConfig>;
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
  surrounding: Surrounding,
): RealServerConfig {
  const { draft, identityOf } = surrounding;
  const { values } = section;
  const { uthreshold, lthreshold } = values;
  return {
    name: section.labels[1] ?? "",
    alpha: values.alpha,
    inhibitOnFailure: values.inhibit_on_failure,
    hooks: {
      notifyUp: values.notify_up ?? null,
      notifyDown: values.notify_down ?? null,
      scriptUser: userOf(values.script_user, draft, identityOf),
    },
    destination: {
      address: needed(values.address).address,
      port: serverPortOf(section, service),
      ...forwardingOf(values.lb_kind),
      weight: values.weight,
      ...(uthreshold > 0 && { upperThreshold: uthreshold }),
      ...(lthreshold > 0 && { lowerThreshold: lthreshold }),
    },
    checkQuorum: values.check_quorum ?? null,
    weightMin: values.weight_min ?? 0,
    weightMax: values.weight_max ?? WEIGHT_MAX,
    checks: buildChecks(section, service, surrounding),
    smtpAlert: checkerAlert(section, draft),
  };
}

function buildChecks(
  server: Section<"real_server">,
  service: Section<"virtual_server">,
  { checks, draft, identityOf, built }: Surrounding,
): readonly CheckConfig[] {
  const named = new Set<string>();
  for (const { value } of service.values.check) named.add(value);
  for (const { value } of server.values.check) named.add(value);
  const times = TIMING_KEYS.map((key) => server.values[key]).join(" ");
  return Array.from(named, (name) => {
    const id = `${name} ${times}`;
    const known = built.get(id);
    if (known !== undefined) return known;
    const section = needed(checks.get(name));
    const check = buildCheck(section, { server, service, draft, identityOf });
    if (!isOfServer(section)) built.set(id, check);
    return check;
  });
}

/** keepalived's precedence: check, then real server, then virtual server, then built in. */
function buildCheck(section: Section<"check">, around: Around): CheckConfig {
  const { connects } = section.values;
  const common = {
    name: nameOf(section),
    logsFailures: section.values.log_all_failures,
    ...buildTiming(section, around.server),
    connects,
    ...buildPlace(section),
  };
  return buildOfType(section, common, around);
}
