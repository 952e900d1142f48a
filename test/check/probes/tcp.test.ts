import { createServer, type Socket } from "node:net";
import test from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probeTcp } from "../../../src/check/probes/tcp.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import type { Step } from "../../../src/check/types/payload.ts";
import { delayMs, timeoutClock } from "../../../src/lib/clock.ts";
import { certificates } from "../../helpers/certificates.ts";
import { tcpCheck, tlsUse } from "../../helpers/checks.ts";
import { startProgram } from "../../helpers/programs.ts";
import { openServer, refusedPort } from "../../helpers/servers.ts";
import { until } from "../../helpers/until.ts";
import { logPackage } from "../../helpers/versions.ts";
import { virtualClock } from "../../helpers/virtual-clock.ts";

const context = {
  clock: timeoutClock,
  get signal() {
    return new AbortController().signal;
  },
};

test("probeTcp() succeeds when the server accepts, and leaves no connection behind", async (t) => {
  const server = await openServer(() => {});
  const result = await probeTcp({ address: "127.0.0.1", port: server.port }, tcpCheck, context);
  t.true(result.ok);
  t.is(result.detail, "connected");
  t.is(result.tookMs, Math.round(result.tookMs * 10) / 10);
  await until("the connection is gone", () => server.connections() === 0);
  await server.close();
});

test("probeTcp() has an expression looked for beside the loop, in what came before the end too", async (t) => {
  const steps: readonly Step[] = [
    { kind: "send", hex: Buffer.from("hi\n").toString("hex") },
    { kind: "regex", source: "^250.*ready$" },
    { kind: "regex", source: "^bye.*$" },
  ];
  const probeOf = async (...words: readonly string[]): Promise<ProbeResult> => {
    const server = await openServer((socket) => {
      for (const word of words) socket.write(word);
      socket.end();
    });
    t.teardown(server.close);
    const target = { address: "127.0.0.1", port: server.port };
    return probeTcp(target, { ...tcpCheck, timeoutMs: 120_000, steps }, context);
  };
  t.like(await probeOf("250 not yet\n", "250 is ready\nbye", " bye\n"), { ok: true });
  t.like(await probeOf("250 is ready\nso long\n"), {
    ok: false,
    cause: "unexpected_answer",
    detail: 'the server closed the connection: waited for /^bye.*$/, saw "\\nso long\\n"',
  });
});

test("probeTcp() tells a refused connection apart", async (t) => {
  const target = { address: "127.0.0.1", port: await refusedPort() };
  const result = await probeTcp(target, tcpCheck, context);
  t.like(result, { ok: false, cause: "connect_refused", detail: "ECONNREFUSED" });
});

test.serial(
  "probeTcp() fails at its limit while it still connects, and lets the socket go",
  async (t) => {
    const server = await openServer(() => {});
    const { clock, advance } = virtualClock();
    const target = { address: "127.0.0.1", port: server.port };
    const probing = probeTcp(target, tcpCheck, { ...context, clock });
    advance(tcpCheck.timeoutMs);
    t.like(await probing, {
      ok: false,
      cause: "timeout",
      detail: `no connection in ${tcpCheck.timeoutMs} ms`,
    });
    await until(
      "no socket is left",
      () => !process.getActiveResourcesInfo().includes("TCPSocketWrap"),
    );
    await server.close();
  },
);

test("probeTcp() never rejects, even for a target that cannot be", async (t) => {
  const result = await probeTcp({ address: "127.0.0.1", port: 70000 }, tcpCheck, context);
  t.like(result, { ok: false, cause: "internal" });
});

test("probeTcp() ends at once when it is aborted", async (t) => {
  const aborted = { clock: timeoutClock, signal: AbortSignal.abort() };
  const result = await probeTcp({ address: "127.0.0.1", port: 9 }, tcpCheck, aborted);
  t.like(result, { ok: false, cause: "internal", detail: "aborted" });
});

/** What the server says first, then to each line; the bytes that the dialogue was about. */
async function dialogue(
  steps: readonly Step[],
  answer: (socket: Socket, heard: string) => void,
  changes: Partial<CheckConfigOf<"tcp">> = {},
): Promise<{ readonly result: ProbeResult; readonly heard: string }> {
  let heard = "";
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    answer(socket, "");
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
      answer(socket, bytes.toString("latin1"));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const target = { address: "127.0.0.1", port };
  const result = await probeTcp(target, { ...tcpCheck, steps, ...changes }, context);
  await until("the connection is gone", () => sockets.size === 0);
  await new Promise((resolve) => server.close(resolve));
  return { result, heard };
}

