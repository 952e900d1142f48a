// One value of authentication: text -> what keys-auth.ts says it is. Key files are read by rules-auth.ts.

import { accept, type Judged, refuse } from "./addresses.ts";
import { hmacKeyBytes, hmacKeyRule, keyPathOf } from "./hmac-key.ts";
import type { HmacKeyWords, ValueType } from "./spec.ts";

const PASSWORD_BYTES_MAX = 8;

/** What must not be told in a problem, which ends up in logs. */
export function isSecret(kind: ValueType["kind"]): boolean {
  return kind === "password" || kind === "hmac_key" || kind === "secret";
}

export function parsePassword(text: string): Judged<string> {
  // RFC 2338 §5.3.10. keepalived cuts a longer one as well, so that both ends agree.
  const isCut = Buffer.byteLength(text) > PASSWORD_BYTES_MAX;
  const effect = `only its first ${PASSWORD_BYTES_MAX} bytes count, all that an advert has room for (auth_hmac_key[] takes more)`;
  return accept(text, isCut ? effect : undefined);
}

export function parseHmacKey(text: string): Judged<HmacKeyWords> {
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
