// Against the servers of the package ws, and against answers made by hand.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import test from "ava";
import { WebSocketServer } from "ws";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probeWebsocket } from "../../../src/check/probes/websocket.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { certificates } from "../../helpers/certificates.ts";
import { commonCheck, tlsUse } from "../../helpers/checks.ts";
import { openServer, refusedPort } from "../../helpers/servers.ts";
import { until } from "../../helpers/until.ts";
import { logModule } from "../../helpers/versions.ts";

const config: CheckConfigOf<"websocket"> = {
  ...commonCheck,
  type: "websocket",
  tls: null,
  path: "/chat",
  host: "www.test",
  headers: [{ name: "Origin", value: "https://www.test" }],
};

test("probeWebsocket() shakes hands with ws, and says goodbye", async (t) => {
  logModule(t, "ws");
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: "/chat" });
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  const seen: string[] = [];
  server.on("connection", (socket, { headers }) => {
    seen.push(`${headers.host} ${headers.origin}`);
    socket.on("close", (code) => seen.push(String(code)));
    socket.on("error", (error) => seen.push(error.message));
  });
  const { port } = server.address() as AddressInfo;
  t.like(await probe(port), { ok: true, detail: "101" });
  await until("ws saw the end", () => seen.length === 2);
  t.deepEqual(seen, ["www.test https://www.test", "1000"]);
  t.like(await probe(port, { path: "/other" }), {
    ok: false,
    cause: "wrong_status",
    detail: "400, wanted 101",
  });
});

test("probeWebsocket() over TLS verifies the certificate of ws", async (t) => {
  const made = certificates(t);
  const { cert, key } = made.make(30);
  const https = createServer({ cert: readFileSync(cert), key: readFileSync(key) });
  const server = new WebSocketServer({ server: https });
  t.teardown(() => {
    server.close();
    https.close();
  });
  await new Promise<void>((resolve) => https.listen(0, "127.0.0.1", resolve));
  const { port } = https.address() as AddressInfo;
  const tls = { ...tlsUse, caFile: made.ca };
  t.like(await probe(port, { tls }), { ok: true, detail: "101" });
  t.like(await probe(port, { tls: tlsUse }), { ok: false, cause: "certificate_rejected" });
});

for (const [what, answer, wanted] of [
  [
    "a wrong Sec-WebSocket-Accept",
    () =>
      "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: aaaa\r\n\r\n",
    {
      cause: "bad_response",
      detail: "a wrong Sec-WebSocket-Accept: the server does not speak WebSocket",
    },
  ],
  [
    "another protocol",
    (accept: string) =>
      `HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    { cause: "bad_response", detail: 'an upgrade to "h2c", wanted websocket' },
  ],
  [
    "a page",
    () => "HTTP/1.1 200 OK\r\n\r\nhello",
    { cause: "wrong_status", detail: "200, wanted 101" },
  ],
  ["garbage", () => "\0\0\0\r\n\r\n", { cause: "bad_response" }],
  [
    "interim answers without end",
    () => "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000),
    { cause: "bad_response", detail: "no end of interim answers" },
  ],
  [
    "nothing",
    () => "",
    { cause: "bad_response", detail: "the connection closed before an answer" },
  ],
] as const) {
  test(`probeWebsocket() fails ${what}`, async (t) => {
    const server = await openServer((socket: Socket) => {
      const key = /Sec-WebSocket-Key: (.*)\r\n/.exec(server.requests[0] ?? "")?.[1];
      const sum = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      socket.end(answer(sum.digest("base64")));
    });
    t.like(await probe(server.port), { ok: false, ...wanted });
    await until("the connection is gone", () => server.connections() === 0);
    await server.close();
  });
}

test("probeWebsocket() tells a refused connection", async (t) => {
  t.like(await probe(await refusedPort()), { ok: false, cause: "connect_refused" });
});

async function probe(
  port: number,
  changes: Partial<CheckConfigOf<"websocket">> = {},
): Promise<ProbeResult> {
  const context = { clock: timeoutClock, signal: new AbortController().signal };
  return probeWebsocket({ address: "127.0.0.1", port }, { ...config, ...changes }, context);
}
