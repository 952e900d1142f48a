import { type AddressInfo, createServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probe } from "../../../src/check/probes/index.ts";
import type { CheckFields } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { commonCheck, tlsUse } from "../../helpers/checks.ts";

const BOUND = "300c02010161070a010004000400";
const ENTRY = "3009020102640404003000";
const DONE = "300c02010265070a010004000400";
const login = { name: "cn=a", password: "s" };

for (const [name, base, answers, wanted] of [
  ["a bind is enough", null, [BOUND], { ok: true, detail: "bound" }],
  [
    "wrong credentials",
    null,
    ["300c02010161070a013104000400"],
    { ok: false, cause: "login_failed", detail: "bind: invalidCredentials" },
  ],
  ["one entry", "", [BOUND, ENTRY + DONE], { ok: true, detail: "one entry" }],
  [
    "no entry",
    "dc=no",
    [BOUND, DONE],
    { ok: false, cause: "unexpected_answer", detail: "no entry, wanted one" },
  ],
  [
    "no such entry",
    "dc=no",
    [BOUND, "300c02010265070a012004000400"],
    { ok: false, cause: "unexpected_answer", detail: "search: noSuchObject" },
  ],
] as const) {
  test(`ldap: ${name}`, async (t) => {
    t.like(await run(t, base, answers), wanted);
  });
}

test("ldap: no LDAP", async (t) => {
  const result = await run(t, null, ["16030300020228"]);
  t.like(result, { ok: false, cause: "bad_response" });
  t.regex(result.detail, /^not the protocol of LDAP: hex:16/);
});

for (const [name, answer, detail] of [
  ["another answer than that", BOUND, "no answer to StartTLS"],
  ["a server without it", "300c02010478070a010204000400", "StartTLS: protocolError"],
  [
    "TLS that comes too early",
    "300c02010478070a01000400040016",
    "bytes between the agreement to TLS and TLS itself",
  ],
] as const) {
  test(`ldap: StartTLS meets ${name}`, async (t) => {
    const result = await run(t, null, [answer], { starttls: true, tls: tlsUse });
    t.like(result, { ok: false, cause: "bad_response", detail });
  });
}

async function run(
  t: ExecutionContext,
  base: string | null,
  answers: readonly string[],
  more: Partial<CheckFields["ldap"]> = {},
): Promise<ProbeResult> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    let turn = 0;
    // Byte by byte: an answer has no other end than its length.
    socket.on("data", () => {
      for (const byte of Buffer.from(answers[turn++] ?? "", "hex")) socket.write(Buffer.of(byte));
    });
    t.teardown(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  const target = { address: "127.0.0.1", port: (server.address() as AddressInfo).port };
  const config = {
    ...commonCheck,
    type: "ldap",
    tls: null,
    starttls: false,
    login,
    base,
    ...more,
  } as const;
  return probe(target, config, { signal: new AbortController().signal, clock: timeoutClock });
}
