// Which types of check there are, and which keys are for which. A new one: a file beside this one with its rows and its kind, a line
// here, its kind in kinds.ts, and its probe in check/probes/.

import type { CheckType } from "../../check/model.ts";
import type { KeySpec } from "../schema/row.ts";
import { connectsKeys } from "./common.ts";
import { databaseKeys, ldapKeys, postgresqlKeys } from "./data.ts";
import { bfdKeys, fileKeys, miscKeys } from "./local.ts";
import { loginKeys, smtpKeys } from "./login.ts";
import { dnsKeys, ntpKeys, udpKeys } from "./net.ts";
import { radiusKeys } from "./radius.ts";
import { sipKeys } from "./sip.ts";
import { redisKeys } from "./store.ts";
import { dialogueKeys } from "./stream.ts";
import { tlsKeys, tlsOptionKeys } from "./tls.ts";
import { grpcKeys, httpsKeys, plainHttpKeys, websocketKeys } from "./web.ts";

type Rows = Readonly<Record<string, KeySpec>>;

/** A name that several types have is one row of all of them. */
export const KEYS_OF_TYPE: Readonly<Record<CheckType, Rows>> = {
  tls: { ...tlsKeys, ...connectsKeys },
  tcp: { ...dialogueKeys, ...tlsOptionKeys, ...connectsKeys },
  http: { ...plainHttpKeys, ...connectsKeys },
  https: { ...httpsKeys, ...connectsKeys },
  websocket: { ...websocketKeys, ...connectsKeys },
  grpc: { ...grpcKeys, ...connectsKeys },
  smtp: { ...smtpKeys, ...connectsKeys },
  pop3: { ...loginKeys, ...connectsKeys },
  imap: { ...loginKeys, ...connectsKeys },
  ftp: { ...loginKeys, ...connectsKeys },
  nntp: { ...loginKeys, ...connectsKeys },
  redis: { ...redisKeys, ...connectsKeys },
  memcached: { ...tlsOptionKeys, ...connectsKeys },
  dns: { ...dnsKeys, ...connectsKeys },
  udp: udpKeys,
  ping: {},
  ntp: ntpKeys,
  radius: radiusKeys,
  sip: { ...sipKeys, ...connectsKeys },
  misc: miscKeys,
  file: fileKeys,
  bfd: bfdKeys,
  on: {},
  off: {},
  ldap: { ...ldapKeys, ...connectsKeys },
  mysql: { ...databaseKeys, ...connectsKeys },
  postgresql: { ...postgresqlKeys, ...connectsKeys },
};

/** All of them together, for the table of keys. */
export const typeKeys = {
  ...connectsKeys,
  ...plainHttpKeys,
  ...grpcKeys,
  ...redisKeys,
  ...dialogueKeys,
  ...tlsOptionKeys,
  ...smtpKeys,
  ...dnsKeys,
  ...udpKeys,
  ...ntpKeys,
  ...radiusKeys,
  ...sipKeys,
  ...miscKeys,
  ...fileKeys,
  ...bfdKeys,
  ...ldapKeys,
  ...postgresqlKeys,
} as const;

/** Those that need no port of the real server. */
export const PORTLESS: ReadonlySet<CheckType> = new Set([
  "ping",
  "misc",
  "file",
  "bfd",
  "on",
  "off",
]);

/** The types that a key is for; none = it is for all. */
export function typesWith(key: string): readonly CheckType[] {
  const types = Object.entries(KEYS_OF_TYPE) as readonly (readonly [CheckType, Rows])[];
  return types.filter(([, rows]) => Object.hasOwn(rows, key)).map(([type]) => type);
}

/** "type = http or https" of a key of [check.*]; undefined = it is for all of its section. */
export function forTypes(section: string, key: string): string | undefined {
  const types = section === "check" ? typesWith(key) : [];
  return types.length === 0 ? undefined : `type = ${types.join(" or ")}`;
}
