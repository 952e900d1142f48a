// Against openssl s_server with certificates that openssl made.

import { createServer } from "node:net";
import test, { type ExecutionContext } from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probeTls } from "../../../src/check/probes/tls.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import type { TlsUse } from "../../../src/check/types/tls.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { type Certificate, type Certificates, certificates } from "../../helpers/certificates.ts";
import { commonCheck, tlsUse } from "../../helpers/checks.ts";
import { startProgram } from "../../helpers/programs.ts";
import { openServer, refusedPort } from "../../helpers/servers.ts";
import { until } from "../../helpers/until.ts";
import { logPackage } from "../../helpers/versions.ts";

test("probeTls() succeeds with a certificate that verifies, and says for how long", async (t) => {
  const made = certificates(t);
  const result = await probeOpenssl(t, made, made.make(30));
  t.like(result, { ok: true, detail: "TLSv1.3, certificate for 29 days" });
});

test("probeTls() verifies a certificate for the address when there is no name", async (t) => {
  const made = certificates(t);
  const result = await probeOpenssl(t, made, made.make(30), { serverName: null });
  t.true(result.ok, result.detail);
});

for (const [what, make, detail] of [
  ["has expired", (made) => made.make(-1), /^the certificate expired 1 day ago$/],
  [
    "is for another name",
    (made) => made.make(30, "DNS:other.test,IP:192.0.2.1"),
    /^the certificate is for other\.test, 192\.0\.2\.1, not for www\.test$/,
  ],
  [
    "is self-signed",
    (made) => made.selfSigned(),
    /^the certificate is self-signed \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
  ],
] as const satisfies readonly (readonly [string, (made: Certificates) => Certificate, RegExp])[]) {
  test(`probeTls() rejects a certificate that ${what}, and takes it with verify = no`, async (t) => {
    const made = certificates(t);
    const certificate = make(made);
    const result = await probeOpenssl(t, made, certificate);
    t.like(result, { ok: false, cause: "certificate_rejected" });
    t.regex(result.detail, detail);
    const unverified = await probeOpenssl(t, made, certificate, { verify: false });
    t.true(unverified.ok, unverified.detail);
  });
}

test("probeTls() rejects a certificate of an authority that the system does not know", async (t) => {
  const made = certificates(t);
  const result = await probeOpenssl(t, made, made.make(30), { caFile: null });
  t.like(result, {
    ok: false,
    cause: "certificate_rejected",
    detail: "the authority of the certificate is not known here (UNABLE_TO_VERIFY_LEAF_SIGNATURE)",
  });
});

test("probeTls() warns of a certificate that expires soon, and fails one that has expired", async (t) => {
  const made = certificates(t);
  const soon = await probeOpenssl(t, made, made.make(10), { expiryWarningDays: 14 });
  t.like(soon, { ok: true, detail: "TLSv1.3, warning: the certificate expires in 9 days" });
  const late = await probeOpenssl(t, made, made.make(20), { expiryWarningDays: 14 });
  t.like(late, { ok: true, detail: "TLSv1.3, certificate for 19 days" });
  const gone = await probeOpenssl(t, made, made.make(-1), { expiryWarningDays: 14, verify: false });
  t.like(gone, { ok: false, cause: "certificate_rejected" });
});

test("probeTls() sends its name as SNI", async (t) => {
  const made = certificates(t);
  const [plain, named] = [made.make(30, "DNS:plain.test"), made.make(30)];
  const second = ["-servername", "www.test", "-cert2", named.cert, "-key2", named.key];
  t.true((await probeOpenssl(t, made, plain, {}, second)).ok);
});

test("probeTls() names the alert of a server that is too old", async (t) => {
  const made = certificates(t);
  const result = await probeOpenssl(t, made, made.make(30), { minVersion: "1.3" }, ["-tls1_2"]);
  t.like(result, { ok: false, cause: "tls_failed" });
  t.regex(result.detail, /protocol version/);
});

test("probeTls() takes TLS 1.0 where it is told to", async (t) => {
  const made = certificates(t);
  const old = ["-tls1", "-cipher", "DEFAULT@SECLEVEL=0"];
  const taken = await probeOpenssl(t, made, made.make(30), { minVersion: "1.0" }, old);
  t.regex(taken.detail, /^TLSv1, /);
  t.false((await probeOpenssl(t, made, made.make(30), {}, old)).ok);
});

for (const [what, answer, detail] of [
  ["speaks something else", "220 mail.test ESMTP\r\n", /^the server does not speak TLS/],
  ["closes", "", /^the connection (closed|was reset) during the handshake$/],
] as const) {
  test(`probeTls() says that the server ${what}`, async (t) => {
    const server = await openServer((socket) => socket.end(answer));
    const result = await probeTls(at(server.port), config(tlsUse), context());
    t.like(result, { ok: false, cause: "tls_failed" });
    t.regex(result.detail, detail);
    await until("the connection is gone", () => server.connections() === 0);
    await server.close();
  });
}

test("probeTls() gives up on a server that accepts and says nothing", async (t) => {
  const server = await openServer(() => {});
  const result = await probeTls(at(server.port), { ...config(tlsUse), timeoutMs: 1000 }, context());
  t.like(result, { ok: false, cause: "timeout", detail: "no TLS handshake in 1000 ms" });
  await until("the connection is gone", () => server.connections() === 0);
  await server.close();
});

test("probeTls() tells a refused connection, and a file of ca that is none", async (t) => {
  const refused = await probeTls(at(await refusedPort()), config(tlsUse), context());
  t.like(refused, { ok: false, cause: "connect_refused" });
  const server = createServer((socket) => socket.on("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as { port: number };
  for (const [caFile, detail] of [
    ["/nowhere/ca.pem", /^Cannot read the file of ca: ENOENT.*\/nowhere\/ca\.pem/],
    ["package.json", /^Cannot use package\.json as ca: /],
  ] as const) {
    const result = await probeTls(at(port), config({ ...tlsUse, caFile }), context());
    t.like(result, { ok: false, cause: "internal" });
    t.regex(result.detail, detail);
  }
});

async function probeOpenssl(
  t: ExecutionContext,
  made: Certificates,
  { cert, key }: Certificate,
  changes: Partial<TlsUse> = {},
  more: readonly string[] = [],
): Promise<ProbeResult> {
  const args = ["s_server", "-accept", "127.0.0.1:0", "-cert", cert, "-key", key, ...more];
  logPackage(t, "openssl");
  const server = startProgram(t, "openssl", args);
  await until("s_server accepts", () => /ACCEPT \S+:\d+/.test(server.output()));
  const port = Number(/ACCEPT \S+:(\d+)/.exec(server.output())?.[1]);
  return probeTls(at(port), config({ ...tlsUse, caFile: made.ca, ...changes }), context());
}

function at(port: number): { address: string; port: number } {
  return { address: "127.0.0.1", port };
}

function config(tls: TlsUse): CheckConfigOf<"tls"> {
  return { ...commonCheck, type: "tls", tls, timeoutMs: 120_000 };
}

function context(): { clock: typeof timeoutClock; signal: AbortSignal } {
  return { clock: timeoutClock, signal: new AbortController().signal };
}
