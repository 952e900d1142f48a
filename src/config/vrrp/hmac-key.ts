// Passwords and keys of adverts as they are written. A key of auth_hmac may be written in place, as hex digits, or in a file.

import { accept, type Judged, refuse } from "../schema/judged.ts";
import type { HmacKeyWords } from "../schema/row.ts";
import { asItIs, type KeyType } from "../schema/type.ts";

export type KeyFile =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

export type KeyBytes =
  | { readonly ok: true; readonly bytes: Buffer }
  /** Never quotes the key. */
  | { readonly ok: false; readonly problem: string };

const BYTES_MIN = 32;
const BYTES_MAX = 64;

export const hmacKeyRule = `${BYTES_MIN} to ${BYTES_MAX} bytes: ASCII text, hex:DIGITS or file:PATH`;

export function hmacKeyBytes(written: string, keyFile: (path: string) => KeyFile): KeyBytes {
  const path = keyPathOf(written);
  if (path === undefined) return bytesOf(written);
  const file = keyFile(path);
  if (!file.ok) return { ok: false, problem: `file "${path}": ${file.reason}` };
  // Editors end a file with a line feed.
  const held = bytesOf(file.text.replace(/[\r\n]+$/, ""));
  return held.ok ? held : { ok: false, problem: `what is in file "${path}": ${held.problem}` };
}

/** undefined = the key is written in place. */
export function keyPathOf(written: string): string | undefined {
  return written.startsWith("file:") ? written.slice("file:".length) : undefined;
}

function bytesOf(text: string): KeyBytes {
  if (!text.startsWith("hex:")) {
    if (!/^[\x20-\x7e]*$/.test(text)) return wrong("it is no ASCII text (write hex:DIGITS)");
    return judged(Buffer.from(text, "ascii"));
  }
  const digits = text.slice("hex:".length);
  if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) return wrong("hex: needs pairs of hex digits");
  return judged(Buffer.from(digits, "hex"));
}

function judged(bytes: Buffer): KeyBytes {
  if (bytes.length >= BYTES_MIN && bytes.length <= BYTES_MAX) return { ok: true, bytes };
  return wrong(`it has ${bytes.length} bytes, and a key has ${BYTES_MIN} to ${BYTES_MAX}`);
}

function wrong(problem: string): KeyBytes {
  return { ok: false, problem };
}

const PASSWORD_BYTES_MAX = 8;

export const password: KeyType<string> = {
  parse: parsePassword,
  print: asItIs,
  help: "text of which 8 bytes count; in quotes when it holds ; or #",
  secret: true,
};

export const hmacKey: KeyType<HmacKeyWords> = {
  parse: parseHmacKey,
  print: ({ id, written }) => `${id} ${written}`,
  about: ({ id }) => id,
  help: "ID KEY, the KEY 32 to 64 bytes as text, hex:DIGITS or file:PATH",
  secret: true,
};

function parsePassword(text: string): Judged<string> {
  // RFC 2338 §5.3.10. keepalived cuts a longer one as well, so that both ends agree.
  const isCut = Buffer.byteLength(text) > PASSWORD_BYTES_MAX;
  const effect = `only its first ${PASSWORD_BYTES_MAX} bytes count, all that an advert has room for (auth_hmac_key[] takes more)`;
  return accept(text, isCut ? effect : undefined);
}

function parseHmacKey(text: string): Judged<HmacKeyWords> {
  const right = `ID KEY, with an ID from 1 to 255 and a KEY of ${hmacKeyRule}`;
  const match = /^(\d{1,3})\s+(.+)$/.exec(text);
  const id = Number(match?.[1] ?? 0);
  const written = match?.[2] ?? "";
  if (id < 1 || id > 255) return refuse(right);
  const path = keyPathOf(written);
  if (path !== undefined) {
    return path.startsWith("/") ? accept({ id, written }) : refuse(`${right} that begins with /`);
  }
  const key = hmacKeyBytes(written, nowhere);
  return key.ok ? accept({ id, written }) : refuse(`${right} (${key.problem})`);
}

function nowhere(): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason: "it is not looked for" };
}
