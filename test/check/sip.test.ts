// The check of SIP against servers of the test, by datagrams and over a stream.

import test, { type ExecutionContext } from "ava";
import type { ProbeResult } from "../../src/check/model.ts";
import { probe } from "../../src/check/probes/index.ts";
import { messageOf, takeSip } from "../../src/check/sip.ts";
import type { CheckConfigOf } from "../../src/check/types/index.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { commonCheck } from "../helpers/checks.ts";
import { openServer } from "../helpers/servers.ts";
import { closedUdpPort, openUdpServer, type UdpServer } from "../helpers/udp-server.ts";

const config: CheckConfigOf<"sip"> = {
  ...commonCheck,
  type: "sip",
  transport: "udp",
  tls: null,
  to: null,
  from: null,
  status: [[200, 200]],
};

test("a sip check asks with all that RFC 3261 §8.1.1 wants", async (t) => {
  const server = await openUdpServer(t, (question) => [answerTo(question)]);
  t.like(await run(server.port), { ok: true, detail: "200 OK" });
  const lines = (server.heard[0] ?? "").toString().split("\r\n");
  const here = String.raw`127\.0\.0\.1:\d+`;
  const wanted = [
    `OPTIONS sip:127\\.0\\.0\\.1:${server.port} SIP/2\\.0`,
    `Via: SIP/2\\.0/UDP ${here};branch=z9hG4bK[\\da-f]{16};rport`,
    "Max-Forwards: 70",
    `From: <sip:duet@${here}>;tag=[\\da-f]{16}`,
    `To: <sip:127\\.0\\.0\\.1:${server.port}>`,
    "Call-ID: [\\da-f]{16}",
    "CSeq: 1 OPTIONS",
    `Contact: <sip:duet@${here}>`,
    "Accept: application/sdp",
    "User-Agent: duet",
    "Content-Length: 0",
    "",
    "",
  ];
  t.is(lines.length, wanted.length);
  for (const [i, pattern] of wanted.entries()) {
    t.regex(lines[i] ?? "", new RegExp(`^${pattern}$`));
  }
});

test("a sip check asks whom it is told to, in the name of whom it is told to", async (t) => {
  const server = await openUdpServer(t, (question) => [answerTo(question)]);
  const more = { to: "sip:ping@sip.test", from: "sip:lb1@sip.test" };
  t.like(await run(server.port, more), { ok: true });
  const heard = (server.heard[0] ?? "").toString();
  t.true(heard.startsWith("OPTIONS sip:ping@sip.test SIP/2.0\r\n"));
  t.true(heard.includes("\r\nTo: <sip:ping@sip.test>\r\n"));
  t.true(heard.includes("\r\nFrom: <sip:lb1@sip.test>;tag="));
});

for (const [name, answers, more, wanted] of [
  [
    "a server that is busy",
    [["503 Service\u0007 Unavailable"]],
    {},
    {
      ok: false,
      cause: "wrong_status",
      detail: "503 Service? Unavailable, wanted 200",
    },
  ],
  [
    "a status that will do",
    [["404 Not Found"]],
    { status: [[400, 499]] },
    { ok: true, detail: "404 Not Found" },
  ],
  ["a server that takes its time", [["100 Trying"], ["200 OK"]], {}, { ok: true }],
  [
    "a server that never gets on",
    [["100 Trying"]],
    { timeoutMs: 1500 },
    { ok: false, cause: "bad_response", detail: "only 100 Trying, in 1500 ms" },
  ],
  [
    "an answer to another question",
    [["200 OK", (text: string) => text.replace(/branch=\w+/, "branch=z9hG4bKno")]],
    { timeoutMs: 1500 },
    { ok: false, cause: "bad_response", detail: "only an answer to another question, in 1500 ms" },
  ],
  [
    "an answer to another method",
    [["200 OK", (text: string) => text.replace("1 OPTIONS", "1 INVITE")]],
    { timeoutMs: 1500 },
    { ok: false, cause: "bad_response" },
  ],
  [
    "short names and folded lines",
    [["200 OK", (text: string) => text.replace("Via: ", "v:\r\n ").replace("CSeq:", "cseq :")]],
    {},
    { ok: true },
  ],
] as const) {
  for (const transport of ["udp", "tcp"] as const) {
    test(`a sip check by ${transport} meets ${name}`, async (t) => {
      const lines = (question: Buffer): Buffer[] =>
        answers.map(([status, change]) => answerTo(question, status, change));
      const { port } =
        transport === "udp"
          ? await openUdpServer(t, lines)
          : await openStream(t, (question) => Buffer.concat(lines(question)));
      t.like(await run(port, { ...more, transport }), wanted);
    });
  }
}

