// Servers that ask for a certificate, and files of TLS that cannot be used.

import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type SecureVersion } from "node:tls";
import test, { type ExecutionContext } from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probe } from "../../../src/check/probes/index.ts";
import type { CheckConfig } from "../../../src/check/types/index.ts";
import type { TlsUse } from "../../../src/check/types/tls.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { type Certificates, certificates } from "../../helpers/certificates.ts";
import { commonCheck, httpQuestion, tlsUse } from "../../helpers/checks.ts";
import { openServer } from "../../helpers/servers.ts";
import { temporaryDirectory } from "../../helpers/sockets.ts";

const talk = { starttls: false, login: null };

/** By each way to TLS there is: an answer, lines, packets. */
const configs: Readonly<Record<string, (tls: TlsUse) => CheckConfig>> = {
  https: (tls) => ({ ...commonCheck, ...httpQuestion, type: "https", tls, timeoutMs: 120_000 }),
  pop3: (tls) => ({ ...commonCheck, ...talk, type: "pop3", tls, timeoutMs: 120_000 }),
  ldap: (tls) => ({ ...commonCheck, ...talk, type: "ldap", base: null, tls, timeoutMs: 120_000 }),
};

const ANSWERS: Readonly<Record<string, Buffer>> = {
  https: Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
  pop3: Buffer.from("+OK ready\r\n"),
  ldap: Buffer.from("300c02010161070a010004000400", "hex"),
};

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  for (const [type, configOf] of Object.entries(configs)) {
    test(`${type} shows a certificate to a server that asks for one, by ${version}`, async (t) => {
      const made = certificates(t);
      const answer = ANSWERS[type] ?? Buffer.alloc(0);
      const port = await openStrictServer(t, made, version, answer);
      const { cert: certificateFile, key: keyFile } = made.make(5);
      const use = { ...tlsUse, caFile: made.ca };
      const good = await run(port, configOf({ ...use, own: { certificateFile, keyFile } }));
      t.true(good.ok, good.detail);

      const none = await run(port, configOf(use));
      t.like(none, { ok: false, cause: "tls_failed" });
      t.regex(none.detail, /handshake failure|certificate required/);
      const self = made.selfSigned();
      const own = { certificateFile: self.cert, keyFile: self.key };
      // Node closes such a connection, by TLS 1.3 after the handshake, and says no more.
      const cause = version === "TLSv1.2" ? "tls_failed" : "bad_response";
      t.like(await run(port, configOf({ ...use, own })), { ok: false, cause });
    });
  }
}

test("certificate and key may stand in one file, and a file that changes is read again", async (t) => {
  const made = certificates(t);
  const port = await openStrictServer(t, made, "TLSv1.3", ANSWERS["pop3"] ?? Buffer.alloc(0));
  const { cert, key } = made.make(5);
  const both = `${temporaryDirectory(t)}/both.pem`;
  const use = { ...tlsUse, caFile: made.ca, own: { certificateFile: both, keyFile: both } };
  const config = { ...commonCheck, ...talk, type: "pop3", tls: use, timeoutMs: 120_000 } as const;
  const self = made.selfSigned();
  writeFileSync(both, readFileSync(self.cert, "utf8") + readFileSync(self.key, "utf8"));
  t.like(await run(port, config), { ok: false, cause: "bad_response" });
  writeFileSync(both, readFileSync(cert, "utf8") + readFileSync(key, "utf8"));
  t.like(await run(port, config), { ok: true });
});

for (const [type, configOf] of Object.entries(configs)) {
  test(`${type} says which file of TLS it cannot use`, async (t) => {
    const server = await openServer(() => {});
    t.teardown(server.close);
    const made = certificates(t);
    const { cert, key } = made.make(5);
    const other = made.make(5);
    for (const [change, detail] of [
      [{ caFile: "/nowhere/ca.pem" }, /^Cannot read the file of ca: ENOENT/],
      [
        { own: { certificateFile: "/nowhere/a.pem", keyFile: key } },
        /^Cannot read the file of certificate: ENOENT/,
      ],
      [
        { own: { certificateFile: cert, keyFile: "/nowhere/a.key" } },
        /^Cannot read the file of key: ENOENT/,
      ],
      [{ own: { certificateFile: key, keyFile: key } }, /^Cannot use .* as certificate: /],
      [
        { own: { certificateFile: cert, keyFile: other.key } },
        /^Cannot use .* as key of .*: it is another one's$/,
      ],
      [{ own: { certificateFile: cert, keyFile: cert } }, /^Cannot use .* as key of /],
    ] as const) {
      const result = await run(server.port, configOf({ ...tlsUse, caFile: made.ca, ...change }));
      t.like(result, { ok: false, cause: "internal" });
      t.regex(result.detail, detail);
    }
  });
}

async function openStrictServer(
  t: ExecutionContext,
  made: Certificates,
  version: SecureVersion,
  answer: Buffer,
): Promise<number> {
  const { cert, key } = made.make(5);
  const server = createServer(
    {
      cert: readFileSync(cert),
      key: readFileSync(key),
      ca: readFileSync(made.ca),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    },
    (socket) => {
      socket.on("error", () => {});
      socket.resume();
      socket.write(answer);
    },
  );
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function run(port: number, config: CheckConfig): Promise<ProbeResult> {
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probe({ address: "127.0.0.1", port }, config, context);
}
