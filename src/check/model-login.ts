// Checks of servers that one logs in to, line by line.

import type { CheckCommon } from "./model-common.ts";
import type { TlsUse } from "./model-stream.ts";

export type Login = { readonly name: string; readonly password: string };

/** What decides what is said. */
export type LoginSteps = {
  /** TLS only once the server has agreed to it, and not from the first byte on. */
  readonly starttls: boolean;
  /** null = the banner and what comes before a login are enough. */
  readonly login: Login | null;
};

export type LoginFields = LoginSteps & { readonly tls: TlsUse | null };

export type LoginType = "pop3" | "imap" | "ftp" | "nntp";

export type LoginCheckConfig<T extends LoginType> = CheckCommon &
  LoginFields & { readonly type: T };

export type SmtpCheckConfig = CheckCommon &
  LoginFields & {
    readonly type: "smtp";
    /** What EHLO says. */
    readonly heloName: string;
  };

export type MailCheckConfig =
  | SmtpCheckConfig
  | LoginCheckConfig<"pop3">
  | LoginCheckConfig<"imap">
  | LoginCheckConfig<"ftp">
  | LoginCheckConfig<"nntp">;
