// One value of authentication: text -> what keys-auth.ts says it is. Key files are read by rules-auth.ts.

import { hmacKeyBytes, hmacKeyRule, keyPathOf } from "./hmac-key.ts";
import { accept, type Judged, refuse } from "./judged.ts";
import type { HmacKeyWords } from "./spec.ts";
import { asItIs, type KeyType } from "./type.ts";

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
