// NNTP. RFC 3977, RFC 4642 (STARTTLS), RFC 4643 (AUTHINFO USER).

import { codeFraming } from "../dialogues/replies.ts";
import { userAndPassword } from "../dialogues/user-and-password.ts";
import { connects } from "./connects.ts";
import { login } from "./login.ts";
import { secured } from "./tls.ts";
import type { CheckKind } from "./type.ts";

const dialogue = userAndPassword({
  // §5.1: posting allowed, or not.
  ready: ["200", "201"],
  startTls: ["STARTTLS", "382"],
  user: "AUTHINFO USER",
  known: "281",
  more: "381",
  password: "AUTHINFO PASS",
  done: ["281"],
});

export const nntp = {
  doc: "a greeting, and a login where one is said",
  parts: [secured, login, connects],
  lines: { framing: codeFraming, dialogue, bye: "QUIT\r\n" },
} as const satisfies CheckKind;
