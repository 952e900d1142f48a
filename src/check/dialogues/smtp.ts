// SMTP and submission. RFC 5321, RFC 3207 (STARTTLS), RFC 4954 (AUTH).

import type { LoginSteps, SmtpCheckConfig } from "../model-login.ts";
import {
  BANNER,
  command,
  type Dialogue,
  loginRefused,
  type Protocol,
  refusal,
  START_TLS,
  success,
} from "./dialogue.ts";
import { codeFraming, type Reply } from "./replies.ts";

type Options = LoginSteps & Pick<SmtpCheckConfig, "heloName">;

export const smtp: Protocol<Options> = { framing: codeFraming, dialogue, bye: "QUIT\r\n" };

function* dialogue({ heloName, starttls, login }: Options): Dialogue {
  const banner = yield BANNER;
  if (banner.code !== "220") return refusal("banner", banner);

  let hello = yield command(`EHLO ${heloName}`);
  // RFC 5321 §3.2: a server that knows no EHLO is asked with HELO.
  const old = hello.code === "500" || hello.code === "502" || hello.code === "504";
  if (old && !starttls && login === null) hello = yield command(`HELO ${heloName}`);
  if (hello.code !== "250") return refusal("EHLO", hello);

  if (starttls) {
    const agreed = yield command("STARTTLS");
    if (agreed.code !== "220") return refusal("STARTTLS", agreed);
    yield START_TLS;
    // §4.2: what was learned before is forgotten.
    hello = yield command(`EHLO ${heloName}`);
    if (hello.code !== "250") return refusal("EHLO after STARTTLS", hello);
  }
  if (login === null) return success(banner);

  const answer = yield* authenticate(hello, login);
  return answer.code === "235" ? success(answer) : loginRefused(answer);
}

type Exchange = Generator<ReturnType<typeof command>, Reply, Reply>;

/** PLAIN (RFC 4616), or LOGIN where the server knows only that. */
function* authenticate(
  hello: Reply,
  { name, password }: { name: string; password: string },
): Exchange {
  const offered = hello.lines.map((line) => line.slice(4).toUpperCase());
  const words = offered.find((line) => line.startsWith("AUTH"))?.split(/[\s=]+/) ?? [];
  if (words.includes("LOGIN") && !words.includes("PLAIN")) {
    const user = yield command("AUTH LOGIN");
    if (user.code !== "334") return user;
    const secret = yield command(base64(name), "AUTH LOGIN");
    if (secret.code !== "334") return secret;
    return yield command(base64(password), "AUTH LOGIN");
  }
  return yield command(`AUTH PLAIN ${base64(`\0${name}\0${password}`)}`);
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
