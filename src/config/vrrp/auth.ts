// How the adverts of a virtual router prove where they come from: types of keys, rows, what they come to, and rules. Whatever
// is wrong here is an error: authentication is never just "off".

import type { AuthConfig, HmacConfig } from "../../vrrp/auth.ts";
import { versionOf } from "../effective.ts";
import type { Row } from "../schema/fields.ts";
import { accept, type Judged, refuse } from "../schema/judged.ts";
import { duration, formatDuration, integer, oneOf } from "../schema/plain-types.ts";
import type { HmacKeyWords } from "../schema/row.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import { asItIs, type KeyType } from "../schema/type.ts";
import type { Report, Surroundings } from "../validate.ts";
import { hmacKeyBytes, hmacKeyRule, type KeyFile, keyPathOf } from "./hmac-key.ts";

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

const ofKey = { keys: ["auth_hmac_key"], why: "write auth_hmac_key[] = ID KEY" } as const;

// biome-ignore format: a table, a row a key
export const authRows = {
  auth_type: { type: oneOf("PASS"), requires: { keys: ["auth_pass"], why: "it is the password" }, otherwise: "PASS where there is an auth_pass", example: "PASS",
    doc: "Authentication of version 2: PASS, a password in clear" },
  auth_pass: { type: password, otherwise: "none", example: "s3cret",
    doc: "Password of version 2, up to 8 bytes, the same on both nodes; it keeps strangers' mistakes out, not attackers" },
  auth_hmac_key: { type: hmacKey, list: true, unique: "here", example: "1 file:/etc/duet/vrrp.key",
    doc: "Key of signed adverts (keepalived 2.4.2 and later): ID KEY, with an ID from 1 to 255 and a KEY of 32 to 64 bytes as text, as hex:DIGITS, or as file:PATH that holds one of them and is nobody else's to read" },
  auth_hmac_active_key: { type: integer(1, 255), requires: ofKey, otherwise: "it has to be written where there is a key", example: "1",
    doc: "ID of the key that signs; all keys are accepted, so keys can be changed node by node" },
  auth_hmac_anti_replay: { type: oneOf("time", "monotonic"), requires: ofKey, default: "time",
    doc: "time refuses adverts from outside of the time window; monotonic only those older than the last one, for clocks that disagree" },
  auth_hmac_time_window: { type: duration({ minMs: 1000, maxMs: 300_000, wholeSeconds: true }), requires: ofKey, otherwise: "three times advert_int, 5 seconds at least", example: "5",
    doc: "How far apart the clocks of the nodes may be, and how old an advert may be" },
  auth_hmac_mode: { type: oneOf("enforce", "permissive", "receive-only"), requires: ofKey, default: "enforce",
    doc: "enforce takes signed adverts only; permissive unsigned ones as well; receive-only as well, and does not sign: the three steps of a migration, backwards" },
} as const;

// keepalived's default of time_window.
const WINDOW_ADVERTS = 3;
const WINDOW_MIN_MS = 5000;
const WINDOW_MAX_MS = 300_000;

export function buildAuth(
  { values }: Section<"vrrp_instance">,
  keyFile: (path: string) => KeyFile,
): AuthConfig {
  return { password: values.auth_pass ?? null, hmac: buildHmac(values, keyFile) };
}

function buildHmac(
  values: Section<"vrrp_instance">["values"],
  keyFile: (path: string) => KeyFile,
): HmacConfig | null {
  const activeKey = values.auth_hmac_active_key;
  if (activeKey === undefined) return null;
  const adverts = Math.ceil((WINDOW_ADVERTS * values.advert_int) / 1000) * 1000;
  return {
    keys: values.auth_hmac_key.map(({ value: { id, written } }) => {
      const key = hmacKeyBytes(written, keyFile);
      if (!key.ok) throw new Error(`Cannot use auth_hmac_key ${id}, ${key.problem}`);
      return { id, keyHex: key.bytes.toString("hex"), written };
    }),
    activeKey,
    antiReplay: values.auth_hmac_anti_replay,
    timeWindowMs:
      values.auth_hmac_time_window ?? Math.min(WINDOW_MAX_MS, Math.max(WINDOW_MIN_MS, adverts)),
    mode: values.auth_hmac_mode,
  };
}

/** Keys as they were written: a key that lives in a file is not told. */
export function authRowsOf({ password, hmac }: AuthConfig): readonly Row[] {
  const rows: Row[] = [["auth_pass", password]];
  if (hmac === null) return rows;
  return [
    ...rows,
    ...hmac.keys.map(({ id, written }): Row => ["auth_hmac_key[]", `${id} ${written}`]),
    ["auth_hmac_active_key", hmac.activeKey],
    ["auth_hmac_anti_replay", hmac.antiReplay],
    ["auth_hmac_time_window", formatDuration(hmac.timeWindowMs)],
    ["auth_hmac_mode", hmac.mode],
  ];
}

type Instance = Section<"vrrp_instance">;

export function judgeAuth(draft: Draft, { keyFile }: Surroundings, report: Report): void {
  for (const instance of draft.vrrp_instance) {
    judgePassword(instance, versionOf(instance), report);
    judgeKeys(instance, keyFile, report);
    judgeActiveKey(instance, report);
  }
}

function judgePassword(instance: Instance, version: 2 | 3, report: Report): void {
  const key = isGiven(instance, "auth_pass") ? "auth_pass" : "auth_type";
  if (!isGiven(instance, key)) return;
  if (version === 3) {
    report(
      lineOf(instance, key),
      `Cannot use ${key} with version 3, which has no authentication: it must be version = 2, or auth_hmac_key[] in its place`,
    );
  }
}

function judgeKeys(instance: Instance, keyFile: Surroundings["keyFile"], report: Report): void {
  for (const { value, line } of instance.values.auth_hmac_key) {
    const key = hmacKeyBytes(value.written, keyFile);
    if (!key.ok) report(line, `Cannot use auth_hmac_key ${value.id}, ${key.problem}`);
  }
}

function judgeActiveKey(instance: Instance, report: Report): void {
  const { auth_hmac_key: keys, auth_hmac_active_key: active } = instance.values;
  // All that were written have been complained about.
  if (keys.length === 0) return;
  const ids = keys.map(({ value }) => value.id);
  if (!isGiven(instance, "auth_hmac_active_key")) {
    report(
      lineOf(instance, "auth_hmac_key"),
      `Cannot sign without auth_hmac_active_key: it must be the ID of a key (${ids.join(", ")})`,
    );
  } else if (active !== undefined && !ids.includes(active)) {
    report(
      lineOf(instance, "auth_hmac_active_key"),
      `Cannot use auth_hmac_active_key ${active}: there is no key with this ID (there is ${ids.join(", ")})`,
    );
  }
}
