// Reads one answer of HTTP/1.0 or 1.1 out of the bytes of a stream. RFC 9112. Pure.

import { shownBytes } from "../shown.ts";
import type { HttpAnswer } from "./http-exchange.ts";

export type AnswerReader = {
  /** The answer, once it is whole or as long as it is judged; "malformed answer: ..." when it is none. */
  readonly give: (bytes: Buffer) => HttpAnswer | string | undefined;
  /** The stream has ended: the answer that this completes, or what is wrong with that. */
  readonly finish: () => HttpAnswer | string;
  /** How far it has come; undefined = no status yet. */
  readonly heard: () => { readonly status: number; readonly bodyBytes: number } | undefined;
};

type Head = { readonly status: number; readonly headers: ReadonlyMap<string, string> };

/** What is left of a body: bytes, chunks, or all until the stream ends. */
type Framing =
  | { readonly kind: "length"; leftBytes: number }
  | { readonly kind: "chunked"; leftBytes: number; at: "size" | "data" | "data end" | "trailer" }
  | { readonly kind: "stream" };

const HEAD_MAX_BYTES = 16 * 1024;
const CHUNK_LINE_MAX_BYTES = 1024;
const EMPTY: Buffer = Buffer.alloc(0);
const LF = 10;

/** Of a request with this method; the body is read as far as `bodyMaxBytes`. */
export function answerReader(method: string, bodyMaxBytes: number): AnswerReader {
  let rest = EMPTY;
  let head: Head | undefined;
  let framing: Framing | undefined;
  let interimBytes = 0;
  let trailerBytes = 0;
  let bodyBytes = 0;
  const body: Buffer[] = [];

  function answer(whole: boolean): HttpAnswer {
    const bytes = body.length === 1 && body[0] ? body[0] : Buffer.concat(body);
    return {
      status: head?.status ?? 0,
      location: head?.headers.get("location"),
      body: bytes.subarray(0, bodyMaxBytes),
      whole,
    };
  }

  /** False: it is as long as it is judged. */
  function keep(bytes: Buffer): boolean {
    // The bytes are the stream's, for the next ones.
    if (bytes.length > 0) body.push(Buffer.from(bytes.subarray(0, bodyMaxBytes + 1 - bodyBytes)));
    bodyBytes += bytes.length;
    return bodyBytes <= bodyMaxBytes;
  }

  /** The next line of `rest`, without its end. */
  function takeLine(): string | undefined {
    const end = rest.indexOf(LF);
    if (end < 0) return undefined;
    const line = rest.toString("latin1", 0, rest[end - 1] === 13 ? end - 1 : end);
    rest = rest.subarray(end + 1);
    return line;
  }

  function readHead(): HttpAnswer | string | undefined {
    for (;;) {
      const end = rest.indexOf(HEAD_END);
      if (!mayBegin(rest)) return malformed(`${NO_STATUS_LINE}: ${shownBytes(rest)}`);
      if ((end < 0 ? rest.length : end) > HEAD_MAX_BYTES) {
        return malformed(`a head of more than ${HEAD_MAX_BYTES} bytes`);
      }
      if (end < 0) return undefined;
      const read = headOf(rest.toString("latin1", 0, end));
      if (typeof read === "string") return malformed(read);
      rest = rest.subarray(end + HEAD_END.length);
      // Interim answers come before the one that counts; 101 ends the HTTP of a connection.
      if (read.status >= 200 || read.status === 101) {
        head = read;
        const found = framingOf(method, read);
        if (typeof found === "string") return malformed(found);
        framing = found;
        return framing.kind === "length" && framing.leftBytes === 0 ? answer(true) : undefined;
      }
      interimBytes += end;
      if (interimBytes > HEAD_MAX_BYTES) return malformed("no end of interim answers");
    }
  }

  function readChunks(
    chunks: Framing & { readonly kind: "chunked" },
  ): HttpAnswer | string | undefined {
    for (;;) {
      if (chunks.at === "data") {
        const part = rest.subarray(0, chunks.leftBytes);
        rest = rest.subarray(part.length);
        chunks.leftBytes -= part.length;
        if (!keep(part)) return answer(false);
        if (chunks.leftBytes > 0) return undefined;
        chunks.at = "data end";
      }
      const line = takeLine();
      if (line === undefined) {
        return rest.length > CHUNK_LINE_MAX_BYTES
          ? malformed("no end of a chunk's line")
          : undefined;
      }
      if (chunks.at === "data end") {
        if (line !== "") return malformed("a chunk that is longer than it says");
        chunks.at = "size";
      } else if (chunks.at === "size") {
        const [, size] = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
        if (size === undefined) return malformed("a chunk size that is no number");
        chunks.leftBytes = Number.parseInt(size, 16);
        chunks.at = chunks.leftBytes === 0 ? "trailer" : "data";
      } else {
        if (line === "") return answer(true);
        trailerBytes += line.length;
        if (trailerBytes > HEAD_MAX_BYTES) return malformed("no end of the trailer");
      }
    }
  }

  function readBody(): HttpAnswer | string | undefined {
    if (framing === undefined) return undefined;
    if (framing.kind === "chunked") return readChunks(framing);
    const part = framing.kind === "length" ? rest.subarray(0, framing.leftBytes) : rest;
    rest = EMPTY;
    if (!keep(part)) return answer(false);
    if (framing.kind === "stream") return undefined;
    framing.leftBytes -= part.length;
    return framing.leftBytes === 0 ? answer(true) : undefined;
  }

  return {
    give(bytes) {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const found = (head === undefined ? readHead() : undefined) ?? readBody();
      if (found === undefined && rest.length > 0) rest = Buffer.from(rest);
      return found;
    },
    finish() {
      if (framing?.kind === "stream") return answer(true);
      return head === undefined ? "the connection closed before an answer" : "the answer broke off";
    },
    heard: () => (head === undefined ? undefined : { status: head.status, bodyBytes }),
  };
}

