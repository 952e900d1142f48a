// The table of keys: how the adverts of a virtual router prove where they come from.

import { duration, integer, oneOf } from "./plain-types.ts";
import { hmacKey, password } from "./values-auth.ts";

// biome-ignore format: a table, a row a key
export const authRows = {
  auth_type: { type: oneOf("PASS"), otherwise: "PASS where there is an auth_pass", example: "PASS",
    doc: "Authentication of version 2: PASS, a password in clear" },
  auth_pass: { type: password, otherwise: "none", example: "s3cret",
    doc: "Password of version 2, up to 8 bytes, the same on both nodes; it keeps strangers' mistakes out, not attackers" },
  auth_hmac_key: { type: hmacKey, list: true, example: "1 file:/etc/duet/vrrp.key",
    doc: "Key of signed adverts (keepalived 2.4.2 and later): ID KEY, with an ID from 1 to 255 and a KEY of 32 to 64 bytes as text, as hex:DIGITS, or as file:PATH that holds one of them and is nobody else's to read" },
  auth_hmac_active_key: { type: integer(1, 255), otherwise: "it has to be written where there is a key", example: "1",
    doc: "ID of the key that signs; all keys are accepted, so keys can be changed node by node" },
  auth_hmac_anti_replay: { type: oneOf("time", "monotonic"), default: "time",
    doc: "time refuses adverts from outside of the time window; monotonic only those older than the last one, for clocks that disagree" },
  auth_hmac_time_window: { type: duration({ minMs: 1000, maxMs: 300_000, wholeSeconds: true }), otherwise: "three times advert_int, 5 seconds at least", example: "5",
    doc: "How far apart the clocks of the nodes may be, and how old an advert may be" },
  auth_hmac_mode: { type: oneOf("enforce", "permissive", "receive-only"), default: "enforce",
    doc: "enforce takes signed adverts only; permissive unsigned ones as well; receive-only as well, and does not sign: the three steps of a migration, backwards" },
} as const;
