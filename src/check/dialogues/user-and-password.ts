// The dialogue that POP3, FTP and NNTP have in common: a banner, TLS where it is wanted, a name and a password.

import type { LoginSteps } from "../types/login.ts";
import {
  BANNER,
  command,
  type Dialogue,
  loginRefused,
  refusal,
  START_TLS,
  success,
} from "./dialogue.ts";

/** Codes of replies, and what is asked. */
type Words = {
  /** The server is there. */
  readonly ready: readonly string[];
  /** The server is nearly there: another banner follows. */
  readonly soon?: string;
  readonly startTls: readonly [line: string, agreed: string];
  /** Before the name. */
  readonly user: string;
  /** A password is wanted. */
  readonly more: string;
  /** Before the password. */
  readonly password: string;
  /** Logged in by the name alone. */
  readonly known?: string;
  /** Logged in by the password. */
  readonly done: readonly string[];
};

export function userAndPassword(words: Words): (check: LoginSteps) => Dialogue {
  return function* ({ starttls, login }) {
    let banner = yield BANNER;
    if (banner.code === words.soon) banner = yield BANNER;
    if (!words.ready.includes(banner.code)) return refusal("banner", banner);
    if (starttls) {
      const [line, agreed] = words.startTls;
      const answer = yield command(line);
      if (answer.code !== agreed) return refusal(line, answer);
      yield START_TLS;
    }
    if (login === null) return success(banner);
    const user = yield command(`${words.user} ${login.name}`);
    if (user.code === words.known) return success(user);
    if (user.code !== words.more) return loginRefused(user);
    const answer = yield command(`${words.password} ${login.password}`);
    return words.done.includes(answer.code) ? success(answer) : loginRefused(answer);
  };
}
