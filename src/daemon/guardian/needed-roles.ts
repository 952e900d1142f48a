// Which roles a configuration needs, and what an earlier run left to be cleared away.

import type { Config } from "../../config/model.ts";
import { hasDirectorLeftovers } from "../process/director-files.ts";
import type { ChildRole } from "../process/messages.ts";
import { needsDirector } from "../process/needs-director.ts";
import { needsVrrp } from "../process/needs-vrrp.ts";

/** A role that the configuration does not need is not started; vrrp first: it is what others wait for. */
export function rolesOf(config: Config, runDir: string): readonly ChildRole[] {
  const roles: ChildRole[] = [];
  if (needsVrrp(config)) roles.push("vrrp");
  // What an earlier run left in the kernel when it died has to go.
  if (needsDirector(config) || hasDirectorLeftovers(runDir)) roles.push("director");
  return [...roles, "desk"];
}
