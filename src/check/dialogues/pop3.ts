// POP3. RFC 1939, RFC 2595 (STLS).

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
import { popFraming } from "./replies.ts";

export const pop3: Protocol<LoginSteps> = { framing: popFraming, dialogue, bye: "QUIT\r\n" };

function* dialogue({ starttls, login }: LoginSteps): Dialogue {
  const banner = yield BANNER;
  if (banner.code !== "+OK") return refusal("banner", banner);
  if (starttls) {
    const agreed = yield command("STLS");
    if (agreed.code !== "+OK") return refusal("STLS", agreed);
    yield START_TLS;
  }
  if (login === null) return success(banner);
  const user = yield command(`USER ${login.name}`);
  if (user.code !== "+OK") return loginRefused(user);
  const answer = yield command(`PASS ${login.password}`);
  return answer.code === "+OK" ? success(answer) : loginRefused(answer);
}
