import test from "ava";
import type { TcpCheckConfig } from "../../../src/check/model.ts";
import { probeTcp } from "../../../src/check/probes/tcp.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck } from "../../helpers/checks.ts";
import { openServer, refusedPort } from "../../helpers/servers.ts";
import { until } from "../../helpers/until.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

const config: TcpCheckConfig = { ...commonCheck, type: "tcp" };
const context = { clock: timeoutClock, signal: new AbortController().signal };

test("probeTcp() succeeds when the server accepts, and leaves no connection behind", async (t) => {
  const server = await openServer(() => {});
  const result = await probeTcp({ address: "127.0.0.1", port: server.port }, config, context);
  t.true(result.ok);
  t.is(result.detail, "connected");
  t.is(result.tookMs, Math.round(result.tookMs * 10) / 10);
  await until("the connection is gone", () => server.connections() === 0);
  await server.close();
});

test("probeTcp() tells a refused connection apart", async (t) => {
  const target = { address: "127.0.0.1", port: await refusedPort() };
  const result = await probeTcp(target, config, context);
  t.like(result, { ok: false, cause: "connect_refused", detail: "ECONNREFUSED" });
});

test.serial(
  "probeTcp() fails at its limit while it still connects, and lets the socket go",
  async (t) => {
    const server = await openServer(() => {});
    const { clock, advance } = virtualClock();
    const target = { address: "127.0.0.1", port: server.port };
    const probing = probeTcp(target, config, { ...context, clock });
    advance(config.timeoutMs);
    t.like(await probing, { ok: false, cause: "timeout", detail: "no answer in 2000 ms" });
    await until(
      "no socket is left",
      () => !process.getActiveResourcesInfo().includes("TCPSocketWrap"),
    );
    await server.close();
  },
);

test("probeTcp() never rejects, even for a target that cannot be", async (t) => {
  const result = await probeTcp({ address: "127.0.0.1", port: 70000 }, config, context);
  t.like(result, { ok: false, cause: "internal" });
});

test("probeTcp() ends at once when it is aborted", async (t) => {
  const aborted = { clock: timeoutClock, signal: AbortSignal.abort() };
  const result = await probeTcp({ address: "127.0.0.1", port: 9 }, config, aborted);
  t.like(result, { ok: false, cause: "internal", detail: "aborted" });
});
