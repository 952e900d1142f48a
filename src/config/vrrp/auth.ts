// How the adverts of a virtual router prove where they come from: types of keys, rows, what they come to, and rules. Whatever
// is wrong here is an error: authentication is never just "off".

import type { AuthConfig, HmacConfig } from "../../vrrp/auth.ts";
import type { Row } from "../schema/fields.ts";
import type { Report } from "../schema/lines.ts";
import { formatDuration } from "../schema/plain-types.ts";
import { type Draft, isGiven, lineOf, type Section } from "../schema/section.ts";
import type { Surroundings } from "../surroundings.ts";
import { versionOf } from "./effective.ts";
import { hmacKeyBytes, type KeyFile } from "./hmac-key.ts";

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
