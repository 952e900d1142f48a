// What is wrong with the virtual servers and with IPVS as a whole, for the status.

import type { VirtualServerConfig } from "../../config/model.ts";
import { canonicalKey } from "../../ipvs/canonical.ts";
import type { Judgement } from "../../ipvs/quorum.ts";
import type { Director } from "./stages.ts";

/** What has not changed is no news. */
export function writeHealth(director: Director): void {
  const { now, degraded, settings } = director;
  writeQuorums(director);
  const errors = new Map<string, string>();
  for (const config of now.virtualServers) {
    const error = serviceError(director, config);
    if (error !== null) errors.set(config.name, error);
  }
  degraded.setAll("service_error", errors);
  degraded.setAll("ipvs_error", settings.errors());
  degraded.set("ipvs_drift", "table", firstOf(driftOf(director)));
}

/** What somebody did to the table and the marks and was not repaired. */
export function driftOf({ table, marks }: Director): readonly string[] {
  return [...table.drift(), ...marks.drift()];
}

/** The first one that a service of it has. */
export function serviceError(
  { now, table, marks }: Director,
  config: VirtualServerConfig,
): string | null {
  for (const key of config.keys) {
    const refusal = now.verdict.refused.get(config.name);
    const error = refusal ?? table.errorOf(canonicalKey(key)) ?? marks.errorOf(config);
    if (error !== null) return error;
  }
  return null;
}

function firstOf([first, ...others]: readonly string[]): string | null {
  if (first === undefined) return null;
  return others.length === 0 ? first : `${first}, and ${others.length} more`;
}

export function quorumText(
  { quorum }: Pick<VirtualServerConfig, "quorum">,
  { liveWeight, sorryServerActive }: Judgement,
): string {
  const sorry = sorryServerActive ? "; the sorry server serves" : "";
  return `live weight ${liveWeight}, quorum ${quorum}${sorry}`;
}

function writeQuorums({ now, degraded, servers }: Director): void {
  const { virtualServers, verdict } = now;
  for (const { kind, subject } of degraded.list()) {
    if (kind === "no_quorum" && !verdict.judgements.has(subject)) degraded.set(kind, subject, null);
  }
  for (const config of virtualServers) {
    const { name, realServers } = config;
    const judgement = verdict.judgements.get(name);
    if (judgement === undefined) continue;
    const text = quorumText(config, judgement);
    // Before the first probes have ended it is no news that nobody is UP.
    const quiet =
      !judgement.quorumUp &&
      realServers.some((server) => servers.of(name, server.name).isUndecided);
    degraded.set("no_quorum", name, judgement.quorumUp ? null : text, { quiet });
  }
}
