// IMAP. RFC 9051; the commands are those of RFC 3501 too.

import {
  BANNER,
  command,
  type Dialogue,
  loginRefused,
  refusal,
  START_TLS,
  success,
} from "../dialogues/dialogue.ts";
import { imapFraming } from "../dialogues/replies.ts";
import { connects } from "./connects.ts";
import { type LoginSteps, login as loginPart } from "./login.ts";
import { secured } from "./tls.ts";
import type { CheckKind } from "./type.ts";

export const imap = {
  doc: "a greeting, and a login where one is said",
  parts: [secured, loginPart, connects],
  lines: { framing: imapFraming, dialogue, bye: "a9 LOGOUT\r\n" },
} as const satisfies CheckKind;

function* dialogue({ starttls, login }: LoginSteps): Dialogue {
  const banner = yield BANNER;
  if (banner.code !== "OK" && banner.code !== "PREAUTH") return refusal("banner", banner);
  if (starttls) {
    const agreed = yield command("a1 STARTTLS", "STARTTLS");
    if (agreed.code !== "OK") return refusal("STARTTLS", agreed);
    yield START_TLS;
  }
  if (login === null || banner.code === "PREAUTH") return success(banner);
  const answer = yield command(`a2 LOGIN ${quoted(login.name)} ${quoted(login.password)}`, "LOGIN");
  return answer.code === "OK" ? success(answer) : loginRefused(answer);
}

/** RFC 9051 §4.3. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
