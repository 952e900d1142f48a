// The table of the types of checks: a new one is one file beside this one, and one line here. Where it holds no dialogue of lines
// or packets its probe has a line in probes/index.ts too.

import type { CheckCommon } from "../model-common.ts";
import { bfd } from "./bfd.ts";
import { dns } from "./dns.ts";
import { file } from "./file.ts";
import { off, on } from "./fixed.ts";
import { ftp } from "./ftp.ts";
import { grpc } from "./grpc.ts";
import { http, https } from "./http.ts";
import { imap } from "./imap.ts";
import { ldap } from "./ldap.ts";
import { memcached } from "./memcached.ts";
import { misc } from "./misc.ts";
import { mqtt } from "./mqtt.ts";
import { mysql } from "./mysql.ts";
import { nntp } from "./nntp.ts";
import { ntp } from "./ntp.ts";
import { ping } from "./ping.ts";
import { pop3 } from "./pop3.ts";
import { postgresql } from "./postgresql.ts";
import { radius } from "./radius.ts";
import { redis } from "./redis.ts";
import { sip } from "./sip.ts";
import { smtp } from "./smtp.ts";
import { tcp } from "./tcp.ts";
import { tls } from "./tls.ts";
import type { CheckKind, FieldsOf, KeysOf, Together } from "./type.ts";
import { udp } from "./udp.ts";
import { websocket } from "./websocket.ts";

export const TYPES = {
  tls,
  tcp,
  http,
  https,
  websocket,
  grpc,
  smtp,
  pop3,
  imap,
  ftp,
  nntp,
  redis,
  memcached,
  mqtt,
  dns,
  udp,
  ntp,
  ping,
  radius,
  sip,
  ldap,
  mysql,
  postgresql,
  misc,
  file,
  bfd,
  on,
  off,
} as const satisfies Readonly<Record<string, CheckKind>>;

type Types = typeof TYPES;

export type CheckType = keyof Types;

/** What its parts build. */
export type CheckFields = { readonly [T in CheckType]: FieldsOf<Types[T]> };

type Configs = {
  readonly [T in CheckType]: CheckCommon & CheckFields[T] & { readonly type: T };
};

/** A checker is what is configured, a probe is one run of it. */
export type CheckConfig = Configs[CheckType];
export type CheckConfigOf<T extends CheckType> = Configs[T];

/** The keys of all types together. */
export type TypeKeys = Together<KeysOf<Types[CheckType]>>;
