// memcached.

import { connects } from "./connects.ts";
import { tlsOption } from "./tls.ts";
import type { CheckKind } from "./type.ts";

export const memcached = {
  doc: "an answer to version",
  parts: [tlsOption, connects],
} as const satisfies CheckKind;
