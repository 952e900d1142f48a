// Checks of databases.

import type { CheckCommon } from "./model-common.ts";
import type { Login } from "./model-login.ts";
import type { TlsUse } from "./model-stream.ts";

export type DatabaseFields = {
  readonly tls: TlsUse | null;
  readonly login: Login;
  /** null = what the server gives to this login. */
  readonly database: string | null;
  /** Must return a row. */
  readonly query: string;
};

export type PostgresqlFields = DatabaseFields & {
  /** null = either will do. */
  readonly role: "primary" | "standby" | null;
};

export type LdapFields = {
  readonly tls: TlsUse | null;
  /** TLS only once the server has agreed to it (RFC 4511 §4.14). */
  readonly starttls: boolean;
  /** null = anonymous. */
  readonly login: Login | null;
  /** The entry that must be there; null = a bind is enough. */
  readonly base: string | null;
};

export type DatabaseCheckConfig =
  | (CheckCommon & LdapFields & { readonly type: "ldap" })
  | (CheckCommon & DatabaseFields & { readonly type: "mysql" })
  | (CheckCommon & PostgresqlFields & { readonly type: "postgresql" });
