// What elections are told of the virtual servers that they track: whether this node can serve them.

import type { VirtualServerConfig, VrrpInstanceConfig } from "../../config/model.ts";
import { byName } from "../../director/table.ts";
import { canonicalKey } from "../../ipvs/canonical.ts";
import { serviceName } from "../../ipvs/model.ts";
import { isSameJson } from "../../lib/same-json.ts";
import type { ServiceNow } from "../../track/services.ts";
import { quorumText, serviceError } from "./health.ts";
import type { Director } from "./stages.ts";

/** Names of virtual servers. */
export function trackedIn(instances: readonly VrrpInstanceConfig[]): ReadonlySet<string> {
  const uses = instances.flatMap(({ tracking }) => tracking.uses);
  return new Set(uses.flatMap(({ kind, name }) => (kind === "virtual_server" ? [name] : [])));
}

/** What has not changed is not told again, and nothing where nothing is tracked. */
export function tellServed(director: Director): void {
  const { now } = director;
  const { tracked, served } = now;
  const services = now.virtualServers
    .filter(({ name }) => tracked.has(name))
    .map((config) => serviceNow(director, config));
  if (isSameJson(services, served)) return;
  now.served = services;
  director.tell({ type: "services", services });
}

function serviceNow(director: Director, config: VirtualServerConfig): ServiceNow {
  const { now, servers } = director;
  const { name, realServers } = config;
  const judgement = now.verdict.judgements.get(name);
  const error = serviceError(director, config);
  if (error !== null && !isInTable(director, config)) return { name, up: false, detail: error };
  if (judgement === undefined) return { name, up: null, detail: "nothing is decided yet" };
  const text = quorumText(config, judgement);
  if (judgement.quorumUp) return { name, up: true, detail: text };
  const isUndecided = realServers.some((each) => servers.of(name, each.name).isUndecided);
  return isUndecided
    ? { name, up: null, detail: `its checks have not answered yet: ${text}` }
    : { name, up: false, detail: `it has no quorum: ${text}` };
}

/** What the kernel refuses of a service may be one real server among others. */
function isInTable({ now, table, marks }: Director, config: VirtualServerConfig): boolean {
  if (now.verdict.refused.has(config.name) || marks.errorOf(config) !== null) return false;
  const listed = byName(table.list() ?? []);
  return config.keys.every((key) =>
    listed.get(serviceName(canonicalKey(key)))?.destinations.some(({ weight }) => weight > 0),
  );
}
