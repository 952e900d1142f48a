// A server of HTTP/2 that ended a process of Node by its frames: more than 8 CONTINUATION after a HEADERS without its end
// and then a garbage collection, at which node:http2 fails an assertion of its own.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import test from "ava";
import { probe } from "../../../src/check/probes/index.ts";
import type { CheckConfig } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck, httpQuestion } from "../../helpers/checks.ts";
import { openServer } from "../../helpers/servers.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const SETTINGS = "000000040000000000";
const HEADERS = "00000101000000000188";
const CONTINUATION = "00000409000000000101610162";

const common = { ...commonCheck, timeoutMs: 300 };

for (const config of [
  { ...common, ...httpQuestion, protocol: "2", type: "http", tls: null },
  { ...common, type: "grpc", tls: null, host: null, service: "" },
] as const satisfies readonly CheckConfig[]) {
  test.serial(`CONTINUATION frames of a ${config.type} server end no process`, async (t) => {
    const server = await openServer((socket) => {
      socket.write(Buffer.from(SETTINGS + HEADERS + CONTINUATION.repeat(9), "hex"));
    });
    t.teardown(server.close);
    for (let round = 0; round < 5; round += 1) {
      const context = { clock: timeoutClock, signal: new AbortController().signal };
      const target = { address: "127.0.0.1", port: server.port };
      t.like(await probe(target, config, context), { ok: false, cause: "timeout" });
      collectGarbage();
    }
  });
}
