import test from "ava";
import fc from "fast-check";
import { type Http2Answer, openExchange } from "../../../src/check/http2/exchange.ts";
import { FLAG, FRAME, frame, uint32 } from "../../../src/check/http2/frames.ts";
import { encodeFields, type Field } from "../../../src/check/http2/hpack.ts";

const asked = {
  fields: [
    [":method", "GET"],
    [":path", "/"],
  ] as readonly Field[],
  body: null,
  bodyMaxBytes: 10,
  wantsDigest: false,
};

const none = Buffer.alloc(0);
const SETTINGS = frame(FRAME.settings, 0, 0, none);
const { endHeaders, endStream, ack } = FLAG;

function headers(flags: number, fields: readonly Field[], stream = 1): Buffer {
  return frame(FRAME.headers, flags | endHeaders, stream, encodeFields(fields));
}

function data(text: string, flags = 0): Buffer {
  return frame(FRAME.data, flags, 1, Buffer.from(text));
}

const OK: readonly Field[] = [[":status", "200"]];

/** What an exchange makes of these frames; given byte by byte it is the same. */
function answerTo(
  frames: readonly Buffer[],
  changes: Partial<Parameters<typeof openExchange>[0]> = {},
) {
  const bytes = Buffer.concat(frames);
  const exchange = openExchange({ ...asked, ...changes });
  const whole = exchange.give(bytes);
  const other = openExchange({ ...asked, ...changes });
  let dripped: Http2Answer | string | undefined;
  for (const byte of bytes) dripped ??= other.give(Buffer.of(byte)).found;
  return { ...whole, dripped, heard: exchange.heard() };
}

test("an answer: its status, its headers, its body and its trailers", (t) => {
  const { found, dripped } = answerTo([
    SETTINGS,
    headers(0, [[":status", "103"]]),
    headers(0, [...OK, ["location", "/a"], ["location", "/b"], ["x", "1"], ["x", "2"]]),
    data("hel"),
    data("lo"),
    headers(endStream, [["grpc-status", "0"]]),
  ]);
  t.deepEqual(found, dripped);
  t.deepEqual(found, {
    status: 200,
    head: new Map([
      [":status", "200"],
      ["location", "/a"],
      ["x", "1, 2"],
    ]),
    trailers: new Map([["grpc-status", "0"]]),
    body: Buffer.from("hello"),
    bodyBytes: 5,
    md5: null,
    whole: true,
  });
});

test("a body over the limit is judged as far as the limit", (t) => {
  const { found } = answerTo([SETTINGS, headers(0, OK), data("0123456789a")]);
  t.like(found, { body: Buffer.from("0123456789"), whole: false });
});

test("settings and pings are answered, and what was received is credited", (t) => {
  const ping = frame(FRAME.ping, 0, 0, Buffer.alloc(8, 7));
  const { send, found, heard } = answerTo([SETTINGS, ping, headers(0, OK), data("abc")]);
  t.is(found, undefined);
  t.deepEqual(heard, { status: 200, bodyBytes: 3 });
  t.deepEqual(
    send,
    Buffer.concat([
      frame(FRAME.settings, ack, 0, none),
      frame(FRAME.ping, ack, 0, Buffer.alloc(8, 7)),
      frame(FRAME.windowUpdate, 0, 0, uint32(3)),
      frame(FRAME.windowUpdate, 0, 1, uint32(3)),
    ]),
  );
});

test("a body of a request goes as the windows of the server allow", (t) => {
  const body = Buffer.alloc(70_000, "x");
  const exchange = openExchange({ ...asked, body });
  const sentBytes = exchange.opening.length;
  t.true(sentBytes > 65_535 && sentBytes < 66_000);
  const small = Buffer.concat([Buffer.of(0, 4), uint32(65_536)]);
  const more = exchange.give(
    Buffer.concat([
      frame(FRAME.settings, 0, 0, small),
      frame(FRAME.windowUpdate, 0, 0, uint32(9000)),
    ]),
  );
  t.is(more.send.length, 9 + 9 + 1, "the acknowledgement, and one byte");
  const last = exchange.give(frame(FRAME.windowUpdate, 0, 1, uint32(9000)));
  t.is(last.send.length, 9 + (70_000 - 65_536));
  t.is(last.send[4], endStream);
});

