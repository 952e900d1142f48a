// What the guardian does beside its work when duet runs in place of another program, so that scripts and units of that one
// go on working.

import { join } from "node:path";
import type { Config, VrrpInstanceConfig } from "../../../config/model.ts";
import type { Role } from "../../../control/status.ts";
import { unreachable } from "../../../lib/unreachable.ts";

export type StandIn = {
  /** The guardian's process is called so: pidof(1) and pkill(1) find it. */
  readonly program: "keepalived" | "ldirectord";
  /** What alone of the configuration runs; null = all of it. */
  readonly half: Half | null;
  readonly pidFiles: PidFiles;
  /** Where dump files are that the configuration does not name; null = nowhere. */
  readonly dumpFolder: string | null;
  /** Of the command line, for the log: what has no effect here. */
  readonly notes: readonly string[];
};

export type Half = "vrrp" | "checkers";

export type PidFiles = { readonly [role in Role]?: string };

/** What runs of a configuration that was read in place of that program. Pure. */
export function standingIn(config: Config, standIn: StandIn | undefined): Config {
  if (standIn === undefined) return config;
  const half = halfOf(config, standIn.half);
  const { dumpFolder } = standIn;
  if (dumpFolder === null) return half;
  const { global } = half;
  const at = (file: string | null, name: string): string => file ?? join(dumpFolder, name);
  const dumps = {
    ...global.dumps,
    stateFile: at(global.dumps.stateFile, "keepalived.data"),
    statsFile: at(global.dumps.statsFile, "keepalived.stats"),
    jsonFile: at(global.dumps.jsonFile, "keepalived.json"),
  };
  return { ...half, global: { ...global, dumps } };
}

/** Connection sync belongs to the VRRP half, as in keepalived, whose process for VRRP starts the daemons. */
export function halfOf(config: Config, half: Half | null): Config {
  switch (half) {
    case null:
      return config;
    case "vrrp": {
      const { lvs } = config;
      const own = {
        timeouts: null,
        sysctls: [],
        flush: false,
        flushOnStop: false,
        keepOnStop: false,
      };
      const vrrpInstances = config.vrrpInstances.map(withoutServices);
      return { ...config, vrrpInstances, virtualServers: [], lvs: { ...lvs, ...own } };
    }
    case "checkers":
      return {
        ...config,
        vrrpInstances: [],
        vrrpSyncGroups: [],
        vrrpScripts: [],
        statics: { vips: [], routes: [], rules: [] },
        lvs: { ...config.lvs, sync: null },
      };
    default:
      return unreachable(half);
  }
}

/** Nobody would tell of them. */
function withoutServices(instance: VrrpInstanceConfig): VrrpInstanceConfig {
  const { tracking } = instance;
  const uses = tracking.uses.filter(({ kind }) => kind !== "virtual_server");
  return { ...instance, tracking: { ...tracking, uses } };
}
