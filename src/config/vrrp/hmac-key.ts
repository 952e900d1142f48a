// The key of auth_hmac: its text -> its bytes. It may be written in place, as hex digits, or in a file.

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
