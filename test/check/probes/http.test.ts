import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import test from "ava";
import fc from "fast-check";
import { search } from "../../../src/check/expressions/search.ts";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probeHttp } from "../../../src/check/probes/http.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import { delayMs, timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck, httpQuestion } from "../../helpers/checks.ts";
import { openServer, refusedPort, type TestServer } from "../../helpers/servers.ts";
import { until } from "../../helpers/until.ts";

const BODY_JUDGED_BYTES = httpQuestion.bodyMaxBytes;

const config: CheckConfigOf<"http"> = {
  ...commonCheck,
  ...httpQuestion,
  type: "http",
  tls: null,
  timeoutMs: 120_000,
  paths: ["/ok.html"],
};

test("probeHttp() succeeds with the status as its detail", async (t) => {
  const { result, server } = await probeAgainst(answering("HTTP/1.1 200 OK\r\n\r\nok"));
  t.true(result.ok);
  t.is(result.detail, "200");
  t.is(
    server.requests[0],
    `GET /ok.html HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nUser-Agent: duet\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );
});

test("probeHttp() sends the Host header that is configured", async (t) => {
  const { server } = await probeAgainst(answering("HTTP/1.1 200 OK\r\n\r\n"), { host: "www.a.b" });
  t.true(server.requests[0]?.includes("\r\nHost: www.a.b\r\n"));
});

for (const [head, status, detail] of [
  ["503 Service Unavailable", [[200, 299]], "503, wanted 200-299"],
  ["302 Found\r\nLocation: /elsewhere", [[200, 200]], "302, wanted 200"],
  [
    "404 Not Found",
    [
      [200, 204],
      [301, 301],
    ],
    "404, wanted 200-204 or 301",
  ],
] as const) {
  test(`probeHttp() fails "${detail}" without following anything`, async (t) => {
    const answer = answering(`HTTP/1.1 ${head}\r\nContent-Length: 0\r\n\r\n`);
    const { result, server } = await probeAgainst(answer, { status });
    t.like(result, { ok: false, cause: "wrong_status", detail });
    t.is(server.requests.length, 1);
  });
}

test("probeHttp() accepts any status that one of the ranges holds", async (t) => {
  const answer = answering("HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n");
  t.true(
    (
      await probeAgainst(answer, {
        status: [
          [200, 299],
          [301, 301],
        ],
      })
    ).result.ok,
  );
});

test("probeHttp() looks for a text in the body, chunked or not, as UTF-8", async (t) => {
  const body = { kind: "text", text: "grün" } as const;
  const chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ngr\xc3\r\n2\r\n\xbcn\r\n0\r\n\r\n";
  t.true((await probeAgainst(answering(chunked), { body })).result.ok);
  const { result } = await probeAgainst(answering("HTTP/1.1 200 OK\r\n\r\nrot"), { body });
  t.like(result, {
    ok: false,
    cause: "body_mismatch",
    detail: 'body does not contain "grün", read 3 bytes',
  });
});

test("probeHttp() matches a regex", async (t) => {
  const body = { kind: "regex", source: "^load: [0-3]\\." } as const;
  t.true((await probeAgainst(answering("HTTP/1.1 200 OK\r\n\r\nload: 1.5"), { body })).result.ok);
  const { result } = await probeAgainst(answering("HTTP/1.1 200 OK\r\n\r\nload: 9.5"), { body });
  t.like(result, { ok: false, cause: "body_mismatch" });
});

test("probeHttp() reads an expression as its flags say", async (t) => {
  const answer = answering("HTTP/1.1 200 OK\r\n\r\nfirst\nALL WELL");
  const body = { kind: "regex", source: "^all well$" } as const;
  t.like((await probeAgainst(answer, { body })).result, { ok: false, cause: "body_mismatch" });
  t.true((await probeAgainst(answer, { body, regexFlags: "im" })).result.ok);
  const bodyNot = "FIRST.all";
  t.true((await probeAgainst(answer, { bodyNot })).result.ok);
  const result = (await probeAgainst(answer, { bodyNot, regexFlags: "is" })).result;
  t.like(result, { ok: false, cause: "body_mismatch" });
});

test("probeHttp() takes flags at the start of an expression, as PCRE has them", async (t) => {
  const answer = answering("HTTP/1.1 200 OK\r\n\r\nALL\nWELL");
  for (const [source, ok] of [
    ["(?i)all", true],
    ["(?im)^well$", true],
    ["(?is)l.w", true],
    ["all", false],
  ] as const) {
    const { result } = await probeAgainst(answer, { body: { kind: "regex", source } });
    t.is(result.ok, ok, `${source}: ${result.detail}`);
  }
});

test("probeHttp() makes a digest of more than it keeps, however long the body is", async (t) => {
  const body = "x".repeat(1_000_000);
  const digest = createHash("md5").update(body).digest("hex");
  const answer = answering(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  t.like((await probeAgainst(answer, { digest })).result, { ok: true, detail: "200" });
  const { result } = await probeAgainst(answer, { digest: "0".repeat(32) });
  t.is(result.detail, `MD5 of the body is ${digest}, looked at 65536 of 1000000 bytes`);
});

test("probeHttp() says that a body it cannot read is packed", async (t) => {
  const packed = gzipSync("all well").toString("latin1");
  const answer = answering(`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n${packed}`);
  const body = { kind: "text", text: "well" } as const;
  const { result } = await probeAgainst(answer, { body });
  t.like(result, { ok: false, cause: "body_mismatch" });
  t.regex(
    result.detail,
    /^body does not contain "well", read \d+ bytes, which are gzip, and nobody/,
  );
});

test("probeHttp() takes what a shell script answers, and says what is odd", async (t) => {
  const { result } = await probeAgainst(
    answering("HTTP/1.0 200 OK\nContent-Type: text/plain\n\nok\n"),
  );
  t.like(result, { ok: true, detail: "200, bare LF line ends" });
});

test("probeHttp() asks a proxy for a whole address, also after a redirect", async (t) => {
  const answers = ["HTTP/1.1 302 Found\r\nLocation: /b?c\r\nContent-Length: 0\r\n\r\n"];
  const { result, server } = await probeAgainst(
    (socket) => void socket.end(answers.shift() ?? "HTTP/1.1 200 OK\r\n\r\n"),
    { proxied: true, host: "www.a.b:81", redirectsMax: 1 },
  );
  t.true(result.ok, result.detail);
  t.true(
    server.requests[0]?.startsWith(
      "GET http://www.a.b:81/ok.html HTTP/1.1\r\nHost: www.a.b:81\r\n",
    ),
  );
  t.true(
    server.requests[1]?.startsWith("GET http://www.a.b:81/b?c HTTP/1.1\r\nHost: www.a.b:81\r\n"),
  );
});

test("probeHttp() judges a regex that cannot be compiled as a failure", async (t) => {
  const body = { kind: "regex", source: "(" } as const;
  const { result } = await probeAgainst(answering("HTTP/1.1 200 OK\r\n\r\n"), { body });
  t.like(result, { ok: false, cause: "internal" });
});

test("probeHttp() tells which expression no answer of the server lets end, and the loop goes on", async (t) => {
  let beats = 0;
  const timer = setInterval(() => {
    beats += 1;
  }, 10);
  const page = `${"a".repeat(1 << 20)}!`;
  const body = { kind: "regex", source: "(a+)+$" } as const;
  const answer = answering(`HTTP/1.1 200 OK\r\nContent-Length: ${page.length}\r\n\r\n${page}`);
  const { result } = await probeAgainst(answer, {
    body,
    bodyMaxBytes: 2 << 20,
    timeoutMs: 120_000,
  });
  clearInterval(timer);
  t.like(result, {
    ok: false,
    cause: "body_mismatch",
    detail: `/(a+)+$/ on ${page.length} letters: not done in 500 ms`,
  });
  t.true(beats >= 5, `${beats} beats`);
});

test("probeHttp() tells its limit when an expression is not done by then", async (t) => {
  const evil = { source: "(a+)+$", flags: "", texts: [`${"a".repeat(99)}!`] } as const;
  const others = Array.from("abcdefghijklmnop", async (who) =>
    search(evil, { who, patienceMs: 60_000 }),
  );
  const body = { kind: "regex", source: "all.*well" } as const;
  const answer = answering("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nall well");
  const { result } = await probeAgainst(answer, { body, timeoutMs: 5000 });
  t.like(result, {
    ok: false,
    cause: "body_mismatch",
    detail: "the expressions were not done with the answer (200, 8 bytes) in 5000 ms",
  });
  await Promise.all(others);
});

test("probeHttp() fails a slow-drip server at its total deadline", async (t) => {
  let gone = false;
  const drip = async (socket: Socket): Promise<void> => {
    socket.on("close", () => {
      gone = true;
    });
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (!gone) {
      socket.write("x");
      await delayMs(10);
    }
  };
  const { result } = await probeAgainst((socket) => void drip(socket), { timeoutMs: 8000 });
  t.like(result, { ok: false, cause: "timeout" });
  t.regex(result.detail, /^no end of the answer \(200, \d+ bytes\) in 8000 ms$/);
  t.true(result.tookMs >= 7999);
  t.true(gone, "the connection was closed");
});

test("probeHttp() fails a server that accepts and says nothing", async (t) => {
  const { result } = await probeAgainst(() => {}, { timeoutMs: 100 });
  t.like(result, { ok: false, cause: "timeout" });
});

test("probeHttp() reads no more of a huge body than it judges", async (t) => {
  let written = 0;
  const flood = (socket: Socket): void => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const chunk = Buffer.alloc(64 * 1024, "x");
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk)) written += chunk.length;
    };
    socket.on("drain", more);
    more();
  };
  const { result } = await probeAgainst(flood);
  t.true(result.ok, result.detail);
  t.true(written < 64 * 1024 * 1024);
});

test("probeHttp() does not find a text beyond the judged part of the body", async (t) => {
  const length = BODY_JUDGED_BYTES;
  const at = (offset: number): string => `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(offset)}ok`;
  const body = { kind: "text", text: "ok" } as const;
  t.true((await probeAgainst(answering(at(length - 2)), { body })).result.ok);
  t.false((await probeAgainst(answering(at(length - 1)), { body })).result.ok);
});

for (const [what, answer] of Object.entries({
  garbage: "\x00\xff\x01 nonsense\r\n\r\n",
  "an SSH banner": "SSH-2.0-OpenSSH_9.2\r\n",
  nothing: "",
  "a status line cut short": "HTTP/1.1 20",
  "a body shorter than its Content-Length": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
  "a chunk size that is no number": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  "headers without end": `HTTP/1.1 200 OK\r\nX: ${"y".repeat(100_000)}\r\n\r\n`,
})) {
  test(`probeHttp() judges ${what} as bad_response`, async (t) => {
    const { result } = await probeAgainst(answering(answer));
    t.like(result, { ok: false, cause: "bad_response" }, JSON.stringify(result));
    t.true(result.detail.length > 0 && result.detail.length <= 200);
  });
}

test("probeHttp() says that the answer broke off when its body is cut short", async (t) => {
  const cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
  const { result } = await probeAgainst(answering(cut));
  t.is(result.detail, "the answer broke off");
});

test("probeHttp() judges a connection reset after the request as bad_response", async (t) => {
  const { result } = await probeAgainst((socket) => socket.resetAndDestroy());
  t.like(result, { ok: false, cause: "bad_response" });
});

test("probeHttp() tells a refused connection apart", async (t) => {
  const target = { address: "127.0.0.1", port: await refusedPort() };
  const result = await probeHttp(target, config, context());
  t.like(result, { ok: false, cause: "connect_refused", detail: "ECONNREFUSED" });
});

test("probeHttp() never rejects: a path that cannot be sent is a failure", async (t) => {
  const server = await openServer(() => {});
  const target = { address: "127.0.0.1", port: server.port };
  const result = await probeHttp(target, { ...config, paths: ["/a b"] }, context());
  t.like(result, { ok: false, cause: "internal" });
  await until("the connection is gone", () => server.connections() === 0);
  await server.close();
});

test("probeHttp() ends at once when it is aborted, and closes its connection", async (t) => {
  const controller = new AbortController();
  const server = await openServer(() => controller.abort());
  const signal = controller.signal;
  const target = { address: "127.0.0.1", port: server.port };
  const result = await probeHttp(target, config, { clock: timeoutClock, signal });
  t.like(result, { ok: false, detail: "aborted" });
  await until("the connection is gone", () => server.connections() === 0);
  await server.close();
});

test("probeHttp() ends with a judgement whatever bytes the server sends", async (t) => {
  let answer = Buffer.alloc(0);
  const server = await openServer((socket) => socket.end(answer));
  const target = { address: "127.0.0.1", port: server.port };
  const bytes = fc.uint8Array({ maxLength: 200 });
  const property = fc.asyncProperty(bytes, fc.boolean(), async (tail, framed) => {
    answer = Buffer.concat([Buffer.from(framed ? "HTTP/1.1 200 OK\r\n" : ""), tail]);
    const result = await probeHttp(target, config, context());
    t.true(result.ok || result.cause === "bad_response" || result.cause === "wrong_status");
  });
  await fc.assert(property, { numRuns: 50 });
  await server.close();
});

function context(): { clock: typeof timeoutClock; signal: AbortSignal } {
  return { clock: timeoutClock, signal: new AbortController().signal };
}

function answering(answer: string): (socket: Socket) => void {
  return (socket) => void socket.end(Buffer.from(answer, "latin1"));
}

/** One probe against one server, which must see its connection closed at the end. */
async function probeAgainst(
  answer: (socket: Socket) => void,
  changes: Partial<CheckConfigOf<"http">> = {},
): Promise<{ result: ProbeResult; server: TestServer }> {
  const server = await openServer(answer);
  const target = { address: "127.0.0.1", port: server.port };
  const result = await probeHttp(target, { ...config, ...changes }, context());
  await until("the connection is gone", () => server.connections() === 0);
  await server.close();
  return { result, server };
}