const HEAD_END = "\r\n\r\n";
const STATUS_START = "HTTP/1.";
const NO_STATUS_LINE = "no status line of HTTP/1.0 or 1.1";

/** Who speaks something else is not waited for. */
function mayBegin(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, STATUS_START.length);
  return STATUS_START.startsWith(start);
}

function malformed(what: string): string {
  return `malformed answer: ${what}`;
}

/** RFC 9112 sections 4 and 5; or what is wrong with it. */
function headOf(text: string): Head | string {
  const [first = "", ...lines] = text.split("\r\n");
  const [, status] = /^HTTP\/1\.[01] ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(first) ?? [];
  if (status === undefined) return NO_STATUS_LINE;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", value = ""] = HEADER.exec(line) ?? [];
    if (name === "") return "a header that is none";
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : joined(key, before, value));
  }
  return { status: Number(status), headers };
}

const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/;

/** RFC 9110 section 5.3; of an address there is only one. */
function joined(key: string, before: string, value: string): string {
  return key === "location" ? before : `${before}, ${value}`;
}

/** RFC 9112 section 6.3; or what is wrong with it. */
function framingOf(method: string, { status, headers }: Head): Framing | string {
  if (method === "HEAD" || status === 101 || status === 204 || status === 304) {
    return { kind: "length", leftBytes: 0 };
  }
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined) {
    if (length !== undefined) return "both Content-Length and Transfer-Encoding";
    const isChunked = /(?:^|[, \t])chunked$/i.test(coding);
    return isChunked ? { kind: "chunked", leftBytes: 0, at: "size" } : { kind: "stream" };
  }
  if (length === undefined) return { kind: "stream" };
  const [first = "", ...more] = length.split(/, */);
  if (!/^\d{1,15}$/.test(first) || more.some((other) => other !== first)) {
    return "a Content-Length that is no number";
  }
  return { kind: "length", leftBytes: Number(first) };
}