const continuation = frame(FRAME.continuation, 0, 1, Buffer.from("01610162", "hex"));

for (const [what, frames, wanted] of [
  [
    "HTTP/1",
    [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    /^no HTTP\/2: a frame of \d+ bytes, saw "HTTP\/1\.1 400/,
  ],
  ["no SETTINGS", [headers(endStream, OK)], /^no HTTP\/2: the first frame is no SETTINGS/],
  ["no status", [SETTINGS, headers(endStream, [["a", "b"]])], /^an answer without a status$/],
  ["another stream", [SETTINGS, headers(endStream, OK, 3)], /^an answer that nobody asked for$/],
  ["a push", [SETTINGS, frame(FRAME.pushPromise, 0, 1, uint32(2))], /^a PUSH_PROMISE/],
  [
    "a reset",
    [SETTINGS, frame(FRAME.resetStream, 0, 1, uint32(7))],
    /^RST_STREAM with REFUSED_STREAM$/,
  ],
  [
    "a farewell",
    [
      SETTINGS,
      frame(FRAME.goAway, 0, 0, Buffer.concat([uint32(0), uint32(11), Buffer.from("calm")])),
    ],
    /^GOAWAY with ENHANCE_YOUR_CALM "calm"$/,
  ],
  ["a body first", [SETTINGS, data("x")], /^a body without an answer$/],
  [
    "fewer bytes than it says",
    [SETTINGS, headers(0, [...OK, ["content-length", "9"]]), data("x", endStream)],
    /^1 bytes where Content-Length says "9"$/,
  ],
  [
    "a header block that breaks off",
    [
      SETTINGS,
      frame(FRAME.headers, 0, 1, encodeFields(OK)),
      frame(FRAME.ping, 0, 0, Buffer.alloc(8)),
    ],
    /^a header block that breaks off$/,
  ],
  [
    "CONTINUATION without end",
    [
      SETTINGS,
      frame(FRAME.headers, 0, 1, none),
      ...Array.from({ length: 5000 }, () => continuation),
    ],
    /^headers of more than 16384 bytes$/,
  ],
  [
    "PING without end",
    [SETTINGS, ...Array.from({ length: 2000 }, () => frame(FRAME.ping, 0, 0, Buffer.alloc(8)))],
    /^no end of frames/,
  ],
  [
    "interim answers without end",
    [SETTINGS, ...Array.from({ length: 40 }, () => headers(0, [[":status", "100"]]))],
    /^no end of interim answers$/,
  ],
] as const) {
  test(`a server with ${what} has failed, and it is said why`, (t) => {
    const { found, dripped } = answerTo(frames);
    t.regex(typeof found === "string" ? found : "", wanted);
    if (what !== "HTTP/1") t.deepEqual(dripped, found);
  });
}

test("no bytes of a server make it throw", (t) => {
  const right = Buffer.concat([SETTINGS, headers(0, OK), data("hello", endStream)]);
  const frames = fc
    .tuple(fc.nat(10), fc.nat(255), fc.nat(3), fc.uint8Array({ maxLength: 40 }))
    .map(([type, flags, stream, payload]) => frame(type, flags, stream, payload));
  const spoilt = fc
    .tuple(fc.nat(right.length - 1), fc.nat(255))
    .map(([at, byte]) =>
      Buffer.concat([right.subarray(0, at), Buffer.of(byte), right.subarray(at + 1)]),
    );
  const bytes = fc.oneof(
    spoilt,
    fc.array(frames, { maxLength: 20 }).map((list) => Buffer.concat([SETTINGS, ...list])),
    fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each)),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      const { found } = openExchange(asked).give(given);
      t.true(found === undefined || typeof found === "string" || found.status >= 200);
    }),
    { numRuns: 2000 },
  );
});