const send = (text: string): Step => ({ kind: "send", hex: Buffer.from(text).toString("hex") });
const expect = (text: string): Step => ({ kind: "expect", hex: Buffer.from(text).toString("hex") });

test("probeTcp() holds a dialogue in the order of its steps, and nothing is sent too early", async (t) => {
  const steps = [
    expect("220 "),
    send("HELO a\r\n"),
    { kind: "regex", source: "^250[ -]\\w+" },
    send("QUIT\r\n"),
  ] as const;
  const { result, heard } = await dialogue(steps, (socket, said) => {
    if (said === "") socket.write("220 mail\r\n");
    else if (said.startsWith("HELO")) socket.write("250", () => void socket.write(" hello\r\n"));
    else socket.end();
  });
  t.like(result, { ok: true, detail: "answered as expected" });
  t.is(heard, "HELO a\r\nQUIT\r\n");
});

test("probeTcp() does not find what an earlier expectation has used", async (t) => {
  const { result } = await dialogue(
    [expect("OK"), expect("OK")],
    (socket, said) => void (said === "" && socket.end("OK only once")),
  );
  t.like(result, {
    ok: false,
    cause: "unexpected_answer",
    detail: 'the server closed the connection: waited for "OK", saw " only once"',
  });
});

for (const [what, bytes, saw] of [
  ["a wrong answer", "-ERR no\r\n", String.raw`"-ERR no\r\n"`],
  ["NULs", "\0\0\x07", "hex:000007"],
] as const) {
  test(`probeTcp() says that it saw ${what} until its limit`, async (t) => {
    const answer = (socket: Socket, said: string): void =>
      void (said !== "" && socket.write(bytes));
    const { result } = await dialogue([send("PING\r\n"), expect("+PONG")], answer, {
      timeoutMs: 2000,
    });
    t.like(result, {
      ok: false,
      cause: "unexpected_answer",
      detail: `waited for "+PONG", saw ${saw} in 2000 ms`,
    });
  });
}

test("probeTcp() calls silence a timeout", async (t) => {
  const { result } = await dialogue([expect("220")], () => {}, { timeoutMs: 1000 });
  t.like(result, { ok: false, cause: "timeout", detail: "no answer in 1000 ms" });
});

test("probeTcp() fails a drip that never says the word, at its total limit", async (t) => {
  let isOver = false;
  const drip = async (socket: Socket): Promise<void> => {
    socket.on("close", () => {
      isOver = true;
    });
    while (!isOver) {
      socket.write("x");
      await delayMs(10);
    }
  };
  const { result } = await dialogue([expect("220")], (socket) => void drip(socket), {
    timeoutMs: 2000,
  });
  t.like(result, { ok: false, cause: "unexpected_answer" });
  t.true(result.tookMs >= 1999, String(result.tookMs));
});

test("probeTcp() reads no more of a flood than it judges", async (t) => {
  let written = 0;
  const flood = (socket: Socket): void => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk)) written += chunk.length;
    };
    socket.on("drain", more);
    more();
  };
  const { result } = await dialogue([expect("220")], flood);
  t.like(result, { ok: false, cause: "unexpected_answer" });
  t.regex(result.detail, /^too much: waited for "220", saw "xxx/);
  t.true(written < 64 * 1024 * 1024);
});

test("probeTcp() tells a reset", async (t) => {
  const { result } = await dialogue([send("x"), expect("y")], (socket, said) => {
    if (said !== "") socket.resetAndDestroy();
  });
  t.like(result, { ok: false, cause: "unexpected_answer" });
  t.is(result.detail, 'the connection was reset: waited for "y", saw nothing');
});

test("probeTcp() speaks TLS to openssl s_server, and tells an alert in the dialogue", async (t) => {
  const made = certificates(t);
  const { cert, key } = made.make(30);
  const tls = { ...tlsUse, caFile: made.ca };
  for (const [more, wanted] of [
    [["-rev"], { ok: true, detail: "answered as expected" }],
    [["-Verify", "1", "-verify_return_error"], { ok: false, cause: "tls_failed" }],
  ] as const) {
    const args = ["s_server", "-accept", "127.0.0.1:0", "-cert", cert, "-key", key, ...more];
    logPackage(t, "openssl");
    const server = startProgram(t, "openssl", args);
    await until("s_server accepts", () => /ACCEPT \S+:\d+/.test(server.output()));
    const port = Number(/ACCEPT \S+:(\d+)/.exec(server.output())?.[1]);
    const steps = [send("duet\n"), expect("teud")];
    const result = await probeTcp(
      { address: "127.0.0.1", port },
      { ...tcpCheck, steps, tls },
      context,
    );
    t.like(result, wanted, JSON.stringify(result));
  }
});
