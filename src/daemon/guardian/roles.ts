// What the roles of a configuration are told of it, find in their environment and must be allowed to do.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Config } from "../../config/model.ts";
import { type Capability, missingCapabilities } from "../../kernel/capabilities.ts";
import { nowMs, uptimeMs, wallMs } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { HAND_OVER_MAX_MS } from "../../vrrp/model.ts";
import { hasDirectorLeftovers } from "../process/director-files.ts";
import type { ChildRole } from "../process/messages.ts";
import { needsDirector } from "../process/needs-director.ts";
import { needsVrrp, vrrpPart } from "../process/needs-vrrp.ts";
import type { ConfigFileRead } from "../process/role.ts";
import type { StandIn } from "./stand-in/stand-in.ts";

export function environmentOf(
  options: Omit<ConfigFileRead, "half"> & {
    readonly runDir: string;
    readonly logLevel: string;
    readonly standIn?: Pick<StandIn, "half">;
  },
  startedAtMs: number,
): NodeJS.ProcessEnv {
  const { file, how, standIn } = options;
  const read: ConfigFileRead = { file: resolve(file), how, half: standIn?.half ?? null };
  return {
    ...process.env,
    DUET_CONFIG_FILE: JSON.stringify(read),
    DUET_RUN_DIR: options.runDir,
    DUET_LOG_LEVEL: options.logLevel,
    DUET_STARTED_AT_MS: String(wallMs() - (nowMs() - startedAtMs)),
    DUET_STARTED_UPTIME_MS: String(uptimeMs() - (nowMs() - startedAtMs)),
  };
}

const VRRP_CAPABILITIES: readonly Capability[] = ["CAP_NET_ADMIN", "CAP_NET_RAW"];

/** Is it worth while to start vrrp before the file is read? */
export function startsEarly(file: string): boolean {
  return mentionsInstance(file) && missingCapabilities(VRRP_CAPABILITIES).length === 0;
}

/** A glance, not a parser: when it is wrong, a process was spawned in vain, or a little later. */
function mentionsInstance(file: string): boolean {
  try {
    return /^\s*\[?vrrp_instance[.\s]/m.test(readFileSync(file, "utf8"));
  } catch {
    return false;
  }
}

export function partOf(role: ChildRole, config: Config): Config {
  return role === "vrrp" ? vrrpPart(config) : config;
}

/** Says what is missing: without it the roles would die at their first system call, again and again. */
export function mayRun(config: Config, log: Log): boolean {
  const missing = missingCapabilities(neededCapabilities(config));
  if (missing.length > 0) log.fatal({ missing }, "capabilities are missing: run it as root");
  return missing.length === 0;
}

function neededCapabilities(config: Config): readonly Capability[] {
  if (needsVrrp(config)) return VRRP_CAPABILITIES;
  return needsDirector(config) ? ["CAP_NET_ADMIN"] : [];
}

/** A role that the configuration does not need is not started; vrrp first: it is what others wait for. */
export function rolesOf(config: Config, runDir: string): readonly ChildRole[] {
  const roles: ChildRole[] = [];
  if (needsVrrp(config)) roles.push("vrrp");
  // What an earlier run left in the kernel when it died has to go.
  if (needsDirector(config) || hasDirectorLeftovers(runDir)) roles.push("director");
  return [...roles, "desk"];
}

/** To take a configuration. */
export const CONFIGURE_MS = 10_000;

/** To stop. A master waits for its successor up to HAND_OVER_MAX_MS. */
export function stopMsOf(role: ChildRole): number {
  return role === "vrrp" ? 600 + HAND_OVER_MAX_MS : 1100;
}

/**
 * Between two heartbeats. Of vrrp it is shorter than three adverts of one second, and longer than any pause of a healthy
 * process; the others may be busy, with a reload of thousands of services or modules that load slowly.
 */
export function silenceMsOf(role: ChildRole): number {
  return role === "vrrp" ? 2000 : 30_000;
}
