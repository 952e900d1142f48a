// Keys of [check.*] of SIP servers.

import type { KeySpec } from "../spec.ts";
import { dnsKeys } from "./keys-net.ts";
import { tlsOptionKeys } from "./keys-tls.ts";
import { httpKeys } from "./keys-web.ts";

export const sipKeys = {
  transport: dnsKeys.transport,
  to: {
    type: { kind: "sip_uri" },
    otherwise: "sip: with the address and port that are probed",
    example: "sip:ping@example.com",
    level: "basic",
    doc: "Who is asked for what he can do (OPTIONS), in the request and its To",
  },
  from: {
    type: { kind: "sip_uri" },
    otherwise: "sip:duet@ with the address and port of this end",
    example: "sip:duet@example.com",
    level: "advanced",
    doc: "Who asks",
  },
  status: httpKeys.status,
  ...tlsOptionKeys,
} as const satisfies Readonly<Record<string, KeySpec>>;
