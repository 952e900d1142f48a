// Against the health service of grpc-health-check on a server of grpc-js.

import { readFileSync } from "node:fs";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import test, { type ExecutionContext } from "ava";
import { HealthImplementation } from "grpc-health-check";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probeGrpc } from "../../../src/check/probes/grpc.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { certificates } from "../../helpers/certificates.ts";
import { commonCheck, tlsUse } from "../../helpers/checks.ts";
import { refusedPort } from "../../helpers/servers.ts";
import { logModule } from "../../helpers/versions.ts";

const config: CheckConfigOf<"grpc"> = {
  ...commonCheck,
  type: "grpc",
  tls: null,
  host: null,
  service: "",
};

async function startGrpc(
  t: ExecutionContext,
  credentials = ServerCredentials.createInsecure(),
  health?: HealthImplementation,
): Promise<number> {
  logModule(t, "@grpc/grpc-js");
  const server = new Server();
  health?.addToServer(server);
  t.teardown(() => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

test("probeGrpc() asks grpc-js how the server and its services are", async (t) => {
  const health = new HealthImplementation({ "": "SERVING", "shop.Cart": "NOT_SERVING" });
  const port = await startGrpc(t, undefined, health);
  t.like(await probe(port), { ok: true, detail: "SERVING" });
  t.like(await probe(port, { service: "shop.Cart" }), {
    ok: false,
    cause: "unexpected_answer",
    detail: "NOT_SERVING",
  });
  health.setStatus("shop.Cart", "SERVING");
  t.like(await probe(port, { service: "shop.Cart" }), { ok: true });
  const unknown = await probe(port, { service: "shop.Nothing" });
  t.like(unknown, { ok: false, cause: "unexpected_answer" });
  t.regex(unknown.detail, /^NOT_FOUND \(no such service\)/);
});

test("probeGrpc() says that grpc-js has no health service", async (t) => {
  const result = await probe(await startGrpc(t));
  t.like(result, { ok: false, cause: "unexpected_answer" });
  t.regex(result.detail, /^UNIMPLEMENTED \(no health service\)/);
});

test("probeGrpc() speaks TLS with grpc-js, and verifies", async (t) => {
  const made = certificates(t);
  const { cert, key } = made.make(30);
  const pair = { cert_chain: readFileSync(cert), private_key: readFileSync(key) };
  const health = new HealthImplementation({ "": "SERVING" });
  const port = await startGrpc(t, ServerCredentials.createSsl(null, [pair]), health);
  const tls = { ...tlsUse, caFile: made.ca };
  t.like(await probe(port, { tls }), { ok: true, detail: "SERVING" });
  t.like(await probe(port, { tls: tlsUse }), { ok: false, cause: "certificate_rejected" });
});

for (const [what, answer, wanted] of [
  [
    "a page",
    (stream: ServerHttp2Stream) => {
      stream.respond({ ":status": 404 });
      stream.end("no");
    },
    { cause: "wrong_status", detail: "HTTP status 404, wanted 200" },
  ],
  [
    "no grpc-status",
    (stream: ServerHttp2Stream) => {
      stream.respond({ ":status": 200 });
      stream.end("hello");
    },
    { cause: "bad_response", detail: "an answer without grpc-status" },
  ],
  [
    "garbage for a message",
    (stream: ServerHttp2Stream) => {
      stream.respond({ ":status": 200, "grpc-status": "0" });
      stream.end(Buffer.from("0000000003080180", "hex"));
    },
    { cause: "bad_response", detail: "no HealthCheckResponse" },
  ],
  [
    "an answer that breaks off",
    (stream: ServerHttp2Stream) => {
      stream.respond({ ":status": 200 });
      stream.write("x", () => stream.session?.destroy());
    },
    { cause: "bad_response" },
  ],
] as const) {
  test(`probeGrpc() fails ${what}`, async (t) => {
    const server: Http2Server = createServer();
    server.on("stream", (stream) => {
      stream.on("error", () => {});
      answer(stream);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.teardown(() => server.close());
    const result = await probe((server.address() as AddressInfo).port);
    t.like(result, { ok: false, ...wanted }, JSON.stringify(result));
  });
}

test("probeGrpc() tells a refused connection", async (t) => {
  t.like(await probe(await refusedPort()), { ok: false, cause: "connect_refused" });
});

async function probe(
  port: number,
  changes: Partial<CheckConfigOf<"grpc">> = {},
): Promise<ProbeResult> {
  const context = { clock: timeoutClock, signal: new AbortController().signal };
  return probeGrpc({ address: "127.0.0.1", port }, { ...config, ...changes }, context);
}
