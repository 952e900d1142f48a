// Keys of [check.*] of SIP servers.

import type { KeySpec } from "../spec.ts";
import { sipUri } from "../values-checks.ts";
import { dnsKeys } from "./keys-net.ts";
import { tlsOptionKeys } from "./keys-tls.ts";
import { httpKeys } from "./keys-web.ts";

// biome-ignore format: a table, a row a key
export const sipKeys = {
  transport: dnsKeys.transport,
  to: { type: sipUri, otherwise: "sip: with the address and port that are probed", example: "sip:ping@example.com", level: "basic",
    doc: "Who is asked for what he can do (OPTIONS), in the request and its To" },
  from: { type: sipUri, otherwise: "sip:duet@ with the address and port of this end", example: "sip:duet@example.com",
    doc: "Who asks" },
  status: httpKeys.status,
  ...tlsOptionKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;
