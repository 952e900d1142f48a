// Authentication of a Draft without errors -> AuthConfig, with the bytes of every key; and back to rows.

import type { AuthConfig, HmacConfig } from "../vrrp/auth.ts";
import type { Section } from "./draft.ts";
import type { Row } from "./fields.ts";
import { hmacKeyBytes, type KeyFile } from "./hmac-key.ts";
import { formatDuration } from "./plain-types.ts";

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
