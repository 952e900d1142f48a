// Which roles a configuration needs, and what an earlier run left to be cleared away.

import { existsSync } from "node:fs";
import type { Config } from "../../config/model.ts";
import { directorSysctlPath, keptPath } from "../director/kept.ts";
import { ownedPath } from "../director/owned.ts";
import type { ChildRole } from "../process/messages.ts";
import { needsDirector } from "../process/needs-director.ts";
import { needsVrrp } from "../process/needs-vrrp.ts";

/** A role that the configuration does not need is not started; vrrp first: it is what others wait for. */
export function rolesOf(config: Config, runDir: string): readonly ChildRole[] {
  const roles: ChildRole[] = [];
  if (needsVrrp(config)) roles.push("vrrp");
  // The file is there when an earlier run died with services in the kernel: they have to go.
  const leftovers = [ownedPath, keptPath, directorSysctlPath].some((path) =>
    existsSync(path(runDir)),
  );
  if (needsDirector(config) || leftovers) roles.push("director");
  return [...roles, "desk"];
}
