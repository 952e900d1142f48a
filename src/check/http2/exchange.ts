// One request and its answer on a connection of HTTP/2, from our side. RFC 9113. Pure: bytes in, bytes and the answer out.
//
// Not node:http2: more than 8 CONTINUATION frames of a server end the process there, by an assertion of Node's own.

import { bodyReader, type ReadBody } from "../body.ts";
import { shownBytes } from "../shown.ts";
import {
  contentOf,
  errorName,
  FLAG,
  FRAME,
  FRAME_MAX_BYTES,
  type Frame,
  frame,
  frameReader,
  uint32,
} from "./frames.ts";
import { encodeFields, type Field, hpackDecoder } from "./hpack.ts";
import { type SendWindow, sendWindow } from "./window.ts";

export type Http2Asked = {
  /** Names in small letters, the pseudo headers first. */
  readonly fields: readonly Field[];
  readonly body: Buffer | null;
  readonly bodyMaxBytes: number;
  readonly wantsDigest: boolean;
};

export type Http2Answer = ReadBody & {
  readonly status: number;
  readonly head: ReadonlyMap<string, string>;
  readonly trailers: ReadonlyMap<string, string>;
  /** false = there was more than was read. */
  readonly whole: boolean;
};

export type Http2Exchange = {
  /** Said first. */
  readonly opening: Buffer;
  /** What is said then, and the answer once it is there; a text = what is wrong with it. */
  readonly give: (bytes: Buffer) => {
    readonly send: Buffer;
    readonly found: Http2Answer | string | undefined;
  };
  /** How far it has come; undefined = no status yet. */
  readonly heard: () => { readonly status: number; readonly bodyBytes: number } | undefined;
};

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const STREAM = 1;
const BLOCK_MAX_BYTES = 16 * 1024;
/** Frames that bring no answer nearer: PING, SETTINGS, empty ones. */
const IDLE_FRAMES_MAX = 1000;
const INTERIM_MAX = 32;
const ENABLE_PUSH = 2;
const INITIAL_WINDOW_SIZE = 4;
const WINDOW_MAX = 2 ** 31 - 1;

type Head = { readonly status: number; readonly fields: ReadonlyMap<string, string> };

