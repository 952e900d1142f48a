import { createSocket, type RemoteInfo } from "node:dgram";
import { createServer, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import type { Source } from "../../../src/check/model-common.ts";
import { probe } from "../../../src/check/probes/index.ts";
import { openTcp, openUdp } from "../../../src/check/probes/open.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { tcpCheck } from "../../helpers/checks.ts";
import { refusedPort } from "../../helpers/servers.ts";

const free: Source = { address: null, port: null, interface: null, fwmark: null };
const context = { clock: timeoutClock, signal: new AbortController().signal };

/** Says to each client where it came from. */
async function openMirror(t: ExecutionContext, host: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end(`${socket.remoteAddress} ${socket.remotePort}`);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.teardown(() => server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function heard(socket: Socket): Promise<string> {
  let text = "";
  for await (const bytes of socket) text += String(bytes);
  return text;
}

for (const [host, from] of [
  ["127.0.0.1", "127.0.0.5"],
  ["::1", "::1"],
] as const) {
  test(`openTcp() comes from the address, port, and interface it is told, to ${host}`, async (t) => {
    const port = await openMirror(t, host);
    const own = await refusedPort();
    const to = { address: host, port };
    const any = await heard(openTcp(to, { source: null }));
    t.true(any.startsWith(`${host} `), any);
    t.regex(
      await heard(openTcp(to, { source: { ...free, address: from } })),
      new RegExp(`^${from} `),
    );
    const source = {
      address: from,
      port: own,
      interface: "lo",
      fwmark: process.getuid?.() === 0 ? 2 ** 32 - 1 : null,
    };
    t.is(await heard(openTcp(to, { source })), `${from} ${own}`);
  });
}

test("openUdp() comes from where it is told, and tells of a port that nobody listens on", async (t) => {
  const server = createSocket("udp4");
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const arrived = new Promise<RemoteInfo>((resolve) =>
    server.on("message", (_bytes, sender) => resolve(sender)),
  );
  const own = await refusedPort();
  const source = { ...free, address: "127.0.0.5", port: own, interface: "lo" };
  const udp = openUdp({ address: "127.0.0.1", port }, { source });
  t.teardown(() => udp.close());
  udp.on("connect", () => udp.send("x"));
  t.like(await arrived, { address: "127.0.0.5", port: own });

  const lost = openUdp({ address: "127.0.0.1", port: await refusedPort() }, { source: null });
  t.teardown(() => lost.close());
  lost.on("connect", () => lost.send("x"));
  const error = await new Promise<NodeJS.ErrnoException>((resolve) => lost.on("error", resolve));
  t.is(error.code, "ECONNREFUSED");
});

test("a check goes to its own address and port when it has them, and to the real server otherwise", async (t) => {
  const port = await openMirror(t, "127.0.0.1");
  const nobody = { address: "127.0.0.1", port: await refusedPort() };
  const config = tcpCheck;
  t.false((await probe(nobody, config, context)).ok);
  t.true((await probe(nobody, { ...config, port }, context)).ok);
  const elsewhere = { address: "127.0.0.9", port };
  t.false((await probe(elsewhere, config, context)).ok);
  t.true((await probe(elsewhere, { ...config, address: "127.0.0.1" }, context)).ok);
});

test("a source that cannot be used is our own fault, and leaves nothing open", async (t) => {
  const port = await openMirror(t, "127.0.0.1");
  const to = { address: "127.0.0.1", port };
  for (const source of [
    { ...free, interface: "no-such-link" },
    { ...free, address: "192.0.2.77" },
    { ...free, address: "::1" },
  ]) {
    const result = await probe(to, { ...tcpCheck, source }, context);
    t.like(result, { ok: false, cause: "internal" });
  }
});
