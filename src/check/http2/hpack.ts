// Header blocks of HTTP/2 <-> names and values. RFC 7541. Pure; never throws on input, and what a block may become is limited.

import { decodeHuffman } from "./huffman.ts";

export type Field = readonly [name: string, value: string];

export type HpackDecoder = {
  /** The blocks of a connection, in their order; or what is wrong with one, after which no other can be read. */
  readonly decode: (block: Buffer) => readonly Field[] | string;
};

/** Of all names and values of a block: a byte may stand for a string of kilobytes. */
const DECODED_MAX_BYTES = 64 * 1024;
/** SETTINGS_HEADER_TABLE_SIZE, when nobody says another one. RFC 9113 section 6.5.2. */
const TABLE_MAX_BYTES = 4096;
/** Section 4.1. */
const ENTRY_BYTES = 32;
const INTEGER_MAX = 2 ** 24;

/** Section 6.2.2, without an index and without Huffman: our few headers are sent once. */
export function encodeFields(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]),
  );
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([integer(bytes.length), bytes]);
}

/** Section 5.1, with a prefix of 7 bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.of(...bytes, rest);
}

type Cursor = { readonly block: Buffer; at: number };

export function hpackDecoder(): HpackDecoder {
  /** The newest first. */
  let table: Field[] = [];
  let tableBytes = 0;
  let tableMaxBytes = TABLE_MAX_BYTES;

  function evict(): void {
    while (tableBytes > tableMaxBytes) tableBytes -= sizeOf(table.pop());
  }

  function remember(field: Field): void {
    table.unshift(field);
    tableBytes += sizeOf(field);
    evict();
  }

  function at(index: number): Field | undefined {
    return index <= STATIC.length ? STATIC[index - 1] : table[index - STATIC.length - 1];
  }

  /** Section 6.2; `prefixBits` holds the index of the name, 0 = it follows. */
  function readLiteral(cursor: Cursor, prefixBits: number): Field | undefined {
    const index = readInteger(cursor, prefixBits);
    const name = index === 0 ? readString(cursor) : at(index ?? 0)?.[0];
    const value = name === undefined ? undefined : readString(cursor);
    return name === undefined || value === undefined ? undefined : [name, value];
  }

  function resize(cursor: Cursor): boolean {
    const size = readInteger(cursor, 5);
    if (size === undefined || size > TABLE_MAX_BYTES) return false;
    tableMaxBytes = size;
    evict();
    return true;
  }

  function readField(cursor: Cursor, first: number): Field | undefined {
    if ((first & 0x80) !== 0) return at(readInteger(cursor, 7) ?? 0);
    const isKept = (first & 0x40) !== 0;
    const field = readLiteral(cursor, isKept ? 6 : 4);
    if (isKept && field !== undefined) remember(field);
    return field;
  }

  return {
    decode(block) {
      const fields: Field[] = [];
      const cursor: Cursor = { block, at: 0 };
      let decodedBytes = 0;
      for (let first = block[0]; first !== undefined; first = block[cursor.at]) {
        if ((first & 0xe0) === 0x20) {
          if (!resize(cursor)) return "a header block with a wrong table size";
          continue;
        }
        const field = readField(cursor, first);
        if (field === undefined) return "a header block that is none";
        decodedBytes += sizeOf(field);
        if (decodedBytes > DECODED_MAX_BYTES) {
          return `headers of more than ${DECODED_MAX_BYTES} bytes`;
        }
        fields.push(field);
      }
      return fields;
    },
  };
}

function sizeOf(field: Field | undefined): number {
  return field === undefined ? 0 : field[0].length + field[1].length + ENTRY_BYTES;
}

/** Section 5.1; undefined = none, or a larger one than anybody needs. */
function readInteger(cursor: Cursor, prefixBits: number): number | undefined {
  const mask = 2 ** prefixBits - 1;
  let value = (cursor.block[cursor.at] ?? 0) & mask;
  cursor.at += 1;
  if (value < mask) return value;
  for (let factor = 1; value < INTEGER_MAX; factor *= 128) {
    const byte = cursor.block[cursor.at];
    if (byte === undefined || factor > INTEGER_MAX) return undefined;
    cursor.at += 1;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
  return undefined;
}

/** Section 5.2, as latin1. */
function readString(cursor: Cursor): string | undefined {
  const isHuffman = ((cursor.block[cursor.at] ?? 0) & 0x80) !== 0;
  if (cursor.at >= cursor.block.length) return undefined;
  const length = readInteger(cursor, 7);
  if (length === undefined || cursor.at + length > cursor.block.length) return undefined;
  const bytes = cursor.block.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  return isHuffman ? decodeHuffman(bytes) : bytes.toString("latin1");
}

/** Appendix A: a name and its values; the first of a name has none where "" stands. */
const STATIC: readonly Field[] = (
  [
    [":authority", ""],
    [":method", "GET", "POST"],
    [":path", "/", "/index.html"],
    [":scheme", "http", "https"],
    [":status", "200", "204", "206", "304", "400", "404", "500"],
    ["accept-charset", ""],
    ["accept-encoding", "gzip, deflate"],
  ] as readonly (readonly [string, ...string[]])[]
)
  .flatMap(([name, ...values]) => values.map((value): Field => [name, value]))
  .concat(
    (
      "accept-language accept-ranges accept access-control-allow-origin age allow authorization cache-control " +
      "content-disposition content-encoding content-language content-length content-location content-range " +
      "content-type cookie date etag expect expires from host if-match if-modified-since if-none-match if-range " +
      "if-unmodified-since last-modified link location max-forwards proxy-authenticate proxy-authorization range " +
      "referer refresh retry-after server set-cookie strict-transport-security transfer-encoding user-agent vary via " +
      "www-authenticate"
    )
      .split(" ")
      .map((name): Field => [name, ""]),
  );
