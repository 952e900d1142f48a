// What the parts of one instance have in common.

import type { VrrpInstanceConfig } from "../../config/model.ts";
import type { Log } from "../../lib/log.ts";
import type { SparseLog } from "../process/sparse-log.ts";
import type { Counters } from "./counters.ts";
import type { Port } from "./port.ts";

export type Self = {
  /** A reload may bring others. */
  config: VrrpInstanceConfig;
  port: Port;
  /** It bears the name of now. */
  readonly log: Log;
  /** For what strangers cause. */
  readonly sparse: SparseLog;
  readonly counters: Counters;
};