test("a sip check over a stream passes requests, bodies and empty lines over", async (t) => {
  const request = "OPTIONS sip:you SIP/2.0\r\nl: 4\r\n\r\nbody";
  const { port } = await openStream(t, (question) =>
    Buffer.concat([Buffer.from(`\r\n\r\n${request}`), answerTo(question)]),
  );
  t.like(await run(port, { transport: "tcp" }), { ok: true });
});

for (const [name, answer, detail] of [
  ["another protocol", "SSH-2.0-x\r\n", 'not the protocol of SIP: "SSH-2.0-x\\r\\n"'],
  [
    "a body without end",
    "SIP/2.0 200 OK\r\nContent-Length: 9999999\r\n\r\n",
    'a body of "9999999" bytes',
  ],
] as const) {
  test(`a sip check over a stream meets ${name}`, async (t) => {
    const { port } = await openStream(t, () => Buffer.from(answer));
    const wanted = { ok: false, cause: "bad_response", detail } as const;
    t.like(await run(port, { transport: "tcp" }), wanted);
  });
}

test("a sip check asks again after 500 ms, with the same words", async (t) => {
  const server: UdpServer = await openUdpServer(t, (question) =>
    server.heard.length < 2 ? [] : [answerTo(question)],
  );
  const { ok, tookMs } = await run(server.port, { timeoutMs: 120_000 });
  t.true(ok);
  t.true(tookMs >= 500, `${tookMs} ms`);
  t.is(server.heard.length, 2);
  t.deepEqual(server.heard[0], server.heard[1]);
});

test("a sip check says what it did not hear", async (t) => {
  const silent = await openUdpServer(t, () => []);
  t.like(await run(silent.port, { timeoutMs: 60 }), {
    cause: "timeout",
    detail: "no answer in 60 ms",
  });
  const noisy = await openUdpServer(t, () => [Buffer.alloc(9)]);
  t.like(await run(noisy.port, { timeoutMs: 1500 }), {
    cause: "bad_response",
    detail: "only what is no SIP, in 1500 ms",
  });
  t.like(await run(await closedUdpPort()), { ok: false, cause: "connect_refused" });
});

test("a sip check speaks IPv6, with brackets", async (t) => {
  const server = await openUdpServer(t, (question) => [answerTo(question)], "::1");
  t.like(await run(server.port, {}, "::1"), { ok: true });
  t.regex(
    (server.heard[0] ?? "").toString(),
    /^OPTIONS sip:\[::1\]:\d+ SIP.*\r\nVia: [^ ]+ \[::1\]:/,
  );
});

test("takeSip() waits for the rest of a message, wherever it is cut", (t) => {
  const whole = Buffer.from("SIP/2.0 200 OK\r\nl: 3\r\n\r\nabc");
  for (let length = 0; length < whole.length; length += 1) {
    t.is(takeSip(whole.subarray(0, length)), undefined, `${length} bytes`);
  }
  const message = messageOf(whole);
  t.truthy(message);
  t.deepEqual(takeSip(Buffer.concat([whole, whole])), { message, lengthBytes: whole.length });
});

function answerTo(
  question: Buffer,
  status = "200 OK",
  change = (text: string): string => text,
): Buffer {
  const copied = question
    .toString()
    .split("\r\n")
    .filter((line) => /^(?:Via|From|To|Call-ID|CSeq):/.test(line));
  const text = [`SIP/2.0 ${status}`, ...copied, "Content-Length: 0", "", ""].join("\r\n");
  return Buffer.from(change(text));
}

/** Answers byte by byte: a message has no other end than its length. */
async function openStream(
  t: ExecutionContext,
  answer: (question: Buffer) => Buffer,
): Promise<{ readonly port: number }> {
  const server = await openServer((socket) => {
    const question = Buffer.from(server.requests.at(-1) ?? "", "latin1");
    for (const byte of answer(question)) socket.write(Buffer.of(byte));
  });
  t.teardown(server.close);
  return server;
}

async function run(
  port: number,
  more: Partial<CheckConfigOf<"sip">> = {},
  address = "127.0.0.1",
): Promise<ProbeResult> {
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probe({ address, port }, { ...config, ...more }, context);
}
