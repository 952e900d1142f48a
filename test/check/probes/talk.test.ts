import test from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probe } from "../../../src/check/probes/index.ts";
import type { CheckConfig, CheckConfigOf, CheckFields } from "../../../src/check/types/index.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { certificates } from "../../helpers/certificates.ts";
import { commonCheck, tlsUse } from "../../helpers/checks.ts";
import { type LineScript, openLineServer } from "../../helpers/line-server.ts";
import { refusedPort } from "../../helpers/servers.ts";
import { until } from "../../helpers/until.ts";

type Type = CheckConfigOf<"smtp" | "pop3" | "imap" | "ftp" | "nntp">["type"];

const login = { name: "anna", password: "secret" };

/** A server of each protocol that lets anna in, and nobody else. */
const servers: Readonly<Record<Type, LineScript>> = {
  smtp: {
    banner: "220 mx.test ESMTP\r\n",
    answers: {
      EHLO: "250-mx.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n",
      STARTTLS: "220 go ahead\r\n",
      "AUTH PLAIN AGFubmEAc2VjcmV0": "235 welcome\r\n",
      AUTH: "535 5.7.8 no\r\n",
      QUIT: "221 bye\r\n",
    },
  },
  pop3: {
    banner: "+OK ready\r\n",
    answers: {
      STLS: "+OK begin\r\n",
      "USER anna": "+OK\r\n",
      "PASS secret": "+OK 3 messages\r\n",
      USER: "-ERR who\r\n",
      PASS: "-ERR [AUTH] no\r\n",
      QUIT: "+OK bye\r\n",
    },
  },
  imap: {
    banner: "* OK [CAPABILITY IMAP4rev1] ready\r\n",
    answers: {
      "a1 STARTTLS": "a1 OK begin\r\n",
      'a2 LOGIN "anna" "secret"': "* CAPABILITY IMAP4rev1\r\na2 OK in\r\n",
      "a2 LOGIN": "a2 NO [AUTHENTICATIONFAILED] no\r\n",
      "a9 LOGOUT": "* BYE\r\na9 OK\r\n",
    },
  },
  ftp: {
    banner: "220-ftp.test\r\n 220 is not the end\r\n220 ready\r\n",
    answers: {
      "AUTH TLS": "234 go\r\n",
      "USER anna": "331 password\r\n",
      "PASS secret": "230 in\r\n",
      USER: "530 no\r\n",
      PASS: "530 no\r\n",
      QUIT: "221 bye\r\n",
    },
  },
  nntp: {
    banner: "201 news.test, no posting\r\n",
    answers: {
      STARTTLS: "382 go\r\n",
      "AUTHINFO USER": "381 password\r\n",
      "AUTHINFO PASS secret": "281 in\r\n",
      "AUTHINFO PASS": "481 no\r\n",
      QUIT: "205 bye\r\n",
    },
  },
};

const upgrade: Readonly<Record<Type, string>> = {
  smtp: "STARTTLS",
  pop3: "STLS",
  imap: "a1 STARTTLS",
  ftp: "AUTH TLS",
  nntp: "STARTTLS",
};

const types = Object.keys(servers) as Type[];

