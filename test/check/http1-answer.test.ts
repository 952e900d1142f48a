import test from "ava";
import fc from "fast-check";
import { answerReader } from "../../src/check/probes/http1-answer.ts";
import type { HttpMethod } from "../../src/check/types/http.ts";

/** What comes of an answer in these pieces, ended by the server when it is not whole before. */
function read(pieces: readonly string[], method: HttpMethod = "GET", bodyMaxBytes = 100): unknown {
  const reader = answerReader({ method, bodyMaxBytes, wantsDigest: false });
  for (const piece of pieces) {
    // One buffer for all, as a stream has it.
    const shared = Buffer.from(piece, "latin1");
    const found = reader.give(shared);
    shared.fill(0);
    if (found !== undefined) return shown(found);
  }
  return shown(reader.finish());
}

function shown(found: Exclude<ReturnType<ReturnType<typeof answerReader>["give"]>, undefined>) {
  if (typeof found === "string") return found;
  const { status, location, body, whole, odd } = found;
  return [
    status,
    body.toString("latin1"),
    whole,
    ...(location === undefined ? [] : [location]),
    ...odd,
  ];
}

const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

for (const [what, text, wanted, method] of [
  ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", [200, "ok", true]],
  ["the end of the stream", "HTTP/1.0 200\r\n\r\nok", [200, "ok", true]],
  ["chunks", `${CHUNKED}1;x=y\r\no\r\n1\r\nk\r\n0\r\nT: x\r\n\r\n`, [200, "ok", true]],
  ["nothing, of HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", [200, "", true], "HEAD"],
  ["nothing, with 204", "HTTP/1.1 204 No Content\r\n\r\n", [204, "", true]],
  ["nothing, with 101", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", [101, "", true]],
  [
    "what comes after an interim answer",
    "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n",
    [302, "", true, "/a"],
  ],
  [
    "as much as is judged",
    `HTTP/1.1 200 OK\r\n\r\n${"x".repeat(200)}`,
    [200, "x".repeat(100), false],
  ],
  ["no more than half", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "the answer broke off"],
  ["nothing", "", "the connection closed before an answer"],
  ["no head", "HTTP/1.1 200 OK\r\n", 'the answer broke off in its head: "HTTP/1.1 200 OK\\r\\n"'],
  [
    "bare LF, as of shell scripts",
    "HTTP/1.0 200 OK\nContent-Length: 2\n\nok",
    [200, "ok", true, "bare LF line ends"],
  ],
  [
    "LF with CR here and there",
    "HTTP/1.0 200 OK\r\nA: b\n\r\nok",
    [200, "ok", true, "bare LF line ends"],
  ],
  [
    "a folded header",
    "HTTP/1.1 302 Found\r\nLocation: /a\r\n\t b\r\nContent-Length: 0\r\n\r\n",
    [302, "", true, "/a b", "a folded header"],
  ],
  [
    "a header line without a colon",
    "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\nok",
    [200, "ok", true, "a header line that is none"],
  ],
  [
    "a space before a colon",
    "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok",
    [200, "ok", true, "a space before a colon"],
  ],
  [
    "a space before the first header, which is left out",
    "HTTP/1.1 200 OK\r\n X: y\r\nContent-Length: 2\r\n\r\nok",
    [200, "ok", true, "a space at the start of the first header"],
  ],
  [
    "chunks rather than a length",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    [200, "ok", true, "both Content-Length and Transfer-Encoding"],
  ],
  ["HTTP/2.0 in text", "HTTP/2.0 200\r\n\r\nok", [200, "ok", true, "HTTP/2.0 in the status line"]],
  ["ICY", "ICY 200 OK\r\n\r\nok", [200, "ok", true, "ICY in the status line"]],
] as const) {
  test(`answerReader() reads ${what}, in any pieces`, (t) => {
    t.deepEqual(read([text], method), wanted);
    t.deepEqual(read(text.split(""), method), wanted);
  });
}

for (const [what, text] of [
  ["no status line of HTTP", "SSH-2.0-x\r\n"],
  ["no status line of HTTP", "HTTP/1.1 20\r\n\r\n"],
  ["no status line of HTTP", "HTTPS/1.1 200 OK\r\n\r\n"],
  ["a Content-Length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
  [
    "more than one Content-Length: 1, 2",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
  ],
  ["a chunk size that is no number", `${CHUNKED}zz\r\n`],
  ["a chunk that is longer than it says", `${CHUNKED}1\r\nokay\r\n`],
  ["no end of a chunk's line", `${CHUNKED}${"1".repeat(2000)}`],
  ["no end of interim answers", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)],
  ["a head of more than 16384 bytes", `HTTP/1.1 200 OK\r\nX: ${"y".repeat(20_000)}`],
] as const) {
  test(`answerReader() tells ${what}: ${JSON.stringify(text.slice(0, 60))}`, (t) => {
    t.true(String(read([text])).startsWith(`malformed answer: ${what}`), String(read([text])));
  });
}

test("answerReader() does not care where a stream is cut", (t) => {
  const answer = fc
    .array(fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 9 }), { maxLength: 5 })
    .map((parts) =>
      [...parts, ""].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join(""),
    )
    .chain((chunks) =>
      fc.constantFrom(`${CHUNKED}${chunks}`, `${CHUNKED}${chunks.slice(1)}`, chunks),
    );
  fc.assert(
    fc.property(answer, fc.array(fc.nat(400), { maxLength: 6 }), (text, cuts) => {
      const at = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
      const pieces = at.slice(1).map((end, i) => text.slice(at[i], end));
      const [cut, whole] = [pieces, [text]].map((parts) => read(parts, "GET", 1000));
      // How much of a stranger's words is shown depends on what came at once.
      const told = (one: unknown): unknown => (typeof one === "string" ? one.slice(0, 30) : one);
      t.deepEqual(told(cut), told(whole));
    }),
  );
});
