// RADIUS against the packets of the RFCs, and against a server of the test, that has hashes of its own.

import { createHash, createHmac } from "node:crypto";
import test from "ava";
import type { ProbeResult } from "../../src/check/model.ts";
import { probe } from "../../src/check/probes/index.ts";
import { encodeRadius, judgeRadius } from "../../src/check/radius.ts";
import type { CheckConfigOf } from "../../src/check/types/index.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { commonCheck } from "../helpers/checks.ts";
import { closedUdpPort, openUdpServer, type UdpServer } from "../helpers/udp-server.ts";

const config: CheckConfigOf<"radius"> = {
  ...commonCheck,
  type: "radius",
  secret: "xyzzy5461",
  login: { name: "nemo", password: "arctangent" },
  nasIp: null,
  nasIdentifier: "lb1",
  reply: "accept",
  requireMessageAuthenticator: false,
};

/** RFC 2865 §7.1. */
const nemo = { id: 0, authenticator: Buffer.from("0f403f9473978057bd83d5cb98f4227a", "hex") };

test("encodeRadius() hides the password as RFC 2865 §7.1 shows it, and signs in front", (t) => {
  const bytes = encodeRadius(nemo, config, Buffer.of(192, 168, 1, 16));
  t.is(bytes.toString("hex", 0, 4), `0100${bytes.length.toString(16).padStart(4, "0")}`);
  t.true(bytes.subarray(4, 20).equals(nemo.authenticator));
  t.is(bytes.toString("hex", 20, 22), "5012");
  const rest = "01066e656d6f02120dbe708d93d413ce3196e43f782a0aee0406c0a8011020056c6231";
  t.is(bytes.toString("hex", 38), rest);
});

test("encodeRadius() asks for the status as RFC 5997 §6.1 does, and says who asks", (t) => {
  const authenticator = Buffer.from("8a54f4686fb394c52866e302185d0623", "hex");
  const bytes = encodeRadius({ id: 0xda, authenticator }, { ...config, login: null }, null);
  t.is(bytes.toString("hex", 0, 2), "0cda");
  const zeroed = Buffer.from(bytes);
  zeroed.fill(0, 22, 38);
  const signature = createHmac("md5", config.secret).update(zeroed).digest();
  t.true(bytes.subarray(22, 38).equals(signature));
  const reply = Buffer.from("02da0014ef0d552a4bf2d693ec2b6fe8b5411d66", "hex");
  const judged = judgeRadius(reply, { id: 0xda, authenticator }, { ...config, login: null });
  t.deepEqual(judged, { ok: true, detail: "Access-Accept" });
});

test("judgeRadius() takes the answer of RFC 2865 §7.1, and none with a bit flipped", (t) => {
  const reply = Buffer.from(
    "0200002686fe220e7624ba2a1005f6bf9b55e0b20606000000010f06000000000e06c0a80103",
    "hex",
  );
  t.deepEqual(judgeRadius(reply, nemo, config), { ok: true, detail: "Access-Accept" });
  for (let bit = 0; bit < reply.length * 8; bit += 1) {
    const flipped = Buffer.from(reply);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    t.true("dropped" in judgeRadius(flipped, nemo, config), `bit ${bit}`);
  }
});

for (const [name, answer, more, wanted] of [
  ["an accept", { code: 2 }, {}, { ok: true, detail: "Access-Accept" }],
  ["an accept that is signed", { code: 2, signed: true }, {}, { ok: true }],
  [
    "an accept that has to be signed",
    { code: 2 },
    { requireMessageAuthenticator: true },
    { ok: false, cause: "bad_response", detail: "Access-Accept without Message-Authenticator" },
  ],
  [
    "a reject",
    { code: 3, message: "no\u0007" },
    {},
    { ok: false, cause: "login_failed", detail: 'Access-Reject: "no\\u0007"' },
  ],
  ["a reject that is wanted", { code: 3 }, { reply: "reject" }, { ok: true }],
  [
    "an accept of who should be rejected",
    { code: 2 },
    { reply: "reject" },
    {
      ok: false,
      cause: "unexpected_answer",
      detail: "Access-Accept, wanted Access-Reject",
    },
  ],
  [
    "a challenge",
    { code: 11 },
    {},
    { ok: false, cause: "unexpected_answer", detail: "Access-Challenge, wanted Access-Accept" },
  ],
  ["a challenge where any will do", { code: 11 }, { reply: "any" }, { ok: true }],
  ["an answer to Status-Server", { code: 5 }, { login: null }, { ok: true }],
  [
    "another answer to Status-Server",
    { code: 3 },
    { login: null },
    {
      ok: false,
      cause: "unexpected_answer",
      detail: "Access-Reject, wanted an answer to Status-Server",
    },
  ],
  [
    "a server with another secret",
    { code: 2, secret: "other" },
    { timeoutMs: 1500 },
    {
      ok: false,
      cause: "bad_response",
      detail: "only a reply that does not verify: the server has another secret, in 1500 ms",
    },
  ],
  [
    "a signature that is wrong",
    { code: 2, signed: "wrong" },
    { timeoutMs: 1500 },
    {
      ok: false,
      cause: "bad_response",
      detail: "only a reply whose Message-Authenticator does not verify, in 1500 ms",
    },
  ],
  [
    "attributes that do not fit",
    { code: 2, tail: "12ff00" },
    {},
    { ok: false, cause: "bad_response", detail: "attributes that do not fit their packet" },
  ],
] as const) {
  test(`a radius check meets ${name}`, async (t) => {
    const server = await openUdpServer(t, (question) => [
      // Somebody else's answers are passed over.
      Buffer.alloc(3),
      answerTo(question, { code: 3 }, 1),
      answerTo(question, answer),
    ]);
    t.like(await run(server.port, more), wanted);
  });
}

