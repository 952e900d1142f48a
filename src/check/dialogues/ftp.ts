// FTP, its control connection. RFC 959, RFC 4217 (AUTH TLS).

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

export const ftp: Protocol<LoginSteps> = { framing: codeFraming, dialogue, bye: "QUIT\r\n" };

function* dialogue({ starttls, login }: LoginSteps): Dialogue {
  let banner = yield BANNER;
  // RFC 959 §5.4: "120 Service ready in nnn minutes", and then 220.
  if (banner.code === "120") banner = yield BANNER;
  if (banner.code !== "220") return refusal("banner", banner);
  if (starttls) {
    const agreed = yield command("AUTH TLS");
    if (agreed.code !== "234") return refusal("AUTH TLS", agreed);
    yield START_TLS;
  }
  if (login === null) return success(banner);
  const user = yield command(`USER ${login.name}`);
  if (user.code === "230") return success(user);
  if (user.code !== "331") return loginRefused(user);
  const answer = yield command(`PASS ${login.password}`);
  return answer.code === "230" || answer.code === "202" ? success(answer) : loginRefused(answer);
}
