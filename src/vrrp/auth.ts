// How adverts of an instance prove where they come from: the words of it, and version 2's simple password
// (RFC 2338 §5.3.6). Signed adverts are in auth-hmac.ts.

import { timingSafeEqual } from "node:crypto";

export type AuthConfig = {
  /** Version 2 only: up to eight bytes, sent in clear with every advert. null = none. */
  readonly password: string | null;
  readonly hmac: HmacConfig | null;
};

export type HmacConfig = {
  readonly keys: readonly HmacKey[];
  /** The id of the key that signs. */
  readonly activeKey: number;
  /** time: adverts age; monotonic: only their order counts, for nodes whose clocks disagree. */
  readonly antiReplay: "time" | "monotonic";
  /** How far the clocks of the two may be apart, and how old an advert may be. */
  readonly timeWindowMs: number;
  /** permissive: unsigned adverts are accepted as well; receive-only: and ours are not signed yet. */
  readonly mode: "enforce" | "permissive" | "receive-only";
};

export type HmacKey = {
  readonly id: number;
  readonly keyHex: string;
  /** As in the configuration: hex:…, file:PATH or the key itself. */
  readonly written: string;
};

export const NO_AUTH: AuthConfig = { password: null, hmac: null };

/** RFC 2338 §5.3.6: 0 = none, 1 = simple text password. */
export const AUTH_NONE = 0;
export const AUTH_PASSWORD = 1;

const PASSWORD_BYTES = 8;

/** RFC 2338 §5.3.10: eight bytes, filled up with zeros; a longer one is cut there, within a letter too, as keepalived does. */
export function passwordBytes(password: string | null): Buffer {
  const bytes = Buffer.alloc(PASSWORD_BYTES);
  if (password !== null) Buffer.from(password).copy(bytes);
  return bytes;
}

/** Why a version 2 advert is not one of ours; undefined = it is. */
export function authProblem(
  { password }: AuthConfig,
  { authType, authData }: { readonly authType: number; readonly authData: Buffer },
): "auth_type" | "auth_failure" | undefined {
  if (authType !== (password === null ? AUTH_NONE : AUTH_PASSWORD)) return "auth_type";
  // RFC 2338 §7.1: what stands there without a password counts for nothing.
  if (password === null) return undefined;
  const wanted = passwordBytes(password);
  const right = authData.length === wanted.length && timingSafeEqual(authData, wanted);
  return right ? undefined : "auth_failure";
}