test("a radius check says what silence means, and asks again", async (t) => {
  const server = await openUdpServer(t, () => []);
  t.like(await run(server.port, { timeoutMs: 1500 }), {
    ok: false,
    cause: "timeout",
    detail: "no answer, as to a wrong secret or an unknown client, in 1500 ms",
  });
  const deaf: UdpServer = await openUdpServer(t, (question) =>
    deaf.heard.length < 2 ? [] : [answerTo(question, { code: 2 })],
  );
  t.like(await run(deaf.port, { timeoutMs: 120_000 }), { ok: true });
  t.is(deaf.heard.length, 2);
  t.deepEqual(deaf.heard[0], deaf.heard[1]);
});

test("a radius check fails by the ICMP error of a closed port", async (t) => {
  t.like(await run(await closedUdpPort()), { ok: false, cause: "connect_refused" });
});

test("a radius check sends a password of 128 bytes", async (t) => {
  const password = "p".repeat(128);
  const server = await openUdpServer(t, (question) => [
    answerTo(question, { code: passwordIn(question) === password ? 2 : 3 }),
  ]);
  t.like(await run(server.port, { login: { name: "nemo", password } }), { ok: true });
});

type Answer = {
  readonly code: number;
  readonly secret?: string;
  readonly signed?: boolean | "wrong";
  readonly message?: string;
  readonly tail?: string;
};

function answerTo(question: Buffer, answer: Answer, otherId = 0): Buffer {
  const { code, secret = config.secret, signed = false, message, tail = "" } = answer;
  const text = Buffer.from(message ?? "");
  const parts = [
    signed === false ? Buffer.alloc(0) : Buffer.from(`5012${"0".repeat(32)}`, "hex"),
    message === undefined ? Buffer.alloc(0) : Buffer.concat([Buffer.of(18, 2 + text.length), text]),
    Buffer.from(tail, "hex"),
  ];
  const attributes = Buffer.concat(parts);
  const head = Buffer.of(code, (question[1] ?? 0) ^ otherId, 0, 20 + attributes.length);
  const asked = question.subarray(4, 20);
  const whole = Buffer.concat([head, asked, attributes]);
  if (signed === true) createHmac("md5", secret).update(whole).digest().copy(whole, 22);
  createHash("md5").update(whole).update(secret).digest().copy(whole, 4);
  return whole;
}

/** Of a request as encodeRadius() builds it. */
function passwordIn(question: Buffer): string {
  const at = 38 + (question[39] ?? 0);
  const hidden = question.subarray(at + 2, at + (question[at + 1] ?? 0));
  const shown = Buffer.from(hidden);
  let before = question.subarray(4, 20);
  for (let i = 0; i < hidden.length; i += 16) {
    const mask = createHash("md5").update(config.secret).update(before).digest();
    for (let j = 0; j < 16; j += 1) shown[i + j] = (shown[i + j] ?? 0) ^ (mask[j] ?? 0);
    before = hidden.subarray(i, i + 16);
  }
  return shown.toString("latin1").replace(/\0+$/, "");
}

async function run(
  port: number,
  more: Partial<CheckConfigOf<"radius">> = {},
): Promise<ProbeResult> {
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probe({ address: "127.0.0.1", port }, { ...config, ...more }, context);
}
