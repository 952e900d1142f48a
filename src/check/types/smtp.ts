// SMTP and submission. RFC 5321, RFC 3207 (STARTTLS), RFC 4954 (AUTH).

import { word } from "../../config/schema/plain-types.ts";
import {
  BANNER,
  command,
  type Dialogue,
  loginRefused,
  refusal,
  START_TLS,
  success,
} from "../dialogues/dialogue.ts";
import { codeFraming, type Reply } from "../dialogues/replies.ts";
import { connects } from "./connects.ts";
import { type LoginSteps, login as loginPart } from "./login.ts";
import { secured } from "./tls.ts";
import { type CheckKind, plain } from "./type.ts";

// biome-ignore format: a table, a row a key
const hello = plain({
  helo_name: { field: "heloName", type: word, default: "localhost", example: "lb1.example.com", doc: "What EHLO says" },
});

export const smtp = {
  doc: "a greeting, and a login where one is said",
  parts: [hello, secured, loginPart, connects],
  lines: { framing: codeFraming, dialogue, bye: "QUIT\r\n" },
} as const satisfies CheckKind;

type Options = LoginSteps & { readonly heloName: string };

function* dialogue({ heloName, starttls, login }: Options): Dialogue {
  const banner = yield BANNER;
  if (banner.code !== "220") return refusal("banner", banner);

  let greeted = yield command(`EHLO ${heloName}`);
  // RFC 5321 §3.2: a server that knows no EHLO is asked with HELO.
  const old = ["500", "502", "504"].includes(greeted.code);
  if (old && !starttls && login === null) greeted = yield command(`HELO ${heloName}`);
  if (greeted.code !== "250") return refusal("EHLO", greeted);

  if (starttls) {
    const agreed = yield command("STARTTLS");
    if (agreed.code !== "220") return refusal("STARTTLS", agreed);
    yield START_TLS;
    // §4.2: what was learned before is forgotten.
    greeted = yield command(`EHLO ${heloName}`);
    if (greeted.code !== "250") return refusal("EHLO after STARTTLS", greeted);
  }
  if (login === null) return success(banner);

  const answer = yield* authenticate(greeted, login);
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
