// Checks of stores in memory.

import { isGiven, lineOf } from "../draft.ts";
import type { CheckKind } from "./kinds.ts";
import { judgeTlsOption, tlsOption, tlsOptionRows } from "./tls.ts";

export const redis: CheckKind<"redis"> = {
  build(section) {
    const { login, passwd, role } = section.values;
    return {
      tls: tlsOption(section, null),
      login: passwd === undefined ? null : { name: login ?? null, password: passwd },
      role: role ?? null,
    };
  },
  rows: ({ tls, login, role }) => [
    ["login", login?.name ?? null],
    ["passwd", login?.password ?? null],
    ["role", role],
    ...tlsOptionRows(tls),
  ],
  judge(section, report) {
    judgeTlsOption(section, report);
    if (isGiven(section, "login") && !isGiven(section, "passwd")) {
      report(lineOf(section, "login"), "Cannot use login without passwd: Redis has no such login");
    }
  },
};

export const memcached: CheckKind<"memcached"> = {
  build: (section) => ({ tls: tlsOption(section, null) }),
  rows: ({ tls }) => tlsOptionRows(tls),
  judge: judgeTlsOption,
};
