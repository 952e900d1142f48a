// Frames of HTTP/2 <-> bytes. RFC 9113 sections 4 and 6. Pure; never throws on input.

export type Frame = {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Only valid until the next give(). */
  readonly payload: Buffer;
};

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  resetStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = { ack: 1, endStream: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;

/** SETTINGS_MAX_FRAME_SIZE that nobody changed. */
export const FRAME_MAX_BYTES: number = 16_384;
const HEAD_BYTES = 9;

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A number as the whole payload, or as a part of it. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export type FrameReader = {
  readonly give: (bytes: Buffer) => void;
  /** The next whole one; a text = what is wrong with it. */
  readonly take: () => Frame | string | undefined;
};

export function frameReader(): FrameReader {
  let rest: Buffer = Buffer.alloc(0);
  return {
    give(bytes) {
      rest = Buffer.concat([rest, bytes]);
    },
    take() {
      if (rest.length < HEAD_BYTES) return undefined;
      const length = rest.readUIntBE(0, 3);
      if (length > FRAME_MAX_BYTES) return `a frame of ${length} bytes`;
      const end = HEAD_BYTES + length;
      if (rest.length < end) return undefined;
      const [type = 0, flags = 0] = rest.subarray(3, 5);
      const stream = rest.readUInt32BE(5) & 0x7fff_ffff;
      const payload = rest.subarray(HEAD_BYTES, end);
      rest = rest.subarray(end);
      return { type, flags, stream, payload };
    },
  };
}

/** What a padded DATA or HEADERS frame is about (sections 6.1 and 6.2); undefined = it is none. */
export function contentOf({ type, flags, payload }: Frame): Buffer | undefined {
  const isPadded = (flags & FLAG.padded) !== 0;
  const paddingBytes = isPadded ? (payload[0] ?? 0) : 0;
  const hasPriority = type === FRAME.headers && (flags & FLAG.priority) !== 0;
  const start = (isPadded ? 1 : 0) + (hasPriority ? 5 : 0);
  const end = payload.length - paddingBytes;
  return start > end ? undefined : payload.subarray(start, end);
}

const ERRORS = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

/** Section 7. */
export function errorName(code: number): string {
  return ERRORS[code] ?? String(code);
}
