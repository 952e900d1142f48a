// Against Debian's nginx: HTTP/1.0, 1.1 and 2, in the clear and over TLS.

import { createHash } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import type { ProbeResult } from "../../../src/check/model.ts";
import { probeHttp } from "../../../src/check/probes/http.ts";
import type { HttpProtocol, HttpQuestion } from "../../../src/check/types/http.ts";
import type { CheckConfigOf } from "../../../src/check/types/index.ts";
import type { TlsUse } from "../../../src/check/types/tls.ts";
import { timeoutClock } from "../../../src/lib/clock.ts";
import { type Certificates, certificates } from "../../helpers/certificates.ts";
import { commonCheck, httpQuestion, tlsUse } from "../../helpers/checks.ts";
import { type Nginx, startNginx } from "../../helpers/nginx.ts";

type Place = { readonly nginx: Nginx; readonly made: Certificates };

async function start(t: ExecutionContext): Promise<Place> {
  const made = certificates(t);
  return { made, nginx: await startNginx(t, made.make(30)) };
}

const PROTOCOLS: readonly HttpProtocol[] = ["1.0", "1.0C", "1.1", "2"];
const SPOKEN = { "1.0": "HTTP/1.0", "1.0C": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2.0" };

test("probeHttp() speaks every version of HTTP to nginx, with and without TLS", async (t) => {
  const place = await start(t);
  for (const protocol of PROTOCOLS) {
    const body = { kind: "text", text: `ok ${SPOKEN[protocol]} www.test duet GET` } as const;
    const changes: Partial<HttpQuestion> = {
      protocol,
      body,
      host: "www.test",
      headers: [{ name: "X-Check", value: "duet" }],
    };
    const clear = await ask(place, changes);
    t.like(clear, { ok: true, detail: "200" }, `${protocol}: ${clear.detail}`);
    const secure = await askSecure(place, changes);
    t.like(secure, { ok: true, detail: "200" }, `${protocol} over TLS: ${secure.detail}`);
  }
});

test("probeHttp() judges status, regexes and MD5 in every version", async (t) => {
  const place = await start(t);
  for (const protocol of PROTOCOLS) {
    const page = (host: string): string => `ok ${SPOKEN[protocol]} ${host}  GET\n`;
    const md5 = (host: string): string => createHash("md5").update(page(host)).digest("hex");
    const read = `read ${page("a.test").length} bytes`;
    for (const [changes, wanted] of [
      [{ paths: ["/busy"] }, { ok: false, cause: "wrong_status", detail: "503, wanted 200-299" }],
      [{ paths: ["/", "/busy"] }, { ok: false, detail: "/busy: 503, wanted 200-299" }],
      [{ paths: ["/", "/a", "/b"] }, { ok: true, detail: "200" }],
      [
        { host: "a.test", bodyNot: "^ok" },
        { ok: false, cause: "body_mismatch", detail: `body matches /^ok/, ${read}` },
      ],
      [{ bodyNot: "error" }, { ok: true }],
      [{ host: "a.test", digest: md5("a.test") }, { ok: true }],
      [
        { host: "b.test", digest: md5("a.test") },
        {
          ok: false,
          cause: "body_mismatch",
          detail: `MD5 of the body is ${md5("b.test")}, ${read}`,
        },
      ],
      [
        { host: "a.test", digest: md5("a.test"), bodyMaxBytes: 5 },
        { ok: true, detail: "200" },
      ],
      [
        { host: "a.test", body: { kind: "text", text: "GET" }, bodyMaxBytes: 5 },
        { ok: false, cause: "body_mismatch" },
      ],
      [{ method: "HEAD" }, { ok: true, detail: "200" }],
      [{ method: "OPTIONS", body: { kind: "regex", source: "OPTIONS$" } }, { ok: false }],
      [{ method: "OPTIONS", body: { kind: "regex", source: "OPTIONS\\n$" } }, { ok: true }],
      [
        { method: "POST", requestBody: "x".repeat(1000), body: { kind: "text", text: "POST" } },
        { ok: true },
      ],
    ] as const satisfies readonly (readonly [Partial<HttpQuestion>, object])[]) {
      const result = await ask(place, { protocol, ...changes });
      t.like(result, wanted, `${protocol} ${JSON.stringify(changes)}: ${JSON.stringify(result)}`);
    }
  }
});

test("probeHttp() follows no redirect, or as many as it may", async (t) => {
  const place = await start(t);
  for (const protocol of ["1.1", "2"] as const) {
    for (const [changes, wanted] of [
      [{ paths: ["/hop"] }, { ok: false, cause: "wrong_status", detail: "301, wanted 200-299" }],
      [
        { paths: ["/hop"], redirectsMax: 1 },
        { ok: true, detail: "200" },
      ],
      [
        { paths: ["/other"], redirectsMax: 3, body: { kind: "text", text: "other.test" } },
        { ok: true },
      ],
      [
        { paths: ["/loop"], redirectsMax: 4 },
        {
          ok: false,
          cause: "too_many_redirects",
          detail: "more than 4 redirects, the last to /loop",
        },
      ],
      [
        { paths: ["/away"], redirectsMax: 4 },
        {
          ok: false,
          cause: "wrong_status",
          detail: "302 to ftp://other.test/: the check stays with http://",
        },
      ],
    ] as const satisfies readonly (readonly [Partial<HttpQuestion>, object])[]) {
      const result = await ask(place, { protocol, ...changes });
      t.like(result, wanted, `${protocol} ${JSON.stringify(changes)}: ${JSON.stringify(result)}`);
    }
  }
});

test("probeHttp() over TLS verifies the certificate before it asks, and warns before it ends", async (t) => {
  const place = await start(t);
  for (const protocol of ["1.1", "2"] as const) {
    const wrong = await askSecure(place, { protocol }, { serverName: "wrong.test" });
    t.like(wrong, { ok: false, cause: "certificate_rejected" });
    t.regex(wrong.detail, /for www\.test, 127\.0\.0\.1, not for wrong\.test$/);
    const soon = await askSecure(place, { protocol }, { expiryWarningDays: 60 });
    t.like(soon, { ok: true, detail: "200, warning: the certificate expires in 29 days" });
  }
});

test("probeHttp() tells HTTP and HTTPS, HTTP/1 and HTTP/2 that met by mistake", async (t) => {
  const place = await start(t);
  const { nginx } = place;
  const clear = await askSecure({ ...place, nginx: { ...nginx, https: nginx.http } }, {});
  t.like(clear, { ok: false, cause: "tls_failed" });
  t.regex(clear.detail, /^the server does not speak TLS/);
  const secure = await ask({ ...place, nginx: { ...nginx, http: nginx.https } }, {});
  t.like(secure, { ok: false, cause: "wrong_status", detail: "400, wanted 200-299" });
  const old = await ask({ ...place, nginx: { ...nginx, h2c: nginx.http } }, { protocol: "2" });
  t.like(old, { ok: false, cause: "bad_response" }, JSON.stringify(old));
  const young = await ask({ ...place, nginx: { ...nginx, http: nginx.h2c } }, {});
  t.like(young, { ok: false, cause: "bad_response" }, JSON.stringify(young));
});

test("probeHttp() sees nginx go", async (t) => {
  const place = await start(t);
  t.true((await ask(place, {})).ok);
  await place.nginx.stop();
  for (const protocol of PROTOCOLS) {
    t.like(await ask(place, { protocol }), { ok: false, cause: "connect_refused" });
    t.like(await askSecure(place, { protocol }), { ok: false, cause: "connect_refused" });
  }
});

async function ask({ nginx }: Place, changes: Partial<HttpQuestion>): Promise<ProbeResult> {
  const question = { ...httpQuestion, ...changes };
  const config: CheckConfigOf<"http"> = { ...commonCheck, ...question, type: "http", tls: null };
  const port = question.protocol === "2" ? nginx.h2c : nginx.http;
  return probeHttp({ address: "127.0.0.1", port }, config, context());
}

async function askSecure(
  { nginx, made }: Place,
  changes: Partial<HttpQuestion>,
  use: Partial<TlsUse> = {},
): Promise<ProbeResult> {
  const tls = { ...tlsUse, caFile: made.ca, ...use };
  const config: CheckConfigOf<"https"> = {
    ...commonCheck,
    ...httpQuestion,
    ...changes,
    type: "https",
    tls,
  };
  return probeHttp({ address: "127.0.0.1", port: nginx.https }, config, context());
}

function context(): { clock: typeof timeoutClock; signal: AbortSignal } {
  return { clock: timeoutClock, signal: new AbortController().signal };
}
