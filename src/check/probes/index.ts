// The table of probes: the one place that knows them all. A new checker is one file and one case.

import { unreachable } from "../../lib/unreachable.ts";
import type { CheckConfig, ProbeResult, Target } from "../model.ts";
import type { ProbeContext } from "./attempt.ts";
import { probeHttp } from "./http.ts";
import { probeTcp } from "./tcp.ts";

/** Never rejects; ends within the checker's timeout; leaves nothing open. */
export type Probe = (
  target: Target,
  config: CheckConfig,
  context: ProbeContext,
) => Promise<ProbeResult>;

export const probe: Probe = async (target, config, context) => {
  switch (config.type) {
    case "tcp":
      return probeTcp(target, config, context);
    case "http":
      return probeHttp(target, config, context);
    default:
      return unreachable(config);
  }
};
