// Reads one answer of HTTP/1.0 or 1.1 out of the bytes of a stream. RFC 9112. Pure.

import { bodyReader } from "../body.ts";
import { shownBytes } from "../shown.ts";
import type { HttpAnswer, HttpRequest } from "./http-exchange.ts";
import {
  endOfHead,
  type Framing,
  framingOf,
  type Head,
  headOf,
  mayBegin,
  NO_STATUS_LINE,
} from "./http1-head.ts";

export type AnswerReader = {
  /** The answer, once it is whole or as long as it is judged; "malformed answer: ..." when it is none. */
  readonly give: (bytes: Buffer) => HttpAnswer | string | undefined;
  /** The stream has ended: the answer that this completes, or what is wrong with that. */
  readonly finish: () => HttpAnswer | string;
  /** How far it has come; undefined = no status yet. */
  readonly heard: () => { readonly status: number; readonly bodyBytes: number } | undefined;
};

const HEAD_MAX_BYTES = 16 * 1024;
const CHUNK_LINE_MAX_BYTES = 1024;
const EMPTY: Buffer = Buffer.alloc(0);
const LF = 10;

/** The body is read as far as it is judged. */
export function answerReader({
  method,
  bodyMaxBytes,
  wantsDigest,
}: Pick<HttpRequest, "method" | "bodyMaxBytes" | "wantsDigest">): AnswerReader {
  let rest = EMPTY;
  let head: Head | undefined;
  let framing: Framing | undefined;
  let interimBytes = 0;
  let trailerBytes = 0;
  const body = bodyReader(bodyMaxBytes, wantsDigest);

  function answer(whole: boolean): HttpAnswer {
    return {
      status: head?.status ?? 0,
      location: head?.headers.get("location"),
      coding: head?.headers.get("content-encoding"),
      odd: head?.odd ?? [],
      ...body.read(whole),
      whole,
    };
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
      const at = endOfHead(rest);
      const endBytes = at?.end ?? rest.length;
      if (!mayBegin(rest)) return malformed(`${NO_STATUS_LINE}: ${shownBytes(rest)}`);
      if (endBytes > HEAD_MAX_BYTES)
        return malformed(`a head of more than ${HEAD_MAX_BYTES} bytes`);
      if (at === undefined) return undefined;
      const read = headOf(rest.toString("latin1", 0, at.end));
      if (typeof read === "string") return malformed(`${read}: ${shownBytes(rest)}`);
      rest = rest.subarray(at.next);
      // Interim answers come before the one that counts; 101 ends the HTTP of a connection.
      if (read.status >= 200 || read.status === 101) {
        head = read;
        const found = framingOf(method, read);
        if (typeof found === "string") return malformed(found);
        framing = found;
        return framing.kind === "length" && framing.leftBytes === 0 ? answer(true) : undefined;
      }
      interimBytes += endBytes;
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
        if (!body.add(part)) return answer(false);
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
    if (!body.add(part)) return answer(false);
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
      if (head !== undefined) return "the answer broke off";
      if (rest.length === 0) return "the connection closed before an answer";
      return `the answer broke off in its head: ${shownBytes(rest)}`;
    },
    heard: () =>
      head === undefined ? undefined : { status: head.status, bodyBytes: body.lengthBytes() },
  };
}

function malformed(what: string): string {
  return `malformed answer: ${what}`;
}
