// What a probe is.

import type { ProbeResult, Target } from "../model.ts";
import type { CheckConfig, CheckConfigOf, CheckType } from "../types/index.ts";
import type { ProbeContext } from "./attempt.ts";

/** `target` is where to go, whatever the check says of it. Never rejects; ends within the checker's timeout; leaves nothing open. */
export type ProbeOf<T extends CheckType> = (
  target: Target,
  config: CheckConfigOf<T>,
  context: ProbeContext,
) => Promise<ProbeResult>;

export type Probe = (
  target: Target,
  config: CheckConfig,
  context: ProbeContext,
) => Promise<ProbeResult>;
