// Against Debian's redis-server and memcached.

import test, { type ExecutionContext } from "ava";
import type { MemcachedCheckConfig, RedisCheckConfig } from "../../../src/check/model.ts";
import { probeMemcached, probeRedis } from "../../../src/check/probes/redis.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { certificates } from "../../helpers/certificates.ts";
import { commonCheck, tlsUse } from "../../helpers/checks.ts";
import { accepting, startProgram } from "../../helpers/programs.ts";
import { openServer, refusedPort } from "../../helpers/servers.ts";
import { temporaryDirectory } from "../../helpers/sockets.ts";
import { logPackage } from "../../helpers/versions.ts";

const redis: RedisCheckConfig = {
  ...commonCheck,
  type: "redis",
  tls: null,
  login: null,
  role: null,
};
const memcached: MemcachedCheckConfig = { ...commonCheck, type: "memcached", tls: null };

const at = (port: number): { address: string; port: number } => ({ address: "127.0.0.1", port });
const context = () => ({ clock: timeoutClock, signal: new AbortController().signal });

test("probeRedis() knows a master from a slave", async (t) => {
  const master = await startRedis(t);
  t.like(await probeRedis(at(master), redis, context()), { ok: true, detail: "PONG" });
  const wanted = { ...redis, role: "master" } as const;
  t.like(await probeRedis(at(master), wanted, context()), { ok: true, detail: "master" });
  const slave = await startRedis(t, ["--replicaof", "127.0.0.1", String(master)]);
  t.like(await probeRedis(at(slave), { ...redis, role: "slave" }, context()), { ok: true });
  t.like(await probeRedis(at(slave), wanted, context()), {
    ok: false,
    cause: "unexpected_answer",
    detail: "slave, wanted master",
  });
});

test("probeRedis() logs in, by password and by name", async (t) => {
  const port = await startRedis(t, ["--requirepass", "secret"]);
  const ask = async (login: RedisCheckConfig["login"]) =>
    probeRedis(at(port), { ...redis, login }, context());
  t.like(await ask({ name: null, password: "secret" }), { ok: true, detail: "PONG" });
  t.like(await ask({ name: "default", password: "secret" }), { ok: true });
  const wrong = await ask({ name: null, password: "wrong" });
  t.like(wrong, { ok: false, cause: "login_failed" });
  t.regex(wrong.detail, /WRONGPASS/);
  const none = await ask(null);
  t.like(none, { ok: false, cause: "login_failed" });
  t.regex(none.detail, /NOAUTH/);
});

test("probeRedis() speaks TLS", async (t) => {
  const made = certificates(t);
  const { cert, key } = made.make(30);
  const args = ["--port", "0", "--tls-cert-file", cert, "--tls-key-file", key];
  const port = await startRedis(t, [...args, "--tls-auth-clients", "no"], "--tls-port");
  const tls = { ...tlsUse, caFile: made.ca };
  t.like(await probeRedis(at(port), { ...redis, tls }, context()), { ok: true, detail: "PONG" });
  t.like(await probeRedis(at(port), { ...redis, tls: tlsUse }, context()), {
    ok: false,
    cause: "certificate_rejected",
  });
});

test("probeMemcached() asks for the version", async (t) => {
  logPackage(t, "memcached");
  const port = await refusedPort();
  const program = startProgram(t, "memcached", [
    ..."-l 127.0.0.1 -U 0 -u nobody -m 16 -p".split(" "),
    String(port),
  ]);
  await accepting(port, program);
  const result = await probeMemcached(at(port), memcached, context());
  t.true(result.ok, result.detail);
  t.regex(result.detail, /^VERSION \d/);
});

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

async function startRedis(
  t: ExecutionContext,
  more: readonly string[] = [],
  portOption = "--port",
): Promise<number> {
  logPackage(t, "redis-server");
  const port = await refusedPort();
  const directory = temporaryDirectory(t);
  const place = ["--bind", "127.0.0.1", "--dir", directory, "--save", ""];
  const args = [...place, ...more, portOption, String(port)];
  await accepting(port, startProgram(t, "redis-server", args));
  return port;
}