for (const type of types) {
  test(`${type}: the greeting is enough, and the farewell is said`, async (t) => {
    const server = await openLineServer(t, servers[type]);
    t.like(await run(type, server.port), { ok: true });
    await until("every connection is gone", () => server.connections() === 0);
    t.regex(server.heard.at(-1) ?? "", /QUIT|LOGOUT/);
  });

  test(`${type}: a login succeeds`, async (t) => {
    const server = await openLineServer(t, servers[type]);
    t.like(await run(type, server.port, { login }), { ok: true });
  });

  test(`${type}: a wrong password is login_failed, and not told`, async (t) => {
    const server = await openLineServer(t, servers[type]);
    const result = await run(type, server.port, { login: { ...login, password: "wrong" } });
    t.like(result, { ok: false, cause: "login_failed" });
    t.regex(result.detail, /login refused: ".*no"/);
    t.false(result.detail.includes("wrong"));
  });

  test(`${type}: an upgrade to TLS comes before the login`, async (t) => {
    const { ca, make } = certificates(t);
    const tls = { after: upgrade[type], certificate: make(5) };
    const server = await openLineServer(t, { ...servers[type], tls });
    const use = { ...USE, caFile: ca };
    t.like(await run(type, server.port, { login, starttls: true, tls: use }), { ok: true });
    const upgraded = server.heard.findIndex((line) => line === upgrade[type]);
    t.true(
      upgraded >= 0 &&
        upgraded < server.heard.findIndex((line) => /AUTH PLAIN|PASS|LOGIN/.test(line)),
    );
  });

  test(`${type}: TLS from the first byte on`, async (t) => {
    const { ca, make } = certificates(t);
    const tls = { after: null, certificate: make(5) };
    const server = await openLineServer(t, { ...servers[type], tls });
    t.like(await run(type, server.port, { login, tls: { ...USE, caFile: ca } }), { ok: true });
    const old = { ...USE, caFile: ca, expiryWarningDays: 14 };
    const { detail } = await run(type, server.port, { login, tls: old });
    t.regex(detail, /, warning: the certificate expires in [45] days$/);
    await until("every connection is gone", () => server.connections() === 0);
  });

  test(`${type}: a certificate that nobody vouches for is refused`, async (t) => {
    const tls = { after: upgrade[type], certificate: certificates(t).make(5) };
    const server = await openLineServer(t, { ...servers[type], tls });
    const result = await run(type, server.port, { starttls: true, tls: USE });
    t.like(result, { ok: false, cause: "certificate_rejected" });
    await until("every connection is gone", () => server.connections() === 0);
  });

  test(`${type}: a server that refuses the upgrade`, async (t) => {
    const answers = { ...servers[type].answers, [upgrade[type]]: refusals[type] };
    const server = await openLineServer(t, { ...servers[type], answers });
    const result = await run(type, server.port, { starttls: true, tls: USE });
    t.like(result, { ok: false, cause: "bad_response" });
    t.regex(result.detail, /(STARTTLS|STLS|AUTH TLS): ".*sorry"/);
  });

  test(`${type}: what is no server of this kind`, async (t) => {
    for (const banner of ["HTTP/1.1 400 Bad Request\r\n", "\0\0\0\xff\n", "-\r\n"]) {
      const server = await openLineServer(t, { banner, answers: {} });
      const result = await run(type, server.port);
      t.like(result, { ok: false, cause: "bad_response" });
      t.regex(result.detail, /^not the protocol: ("|hex:000000)/);
      await until("every connection is gone", () => server.connections() === 0);
    }
  });

  test(`${type}: a greeting without an end is cut off`, async (t) => {
    const server = await openLineServer(t, { banner: "2".repeat(2_000_000), answers: {} });
    const result = await run(type, server.port);
    t.like(result, {
      ok: false,
      cause: "bad_response",
      detail: "a reply of more than 65536 bytes",
    });
  });

  test(`${type}: a server that says nothing is a timeout`, async (t) => {
    const server = await openLineServer(t, { banner: null, answers: {} });
    const detail = "no banner in 1000 ms";
    t.like(await run(type, server.port, { timeoutMs: 1000 }), { cause: "timeout", detail });
    await until("every connection is gone", () => server.connections() === 0);
  });

  test(`${type}: nobody listens`, async (t) => {
    t.like(await run(type, await refusedPort()), { ok: false, cause: "connect_refused" });
  });
}

const refusals: Readonly<Record<Type, string>> = {
  smtp: "454 sorry\r\n",
  pop3: "-ERR sorry\r\n",
  imap: "a1 NO sorry\r\n",
  ftp: "504 sorry\r\n",
  nntp: "580 sorry\r\n",
};

for (const [type, banner] of [
  ["smtp", "554 no service\r\n"],
  ["smtp", "421 busy\r\n"],
  ["pop3", "-ERR busy\r\n"],
  ["imap", "* BYE busy\r\n"],
  ["ftp", "421 busy\r\n"],
  ["nntp", "400 busy\r\n"],
] as const) {
  test(`${type}: "${banner.trim()}" is a failure that says so`, async (t) => {
    const server = await openLineServer(t, { banner, answers: {} });
    const detail = `banner: ${JSON.stringify(banner.trim())}`;
    t.like(await run(type, server.port), { ok: false, cause: "bad_response", detail });
  });
}

test("smtp: HELO for a server that knows no EHLO, with helo_name", async (t) => {
  const answers = { EHLO: "502 what\r\n", HELO: "250 hello\r\n" };
  const server = await openLineServer(t, { banner: "220 old\r\n", answers });
  t.like(await run("smtp", server.port, { heloName: "lb1.test" }), { ok: true });
  t.deepEqual(server.heard.slice(0, 2), ["EHLO lb1.test", "HELO lb1.test"]);
});

test("smtp: AUTH LOGIN where that is all there is", async (t) => {
  const answers = {
    EHLO: "250-mx\r\n250 AUTH LOGIN\r\n",
    "AUTH LOGIN": "334 VXNlcm5hbWU6\r\n",
    YW5uYQ: "334 UGFzc3dvcmQ6\r\n",
    c2VjcmV0: "235 in\r\n",
  };
  const server = await openLineServer(t, { banner: "220 mx\r\n", answers });
  t.like(await run("smtp", server.port, { login }), { ok: true });
});

test("smtp: nothing of a login is told when its answer does not come", async (t) => {
  const answers = { EHLO: "250 AUTH LOGIN\r\n", "AUTH LOGIN": "334 VXNlcm5hbWU6\r\n" };
  const server = await openLineServer(t, { banner: "220 mx\r\n", answers });
  const detail = "no answer to AUTH LOGIN in 8000 ms";
  t.like(await run("smtp", server.port, { login, timeoutMs: 8000 }), { cause: "timeout", detail });
});

test("ftp: 120 is waited for, 230 to USER needs no password", async (t) => {
  const answers = { USER: "230 in\r\n" };
  const server = await openLineServer(t, { banner: "120 soon\r\n220 now\r\n", answers });
  t.like(await run("ftp", server.port, { login }), { ok: true });
});

test("imap: a BYE in the middle is a refusal", async (t) => {
  const answers = { "a2 LOGIN": "* BYE too many\r\n" };
  const server = await openLineServer(t, { banner: "* OK\r\n", answers });
  const result = await run("imap", server.port, { login });
  t.like(result, { ok: false, cause: "login_failed" });
});

test("nothing may stand between the agreement to TLS and TLS itself", async (t) => {
  const answers = { ...servers.smtp.answers, STARTTLS: "220 go\r\n250 injected\r\n" };
  const server = await openLineServer(t, { banner: "220 mx\r\n", answers });
  const result = await run("smtp", server.port, { starttls: true, tls: USE });
  t.like(result, { ok: false, cause: "bad_response" });
  t.regex(result.detail, /between the agreement/);
});

test("a connection that closes in the middle", async (t) => {
  const server = await openLineServer(t, { banner: "220 mx\r\n", answers: { EHLO: null } });
  const detail = "the connection closed: no answer to EHLO";
  t.like(await run("smtp", server.port), { ok: false, cause: "bad_response", detail });
});

test("a server that does not speak TLS is tls_failed", async (t) => {
  const server = await openLineServer(t, servers.smtp);
  t.like(await run("smtp", server.port, { tls: USE }), { ok: false, cause: "tls_failed" });
});

const USE = { ...tlsUse, serverName: null };

type More = Partial<CheckFields["pop3"]> & {
  readonly timeoutMs?: number;
  readonly heloName?: string;
};

async function run(type: Type, port: number, more: More = {}): Promise<ProbeResult> {
  const config = {
    ...commonCheck,
    type,
    heloName: "localhost",
    starttls: false,
    tls: null,
    login: null,
    timeoutMs: 120_000,
    ...more,
  } as CheckConfig;
  const context = { signal: new AbortController().signal, clock: timeoutClock };
  return probe({ address: "127.0.0.1", port }, config, context);
}
