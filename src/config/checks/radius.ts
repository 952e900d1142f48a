// Checks of RADIUS servers.

import { isGiven, lineOf } from "../draft.ts";
import { needed } from "../draft-parts.ts";
import { yesNo } from "../plain-types.ts";
import type { CheckKind } from "./kinds.ts";
import { judgeBoth } from "./login.ts";

/** RFC 2865 §5 and §5.2. */
const BYTES_MAX = { login: 253, nas_identifier: 253, passwd: 128 } as const;

export const radius: CheckKind<"radius"> = {
  build({ values }) {
    const { login, passwd = "" } = values;
    return {
      secret: needed(values.secret),
      login: login === undefined ? null : { name: login, password: passwd },
      nasIp: values.nas_ip ?? null,
      nasIdentifier: values.nas_identifier,
      reply: values.reply,
      requireMessageAuthenticator: values.require_message_authenticator,
    };
  },
  rows: (check) => [
    ["secret", check.secret],
    ["login", check.login?.name ?? null],
    ["passwd", check.login === null ? null : check.login.password],
    ["reply", check.login === null ? null : check.reply],
    ["nas_ip", check.nasIp],
    ["nas_identifier", check.nasIdentifier],
    ["require_message_authenticator", yesNo(check.requireMessageAuthenticator)],
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
    if (!isGiven(section, "login") && isGiven(section, "reply")) {
      report(lineOf(section, "reply"), "Cannot use reply without login: a status is no verdict");
    }
  },
};
