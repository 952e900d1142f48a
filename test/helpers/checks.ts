// What a check is when nothing is said of it: for tests that build a CheckConfig by hand.

import type { CheckCommon } from "../../src/check/model.ts";

export const commonCheck: CheckCommon = {
  name: "t",
  intervalMs: 1000,
  timeoutMs: 2000,
  retry: 0,
  delayBeforeRetryMs: 1000,
  rise: 1,
  fastIntervalMs: null,
  downIntervalMs: null,
  warmupMs: null,
  jitterMs: 0,
  address: null,
  port: null,
  source: null,
};
