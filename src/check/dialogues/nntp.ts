// NNTP. RFC 3977, RFC 4642 (STARTTLS), RFC 4643 (AUTHINFO USER).

import type { LoginSteps } from "../model-login.ts";
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
import { codeFraming } from "./replies.ts";

export const nntp: Protocol<LoginSteps> = { framing: codeFraming, dialogue, bye: "QUIT\r\n" };

function* dialogue({ starttls, login }: LoginSteps): Dialogue {
  const banner = yield BANNER;
  // §5.1: posting allowed, or not.
  if (banner.code !== "200" && banner.code !== "201") return refusal("banner", banner);
  if (starttls) {
    const agreed = yield command("STARTTLS");
    if (agreed.code !== "382") return refusal("STARTTLS", agreed);
    yield START_TLS;
  }
  if (login === null) return success(banner);
  const user = yield command(`AUTHINFO USER ${login.name}`);
  if (user.code === "281") return success(user);
  if (user.code !== "381") return loginRefused(user);
  const answer = yield command(`AUTHINFO PASS ${login.password}`);
  return answer.code === "281" ? success(answer) : loginRefused(answer);
}
