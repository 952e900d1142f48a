// Keys of [check.*] of RADIUS servers.

import { address } from "../addresses.ts";
import { bool, line, oneOf, secret } from "../plain-types.ts";
import type { KeySpec } from "../spec.ts";
import { loginKeys } from "./keys-login.ts";

// biome-ignore format: a table, a row a key
export const radiusKeys = {
  secret: { field: "secret", type: secret, otherwise: "none: type radius needs it", example: "testing123", level: "basic",
    doc: "What the RADIUS server and this client of it share" },
  login: loginKeys.login,
  passwd: loginKeys.passwd,
  reply: { type: oneOf("accept", "reject", "any"), default: "accept", level: "basic",
    doc: "What a RADIUS server must answer to login and passwd; any = also a challenge. Without a login it is asked for its status (Status-Server)" },
  nas_ip: { field: "nasIp", type: address, otherwise: "none is said", example: "172.17.253.97",
    doc: "NAS-IP-Address, or NAS-IPv6-Address, of the request" },
  nas_identifier: { field: "nasIdentifier", type: line, default: "duet", doc: "NAS-Identifier of the request" },
  require_message_authenticator: { field: "requireMessageAuthenticator", type: bool, default: "no",
    doc: "A reply without Message-Authenticator is a failure; one that is wrong always is" },
} as const satisfies Readonly<Record<string, KeySpec>>;
