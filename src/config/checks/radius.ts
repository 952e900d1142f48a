// Checks of RADIUS servers: their keys, what they come to, and their rules.

import { address } from "../schema/addresses.ts";
import { fieldsOf, rowsOf } from "../schema/fields.ts";
import { bool, line, oneOf, secret } from "../schema/plain-types.ts";
import type { KeySpec } from "../schema/row.ts";
import { isGiven, lineOf, needed } from "../schema/section.ts";
import type { CheckKind } from "./kinds.ts";
import { account, judgeBoth } from "./login.ts";

// biome-ignore format: a table, a row a key
export const radiusKeys = {
  secret: { field: "secret", type: secret, otherwise: "none: type radius needs it", example: "testing123", level: "basic",
    doc: "What the RADIUS server and this client of it share" },
  login: account.login,
  passwd: account.passwd,
  reply: { type: oneOf("accept", "reject", "any"), default: "accept", level: "basic", requires: { keys: ["login"], why: "a status is no verdict" },
    doc: "What a RADIUS server must answer to login and passwd; any = also a challenge. Without a login it is asked for its status (Status-Server)" },
  nas_ip: { field: "nasIp", type: address, otherwise: "none is said", example: "172.17.253.97",
    doc: "NAS-IP-Address, or NAS-IPv6-Address, of the request" },
  nas_identifier: { field: "nasIdentifier", type: line, default: "duet", doc: "NAS-Identifier of the request" },
  require_message_authenticator: { field: "requireMessageAuthenticator", type: bool, default: "no",
    doc: "A reply without Message-Authenticator is a failure; one that is wrong always is" },
} as const satisfies Readonly<Record<string, KeySpec>>;

/** RFC 2865 §5 and §5.2. */
const BYTES_MAX = { login: 253, nas_identifier: 253, passwd: 128 } as const;

export const radius: CheckKind<"radius"> = {
  build({ values }) {
    const { login, passwd = "" } = values;
    return {
      ...fieldsOf(radiusKeys, values),
      secret: needed(values.secret),
      login: login === undefined ? null : { name: login, password: passwd },
      reply: values.reply,
    };
  },
  rows: (check) => [
    ...rowsOf(radiusKeys, check),
    ["login", check.login?.name ?? null],
    ["passwd", check.login === null ? null : check.login.password],
    ["reply", check.login === null ? null : check.reply],
  ],
  judge(section, report) {
    const { values } = section;
    if (!isGiven(section, "secret")) {
      report(
        section.line,
        `Cannot use [${section.title}] without secret: add a line such as "secret = testing123"`,
      );
    }
    for (const key of ["login", "nas_identifier", "passwd"] as const) {
      if (Buffer.byteLength(values[key] ?? "") <= BYTES_MAX[key]) continue;
      report(lineOf(section, key), `Cannot use ${key}: RADIUS has ${BYTES_MAX[key]} bytes for it`);
    }
    judgeBoth(section, report);
  },
};
