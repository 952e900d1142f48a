import test from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probeNtp } from "../../../src/check/probes/ntp.ts";
import { probeUdp } from "../../../src/check/probes/udp.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck } from "../../helpers/checks.ts";
import { closedUdpPort, openUdpServer } from "../../helpers/udp-server.ts";

const config: CheckConfigOf<"udp"> = {
  ...commonCheck,
  type: "udp",
  payload: null,
  reply: null,
  replyBytesMin: 0,
  replyBytesMax: 255,
};

test("probeUdp() sends the payload, or bytes of its own", async (t) => {
  const server = await openUdpServer(t, () => [Buffer.from("ok")]);
  t.like(await runUdp(server.port, { payload: "00ff" }), { ok: true, detail: "2 bytes" });
  t.like(await runUdp(server.port), { ok: true });
  t.is(server.heard[0]?.toString("hex"), "00ff");
  t.is(server.heard[1]?.length, 8);
});

test("probeUdp() takes silence for a success at the limit, and says so", async (t) => {
  const server = await openUdpServer(t, () => []);
  const result = await runUdp(server.port, { timeoutMs: 60 });
  t.like(result, { ok: true, detail: "no answer and no ICMP error" });
  t.true(result.tookMs >= 59);
});

test("probeUdp() takes silence for a failure where a reply is required", async (t) => {
  const server = await openUdpServer(t, () => []);
  const detail = "no answer in 60 ms";
  t.like(await runUdp(server.port, { timeoutMs: 60, reply: "" }), {
    ok: false,
    cause: "timeout",
    detail,
  });
});

test("probeUdp() fails by the ICMP error of a closed port", async (t) => {
  t.like(await runUdp(await closedUdpPort()), {
    ok: false,
    cause: "connect_refused",
    detail: "ECONNREFUSED",
  });
});

for (const [reply, answer, detail] of [
  ["0aXX", "0aff", null],
  ["0aX1", "0af1ff", null],
  ["0aX1", "0af2", "wanted 0aX1, got 0af2"],
  ["0a0b", "0a", "wanted 0a0b, got 0a"],
  ["", "", null],
] as const) {
  test(`probeUdp() holds a reply of ${answer || "nothing"} against ${reply || "any"}`, async (t) => {
    const server = await openUdpServer(t, () => [Buffer.from(answer, "hex")]);
    const result = await runUdp(server.port, { reply });
    if (detail === null) t.true(result.ok);
    else t.like(result, { ok: false, cause: "unexpected_answer", detail });
  });
}

test("probeUdp() judges the length of a reply", async (t) => {
  const server = await openUdpServer(t, () => [Buffer.alloc(10)]);
  const limits = { reply: "", replyBytesMin: 4, replyBytesMax: 9 };
  const detail = "10 bytes, wanted 4 to 9";
  t.like(await runUdp(server.port, limits), { ok: false, cause: "unexpected_answer", detail });
  t.true((await runUdp(server.port, { ...limits, replyBytesMax: 10 })).ok);
});

test("probeUdp() speaks IPv6", async (t) => {
  const server = await openUdpServer(t, () => [Buffer.from("ok")], "::1");
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  t.true(
    (await probeUdp({ address: "::1", port: server.port }, { ...config, reply: "" }, context)).ok,
  );
});

const ntp: CheckConfigOf<"ntp"> = { ...commonCheck, type: "ntp", stratumMax: 3 };

for (const [name, change, wanted] of [
  ["a synchronized server", () => {}, { ok: true, detail: "stratum 2" }],
  [
    "one that is not synchronized",
    (b: Buffer) => (b[0] = 0xe4),
    { ok: false, detail: "its clock is not synchronized (leap 3, stratum 2)" },
  ],
  [
    "one that has just begun",
    (b: Buffer) => {
      b[1] = 0;
      b.write("INIT", 12, "latin1");
    },
    { ok: false, detail: "its clock is not synchronized (leap 0, stratum 0)" },
  ],
  [
    "one that is far away",
    (b: Buffer) => (b[1] = 4),
    { ok: false, detail: "stratum 4, wanted at most 3" },
  ],
  [
    "a kiss of death",
    (b: Buffer) => {
      b[1] = 0;
      b.write("RATE", 12, "latin1");
    },
    { ok: false, detail: "refused: RATE" },
  ],
  ["a broadcast", (b: Buffer) => (b[0] = 0x25), { ok: false, detail: "mode 5, wanted 4" }],
] as const) {
  test(`probeNtp() judges ${name}`, async (t) => {
    const server = await openUdpServer(t, (question) => [
      // Somebody else's answer is passed over.
      Buffer.alloc(48),
      timeAnswer(question, change),
    ]);
    t.like(await runNtp(server.port), wanted);
    t.is(server.heard[0]?.length, 48);
    t.is(server.heard[0]?.[0], 0x23);
  });
}

test("probeNtp() waits for an answer to its own question", async (t) => {
  const server = await openUdpServer(t, () => [Buffer.alloc(48, 0x24), Buffer.alloc(3)]);
  const result = await runNtp(server.port, 1000);
  t.like(result, { ok: false, cause: "bad_response" });
  t.regex(result.detail, /^only what is no answer to this question: hex:\S+, in 1000 ms$/);
});

/** Leap 0, version 4, mode 4; stratum 2. */
function timeAnswer(question: Buffer, change: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(48);
  bytes[0] = 0x24;
  bytes[1] = 2;
  question.copy(bytes, 24, 40, 48);
  change(bytes);
  return bytes;
}

async function runUdp(
  port: number,
  more: Partial<CheckConfigOf<"udp">> = {},
): Promise<ProbeResult> {
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probeUdp({ address: "127.0.0.1", port }, { ...config, ...more }, context);
}

async function runNtp(port: number, timeoutMs = 120_000): Promise<ProbeResult> {
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probeNtp({ address: "127.0.0.1", port }, { ...ntp, timeoutMs }, context);
}
