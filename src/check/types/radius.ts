// One question to a RADIUS server.

import { address } from "../../config/schema/addresses.ts";
import { type Fields, fieldsOf, needed, type Row, rowsOf } from "../../config/schema/fields.ts";
import { bool, line, oneOf, secret } from "../../config/schema/plain-types.ts";
import { type account, bothOrNeither, type Login } from "./login.ts";
import { type CheckKind, isGiven, lineOf, type Report, type Rows, type Written } from "./type.ts";

// biome-ignore format: a table, a row a key
const keys = {
  secret: { type: secret, otherwise: "none: type radius needs it", example: "testing123", level: "basic",
    doc: "What the RADIUS server and this client of it share" },
  reply: { type: oneOf("accept", "reject", "any"), default: "accept", level: "basic", requires: { keys: ["login"], why: "a status is no verdict" },
    doc: "What a RADIUS server must answer to login and passwd; any = also a challenge. Without a login it is asked for its status (Status-Server)" },
  nas_ip: { field: "nasIp", type: address, otherwise: "none is said", example: "172.17.253.97",
    doc: "NAS-IP-Address, or NAS-IPv6-Address, of the request" },
  nas_identifier: { field: "nasIdentifier", type: line, default: "duet", doc: "NAS-Identifier of the request" },
  require_message_authenticator: { field: "requireMessageAuthenticator", type: bool, default: "no",
    doc: "A reply without Message-Authenticator is a failure; one that is wrong always is" },
} as const satisfies Rows;

type Question = Fields<typeof keys> & {
  readonly secret: string;
  /** What is right as an answer to Access-Request. */
  readonly reply: "accept" | "reject" | "any";
};

/** RFC 2865 §5 and §5.2. */
const BYTES_MAX = { login: 253, nas_identifier: 253, passwd: 128 } as const;

const question = {
  keys,
  build: ({ values }: Written<typeof keys>): Question => ({
    ...fieldsOf(keys, values),
    secret: needed(values.secret),
    reply: values.reply,
  }),
  rows: (check: Question & { readonly login: Login | null }): readonly Row[] => [
    ["secret", check.secret],
    ...rowsOf(keys, check),
    ["reply", check.login === null ? null : check.reply],
  ],
  judge(section: Written<typeof keys & typeof account>, report: Report) {
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
  },
} as const;

/** Without a login it asks Status-Server in place of Access-Request. */
export const radius = {
  doc: "an answer to one packet",
  parts: [question, bothOrNeither],
} as const satisfies CheckKind;
