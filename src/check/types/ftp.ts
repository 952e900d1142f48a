// FTP, its control connection. RFC 959, RFC 4217 (AUTH TLS).

import { codeFraming } from "../dialogues/replies.ts";
import { userAndPassword } from "../dialogues/user-and-password.ts";
import { connects } from "./connects.ts";
import { login } from "./login.ts";
import { secured } from "./tls.ts";
import type { CheckKind } from "./type.ts";

const dialogue = userAndPassword({
  ready: ["220"],
  // RFC 959 §5.4: "120 Service ready in nnn minutes", and then 220.
  soon: "120",
  startTls: ["AUTH TLS", "234"],
  user: "USER",
  known: "230",
  more: "331",
  password: "PASS",
  done: ["230", "202"],
});

export const ftp = {
  doc: "a greeting, and a login where one is said",
  parts: [secured, login, connects],
  lines: { framing: codeFraming, dialogue, bye: "QUIT\r\n" },
} as const satisfies CheckKind;
