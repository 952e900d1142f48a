// The opening handshake of a WebSocket.

import { type Fields, fieldsOf, rowsOf } from "../../config/schema/fields.ts";
import { connects } from "./connects.ts";
import { requestKeys } from "./http.ts";
import { tlsOption } from "./tls.ts";
import type { CheckKind, Report, Written } from "./type.ts";

type Request = Fields<typeof requestKeys> & { readonly path: string };

const request = {
  keys: requestKeys,
  build: ({ values }: Written<typeof requestKeys>): Request => ({
    ...fieldsOf(requestKeys, values),
    path: values.path[0]?.value ?? "/",
  }),
  rows: (check: Request) => [["path", check.path] as const, ...rowsOf(requestKeys, check)],
  judge({ values }: Written<typeof requestKeys>, report: Report) {
    const second = values.path[1];
    if (second === undefined) return;
    report(second.line, "Cannot use a second path: a websocket check has one handshake");
  },
} as const;

export const websocket = {
  doc: "an opening handshake",
  parts: [request, tlsOption, connects],
} as const satisfies CheckKind;
