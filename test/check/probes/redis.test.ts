// See test/peers/stores.test.ts for the servers themselves.

import test from "ava";
import { probeMemcached, probeRedis } from "../../../src/check/probes/redis.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck } from "../../helpers/checks.ts";
import { openServer, refusedPort } from "../../helpers/servers.ts";

const redis: CheckConfigOf<"redis"> = {
  ...commonCheck,
  type: "redis",
  tls: null,
  login: null,
  role: null,
};
const memcached: CheckConfigOf<"memcached"> = { ...commonCheck, type: "memcached", tls: null };

const at = (port: number): { address: string; port: number } => ({ address: "127.0.0.1", port });
const context = () => ({ clock: timeoutClock, signal: new AbortController().signal });

test("both tell a refused connection, another protocol, and a connection that closes", async (t) => {
  const refused = at(await refusedPort());
  t.like(await probeRedis(refused, redis, context()), { ok: false, cause: "connect_refused" });
  t.like(await probeMemcached(refused, memcached, context()), { cause: "connect_refused" });
  for (const [answer, wanted] of [
    [
      "HTTP/1.1 400 Bad Request\r\n",
      { cause: "unexpected_answer", detail: '"HTTP/1.1 400 Bad Request"' },
    ],
    [
      "-LOADING Redis is loading\r\n",
      { cause: "unexpected_answer", detail: '"-LOADING Redis is loading"' },
    ],
    ["", { cause: "bad_response", detail: "the server closed the connection: no answer" }],
  ] as const) {
    const server = await openServer((socket) => socket.end(answer));
    t.like(await probeRedis(at(server.port), redis, context()), { ok: false, ...wanted });
    t.like(await probeMemcached(at(server.port), memcached, context()), { ok: false, ...wanted });
    await server.close();
  }
});
