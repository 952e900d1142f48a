// What each type of check makes of its keys: its part of the configuration, and the way back.

import type { CheckConfig, CheckConfigOf, CheckType } from "../../check/model.ts";
import type { CheckCommon, CheckTiming } from "../../check/model-common.ts";
import type { IdentityOf } from "../node/notify.ts";
import type { Row } from "../schema/fields.ts";
import { judgeRelations } from "../schema/relations.ts";
import type { Draft, Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";
import { bfd } from "./bfd.ts";
import { judgeConnects } from "./connects.ts";
import { ldap, mysql, postgresql } from "./data.ts";
import { file, fixed, misc } from "./local.ts";
import { login, smtp } from "./login.ts";
import { dns, ntp, udp } from "./net.ts";
import { radius } from "./radius.ts";
import { sip } from "./sip.ts";
import { memcached, redis } from "./store.ts";
import { tcp } from "./stream.ts";
import { tls } from "./tls.ts";
import { KEYS_OF_TYPE } from "./types.ts";
import { grpc, http, https, websocket } from "./web.ts";

/** What a check stands in. */
export type Around = {
  readonly server: Section<"real_server">;
  readonly service: Section<"virtual_server">;
  readonly draft: Draft;
  readonly identityOf: IdentityOf;
};

export type CheckKind<T extends CheckType> = {
  /** Of a section without errors; what it says of the timing counts. */
  readonly build: (
    section: Section<"check">,
    around: Around,
  ) => Omit<CheckConfigOf<T>, keyof CheckCommon | "type"> & Partial<CheckTiming>;
  /** What build() makes is another one for each real server. */
  readonly ofServer?: true;
  /** The keys that build() makes the same of. */
  readonly rows: (check: CheckConfigOf<T>) => readonly Row[];
  /** What its keys are to each other. Those of other types are reported already. */
  readonly judge?: (section: Section<"check">, report: Report) => void;
};

const KINDS: { readonly [T in CheckType]: CheckKind<T> } = {
  tcp,
  tls,
  http,
  https,
  websocket,
  grpc,
  redis,
  memcached,
  smtp,
  pop3: login,
  imap: login,
  ftp: login,
  nntp: login,
  dns,
  udp,
  ping: { build: () => ({}), rows: () => [] },
  ntp,
  radius,
  sip,
  misc,
  file,
  bfd,
  on: fixed,
  off: fixed,
  ldap,
  mysql,
  postgresql,
};

/** A section has a type when it has no errors. */
export function buildOfType(
  section: Section<"check">,
  common: CheckCommon,
  around: Around,
): CheckConfig {
  const { type } = section.values;
  if (type === undefined) throw new Error(`Cannot build [${section.title}]: it has no type`);
  const kind = KINDS[type];
  const own = kind.ofServer ? undefined : built.get(section);
  const made = own ?? kind.build(section, around);
  built.set(section, made);
  return { ...common, type, ...made } as CheckConfig;
}

/** Thousands of real servers may have one check. */
const built = new WeakMap<Section<"check">, object>();

export function rowsOfType<T extends CheckType>(check: CheckConfigOf<T>): readonly Row[] {
  const kind = KINDS[check.type] as CheckKind<T>;
  return kind.rows(check);
}

export function judgeOfType(section: Section<"check">, report: Report): void {
  const { type } = section.values;
  if (type === undefined) return;
  judgeConnects(section, report);
  judgeRelations(KEYS_OF_TYPE[type], section, report);
  KINDS[type].judge?.(section, report);
}
