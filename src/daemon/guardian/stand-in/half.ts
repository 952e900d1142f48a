// keepalived -P and -C: the VRRP half of a configuration, or the other one. Pure.

import type { Config } from "../../../config/model.ts";
import { unreachable } from "../../../lib/unreachable.ts";
import type { Half } from "./stand-in.ts";

/** Connection sync belongs to the VRRP half, as in keepalived, whose process for VRRP starts the daemons. */
export function halfOf(config: Config, half: Half | null): Config {
  switch (half) {
    case null:
      return config;
    case "vrrp": {
      const { lvs } = config;
      const own = { timeouts: null, sysctls: [], flush: false, flushOnStop: false };
      return { ...config, virtualServers: [], lvs: { ...lvs, ...own } };
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
