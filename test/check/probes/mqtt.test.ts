// The bytes are those of the specifications: MQTT 3.1.1 §3.1 and §3.2, MQTT 5.0 §3.1 and §3.2.

import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import test, { type ExecutionContext } from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probe } from "../../../src/check/probes/index.ts";
import type { CheckFields } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { certificates } from "../../helpers/certificates.ts";
import { commonCheck, tlsUse } from "../../helpers/checks.ts";

const login = { name: "probe", password: "secret" };
const CONNECT_3 = "100f00044d5154540402003c000364756f";
const ACCEPTED = "20020000";
const CLOSE = "close";

for (const [name, more, asked] of [
  ["nobody", {}, CONNECT_3],
  ["version 5", { version: "5" }, "101000044d5154540502003c00000364756f"],
  [
    "a name and a password",
    { login },
    "101e00044d51545404c2003c000364756f000570726f62650006736563726574",
  ],
  [
    "a name alone",
    { login: { name: "probe", password: "" } },
    "101600044d5154540482003c000364756f000570726f6265",
  ],
] as const) {
  test(`mqtt: CONNECT of ${name}, and DISCONNECT`, async (t) => {
    const { result, heard } = await ask(t, [ACCEPTED], more);
    const version = "version" in more ? more.version : "3.1.1";
    t.like(result, { ok: true, detail: `accepted by MQTT ${version}` });
    t.is(await heard, `${asked}e000`);
  });
}

test("mqtt: a client identifier that nobody says is another one each time", async (t) => {
  const ids = new Set<string>();
  for (let time = 0; time < 3; time += 1) {
    const { heard } = await ask(t, [ACCEPTED], { clientId: null });
    const [, id = ""] = /^10..00044d5154540402003c00..((?:..)+)e000$/.exec(await heard) ?? [];
    // MQTT 3.1.1 §3.1.3.1: what every server allows.
    t.regex(Buffer.from(id, "hex").toString(), /^duet\d{1,19}$/);
    ids.add(id);
  }
  t.is(ids.size, 3);
});

test("mqtt: a long login has a length of two bytes", async (t) => {
  const { heard } = await ask(t, [ACCEPTED], { login: { name: "n".repeat(200), password: "" } });
  t.regex(await heard, /^10d90100044d515454/);
});

for (const [name, answer, wanted] of [
  ["version 5 with properties", "2009000006210014220064", { ok: true }],
  [
    "a wrong password",
    "20020004",
    { ok: false, cause: "login_failed", detail: "bad user name or password" },
  ],
  ["nobody is not let in", "20020005", { ok: false, cause: "login_failed" }],
  ["version 5: not authorized", "2003008700", { ok: false, cause: "login_failed" }],
  [
    "a broker that is going down",
    "20020003",
    { ok: false, cause: "unexpected_answer", detail: "server unavailable" },
  ],
  [
    "a code that nobody knows",
    "200200fe",
    { cause: "unexpected_answer", detail: "reason code 254" },
  ],
  ["a session that nobody asked for", "20020100", { ok: false, cause: "bad_response" }],
  ["no code", "200100", { ok: false, cause: "bad_response", detail: "CONNACK without a code" }],
  ["another packet", "30020000", { ok: false, cause: "bad_response" }],
  ["a length without end", "20ffffffffff", { ok: false, cause: "bad_response" }],
  ["a length of 256 MB", "20ffffff7f", { ok: false, cause: "bad_response" }],
] as const) {
  test(`mqtt: ${name}`, async (t) => {
    t.like((await ask(t, [answer])).result, wanted);
  });
}

test("mqtt: a server that says nothing, and one that says a part, and closes", async (t) => {
  t.like((await ask(t, ["", CLOSE])).result, {
    cause: "bad_response",
    detail: "the connection closed: no answer",
  });
  t.like((await ask(t, ["2002", CLOSE])).result, {
    cause: "bad_response",
    detail: "the connection closed: no whole answer, only hex:2002",
  });
});

test("mqtt: TLS from the first byte on, and a certificate that is judged", async (t) => {
  const { ca, make } = certificates(t);
  const made = make(2);
  const own = { cert: readFileSync(made.cert), key: readFileSync(made.key) };
  t.like((await ask(t, [ACCEPTED], { tls: { ...tlsUse, caFile: ca } }, own)).result, {
    ok: true,
  });
  const old = { ...tlsUse, caFile: ca, expiryWarningDays: 14 };
  const { detail } = (await ask(t, [ACCEPTED], { tls: old }, own)).result;
  t.regex(detail, /^accepted by MQTT 3\.1\.1, warning: the certificate expires in [12] days?$/);
  t.like((await ask(t, [ACCEPTED], { tls: tlsUse }, own)).result, {
    cause: "certificate_rejected",
  });
});

async function ask(
  t: ExecutionContext,
  answers: readonly string[],
  more: Partial<CheckFields["mqtt"]> = {},
  tls?: { readonly cert: Buffer; readonly key: Buffer },
): Promise<{ readonly result: ProbeResult; readonly heard: Promise<string> }> {
  let told = (_hex: string): void => {};
  const heard = new Promise<string>((resolve) => {
    told = resolve;
  });
  const listener = (socket: Socket): void => {
    const parts: Buffer[] = [];
    let turn = 0;
    socket.on("error", () => {});
    // Byte by byte: an answer has no other end than its length.
    socket.on("data", (bytes: Buffer) => {
      parts.push(bytes);
      for (const byte of Buffer.from(answers[turn++] ?? "", "hex")) socket.write(Buffer.of(byte));
      if (answers[turn] === CLOSE) socket.end();
    });
    socket.on("close", () => told(Buffer.concat(parts).toString("hex")));
    t.teardown(() => void socket.destroy());
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  const target = { address: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const config = {
    ...commonCheck,
    type: "mqtt",
    version: "3.1.1",
    clientId: "duo",
    tls: null,
    login: null,
    ...more,
  } as const;
  const signal = new AbortController().signal;
  return { result: await probe(target, config, { signal, clock: timeoutClock }), heard };
}
