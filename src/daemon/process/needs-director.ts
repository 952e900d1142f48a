// Whether a configuration gives the director role something to do.

import type { Config } from "../../config/model.ts";

export function needsDirector({ virtualServers, lvs }: Config): boolean {
  const { sync, timeouts, sysctls, flush } = lvs;
  return virtualServers.length + sysctls.length > 0 || sync !== null || timeouts !== null || flush;
}
