// POP3. RFC 1939, RFC 2595 (STLS).

import { popFraming } from "../dialogues/replies.ts";
import { userAndPassword } from "../dialogues/user-and-password.ts";
import { connects } from "./connects.ts";
import { login } from "./login.ts";
import { secured } from "./tls.ts";
import type { CheckKind } from "./type.ts";

const dialogue = userAndPassword({
  ready: ["+OK"],
  startTls: ["STLS", "+OK"],
  user: "USER",
  more: "+OK",
  password: "PASS",
  done: ["+OK"],
});

export const pop3 = {
  doc: "a greeting, and a login where one is said",
  parts: [secured, login, connects],
  lines: { framing: popFraming, dialogue, bye: "QUIT\r\n" },
} as const satisfies CheckKind;
