// What a check is when nothing is said of it: for tests that build a CheckConfig by hand.

import type { CheckCommon } from "../../src/check/model-common.ts";
import type { HttpQuestion } from "../../src/check/types/http.ts";
import type { CheckConfigOf } from "../../src/check/types/index.ts";
import type { TlsUse } from "../../src/check/types/tls.ts";

export const commonCheck: CheckCommon = {
  name: "t",
  logsFailures: false,
  intervalMs: 1000,
  timeoutMs: 120_000,
  retry: 0,
  delayBeforeRetryMs: 1000,
  rise: 1,
  fastIntervalMs: null,
  downIntervalMs: null,
  connects: 0,
  warmupMs: null,
  jitterMs: 0,
  address: null,
  port: null,
  source: null,
};

export const tcpCheck: CheckConfigOf<"tcp"> = { ...commonCheck, type: "tcp", tls: null, steps: [] };

/** The certificate must be for www.test, of an authority that the system knows. */
export const tlsUse: TlsUse = {
  serverName: "www.test",
  verify: true,
  caFile: null,
  own: null,
  minVersion: "1.2",
  expiryWarningDays: null,
};

export const httpQuestion: HttpQuestion = {
  method: "GET",
  paths: ["/"],
  host: null,
  headers: [],
  requestBody: null,
  proxied: false,
  protocol: "1.1",
  status: [[200, 299]],
  body: null,
  bodyNot: null,
  regexFlags: "",
  digest: null,
  bodyMaxBytes: 65_536,
  redirectsMax: 0,
};
