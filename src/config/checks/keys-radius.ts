// Keys of [check.*] of RADIUS servers.

import { oneOf } from "../key-types.ts";
import type { KeySpec } from "../spec.ts";
import { loginKeys } from "./keys-login.ts";

export const radiusKeys = {
  secret: {
    type: { kind: "secret" },
    otherwise: "none: type radius needs it",
    example: "testing123",
    level: "basic",
    doc: "What the RADIUS server and this client of it share",
  },
  login: loginKeys.login,
  passwd: loginKeys.passwd,
  reply: {
    type: oneOf("accept", "reject", "any"),
    default: "accept",
    level: "basic",
    doc: "What a RADIUS server must answer to login and passwd; any = also a challenge. Without a login it is asked for its status (Status-Server)",
  },
  nas_ip: {
    type: { kind: "address" },
    otherwise: "none is said",
    example: "172.17.253.97",
    level: "advanced",
    doc: "NAS-IP-Address, or NAS-IPv6-Address, of the request",
  },
  nas_identifier: {
    type: { kind: "line" },
    default: "duet",
    level: "advanced",
    doc: "NAS-Identifier of the request",
  },
  require_message_authenticator: {
    type: { kind: "bool" },
    default: "no",
    level: "advanced",
    doc: "A reply without Message-Authenticator is a failure; one that is wrong always is",
  },
} as const satisfies Readonly<Record<string, KeySpec>>;