export function openExchange({
  fields,
  body,
  bodyMaxBytes,
  wantsDigest,
}: Http2Asked): Http2Exchange {
  const method = fields.find(([name]) => name === ":method")?.[1];
  const frames = frameReader();
  const decoder = hpackDecoder();
  const window: SendWindow = sendWindow(STREAM, body);
  let begin: Buffer = Buffer.alloc(0);
  let hasSettings = false;
  let idleFrames = 0;
  let interims = 0;
  /** A header block that goes on, and whether the stream ends with it. */
  let block: { bytes: Buffer; readonly endsStream: boolean } | undefined;
  let head: Head | undefined;
  let trailers: ReadonlyMap<string, string> = new Map();
  const heardBody = bodyReader(bodyMaxBytes, wantsDigest);
  let receivedBytes = 0;
  let answer: Http2Answer | undefined;
  let send: Buffer[] = [];

  function finish(whole: boolean): string | undefined {
    if (head === undefined) return "an end without an answer";
    const { status, fields: said } = head;
    const length = said.get("content-length");
    const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
    // Section 8.1.1: malformed.
    if (whole && hasBody && length !== undefined && Number(length) !== heardBody.lengthBytes()) {
      return `${heardBody.lengthBytes()} bytes where Content-Length says ${shownBytes(Buffer.from(length))}`;
    }
    answer = { status, head: said, trailers, ...heardBody.read(whole), whole };
    return undefined;
  }

  function hearBlock(bytes: Buffer, endsStream: boolean): string | undefined {
    const decoded = decoder.decode(bytes);
    if (typeof decoded === "string") return decoded;
    if (head !== undefined) {
      if (!endsStream) return "trailers that are not the end";
      trailers = joined(decoded);
      return finish(true);
    }
    const said = joined(decoded);
    const status = said.get(":status") ?? "";
    if (!/^[1-9]\d\d$/.test(status)) return "an answer without a status";
    if (Number(status) < 200) {
      interims += 1;
      if (endsStream) return "an interim answer that is the end";
      return interims > INTERIM_MAX ? "no end of interim answers" : undefined;
    }
    head = { status: Number(status), fields: said };
    return endsStream ? finish(true) : undefined;
  }

  function hearHeaders(heard: Frame): string | undefined {
    const isFirst = heard.type === FRAME.headers;
    const content = isFirst ? contentOf(heard) : heard.payload;
    if (content === undefined) return "a padding that is longer than its frame";
    if (heard.stream !== STREAM) return "an answer that nobody asked for";
    if (!isFirst && block === undefined)
      return "the middle of a header block without its beginning";
    const endsStream = (heard.flags & FLAG.endStream) !== 0;
    block = {
      bytes: Buffer.concat([block?.bytes ?? Buffer.alloc(0), content]),
      endsStream: block?.endsStream ?? endsStream,
    };
    if (block.bytes.length > BLOCK_MAX_BYTES)
      return `headers of more than ${BLOCK_MAX_BYTES} bytes`;
    if ((heard.flags & FLAG.endHeaders) === 0) return undefined;
    const whole = block;
    block = undefined;
    return hearBlock(whole.bytes, whole.endsStream);
  }

  function hearData(heard: Frame): string | undefined {
    const content = contentOf(heard);
    if (content === undefined) return "a padding that is longer than its frame";
    if (heard.stream !== STREAM || head === undefined) return "a body without an answer";
    receivedBytes += heard.payload.length;
    if (!heardBody.add(content)) return finish(false);
    return (heard.flags & FLAG.endStream) === 0 ? undefined : finish(true);
  }

  function hearSettings({ flags, payload }: Frame): string | undefined {
    if ((flags & FLAG.ack) !== 0) return undefined;
    if (payload.length % 6 !== 0) return "SETTINGS that are none";
    for (let at = 0; at < payload.length; at += 6) {
      const value = payload.readUInt32BE(at + 2);
      if (payload.readUInt16BE(at) !== INITIAL_WINDOW_SIZE) continue;
      if (value > WINDOW_MAX) return "a window that is too large";
      window.begins(value);
    }
    send.push(frame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0)));
    return undefined;
  }

  function hear(heard: Frame): string | undefined {
    const { type, flags, stream, payload } = heard;
    if (!hasSettings && (type !== FRAME.settings || (flags & FLAG.ack) !== 0)) {
      return "the first frame is no SETTINGS";
    }
    hasSettings = true;
    if (block !== undefined && type !== FRAME.continuation) return "a header block that breaks off";
    const brings = (type === FRAME.data || type === FRAME.continuation) && payload.length > 0;
    idleFrames += brings ? 0 : 1;
    if (idleFrames > IDLE_FRAMES_MAX) return "no end of frames that are no answer";
    switch (type) {
      case FRAME.data:
        return hearData(heard);
      case FRAME.headers:
      case FRAME.continuation:
        return hearHeaders(heard);
      case FRAME.settings:
        return hearSettings(heard);
      case FRAME.ping:
        if (payload.length !== 8) return "a PING that is none";
        if ((flags & FLAG.ack) === 0) send.push(frame(FRAME.ping, FLAG.ack, 0, payload));
        return undefined;
      case FRAME.windowUpdate:
        if (payload.length !== 4) return "a WINDOW_UPDATE that is none";
        return window.grows(stream, payload.readUInt32BE(0) & WINDOW_MAX);
      case FRAME.resetStream:
        if (payload.length !== 4) return "a RST_STREAM that is none";
        return `RST_STREAM with ${errorName(payload.readUInt32BE(0))}`;
      case FRAME.goAway:
        return goneAway(payload);
      case FRAME.pushPromise:
        return "a PUSH_PROMISE, which was refused";
      default:
        // Section 5.5: what is not known is ignored; so is a PRIORITY.
        return undefined;
    }
  }

  /** Credit for what was received, of the connection and of the stream, while more is wanted. */
  function credit(): void {
    if (receivedBytes === 0) return;
    for (const stream of [0, STREAM]) {
      send.push(frame(FRAME.windowUpdate, 0, stream, uint32(receivedBytes)));
    }
    receivedBytes = 0;
  }

  function hearAll(): string | undefined {
    for (let next = frames.take(); next !== undefined; next = frames.take()) {
      const wrong = typeof next === "string" ? next : hear(next);
      if (wrong !== undefined) {
        return hasSettings ? wrong : `no HTTP/2: ${wrong}, saw ${shownBytes(begin)}`;
      }
      if (answer !== undefined) return undefined;
    }
    return undefined;
  }

  const settings = Buffer.concat([Buffer.of(0, ENABLE_PUSH), uint32(0)]);
  return {
    opening: Buffer.concat([
      PREFACE,
      frame(FRAME.settings, 0, 0, settings),
      ...headerFrames(fields, body === null),
      ...window.ready(),
    ]),
    give(bytes) {
      if (!hasSettings) begin = Buffer.concat([begin, bytes.subarray(0, 64)]);
      send = [];
      frames.give(bytes);
      const wrong = hearAll();
      if (wrong === undefined && answer === undefined) {
        credit();
        send.push(...window.ready());
      }
      return { send: Buffer.concat(send), found: wrong ?? answer };
    },
    heard: () =>
      head === undefined ? undefined : { status: head.status, bodyBytes: heardBody.lengthBytes() },
  };
}

function headerFrames(fields: readonly Field[], endsStream: boolean): readonly Buffer[] {
  const block = encodeFields(fields);
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < block.length; at += FRAME_MAX_BYTES) {
    const isLast = at + FRAME_MAX_BYTES >= block.length;
    const flags = (isLast ? FLAG.endHeaders : 0) | (at === 0 && endsStream ? FLAG.endStream : 0);
    const type = at === 0 ? FRAME.headers : FRAME.continuation;
    frames.push(frame(type, flags, STREAM, block.subarray(at, at + FRAME_MAX_BYTES)));
  }
  return frames;
}

/** undefined = a farewell of who still answers. */
function goneAway(payload: Buffer): string | undefined {
  if (payload.length < 8) return "a GOAWAY that is none";
  const last = payload.readUInt32BE(0) & WINDOW_MAX;
  const code = payload.readUInt32BE(4);
  if (code === 0 && last >= STREAM) return undefined;
  const more = payload.length > 8 ? ` ${shownBytes(payload.subarray(8))}` : "";
  return `GOAWAY with ${errorName(code)}${more}`;
}

/** RFC 9110 section 5.3; of an address or a status there is only one. */
function joined(fields: readonly Field[]): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const [name, value] of fields) {
    const before = all.get(name);
    const isSingle = name === "location" || name.startsWith(":");
    if (before === undefined) all.set(name, value);
    else if (!isSingle) all.set(name, `${before}, ${value}`);
  }
  return all;
}
