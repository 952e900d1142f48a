// What config/ makes of the table of types of checks (check/types/): their keys together, what a section comes to, the way back to
// rows, and the rules of each.

import type { CheckCommon } from "../../check/model-common.ts";
import type { CheckConfig, CheckType } from "../../check/types/index.ts";
import { TYPES, type TypeKeys } from "../../check/types/index.ts";
import type * as kinds from "../../check/types/type.ts";
import { serverPortOf } from "../effective.ts";
import { type IdentityOf, userOf } from "../node/notify.ts";
import type { Row } from "../schema/fields.ts";
import { judgeRelations } from "../schema/relations.ts";
import { type Draft, needed, type Section } from "../schema/section.ts";
import type { Report } from "../validate.ts";

/** A type, as far as one is like the other. */
type Kind = Omit<kinds.CheckKind, "parts"> & {
  readonly parts: readonly {
    readonly keys: kinds.Rows;
    readonly build: (section: Section<"check">, around: kinds.Around) => object;
    readonly rows: (check: CheckConfig) => readonly Row[];
    readonly judge?: (section: Section<"check">, report: Report) => void;
  }[];
};

// What a part asks of a section and of a check is what its type has.
const KINDS = TYPES as unknown as Readonly<Record<CheckType, Kind>>;

export const CHECK_TYPES = Object.keys(KINDS) as readonly CheckType[];

/** A name that several types have is one row of all of them. */
const KEYS_OF_TYPE = Object.fromEntries(
  Object.entries(KINDS).map(([type, { parts }]) => [
    type,
    Object.assign({}, ...parts.map(({ keys }) => keys)) as kinds.Rows,
  ]),
) as Readonly<Record<CheckType, kinds.Rows>>;

/** All of them together, for the table of keys. */
export const typeKeys = Object.assign({}, ...Object.values(KEYS_OF_TYPE)) as TypeKeys;

/** "http, https: a right answer to a request; …", as `duet help type` tells them. */
export const typesDoc: string = [...new Set(Object.values(KINDS).map(({ doc }) => doc))]
  .map((doc) => `${CHECK_TYPES.filter((type) => KINDS[type].doc === doc).join(", ")}: ${doc}`)
  .join("; ");

/** It asks no port of the real server. */
export function isPortless(type: CheckType): boolean {
  return KINDS[type].portless ?? false;
}

/** The types that a key is for; none = it is for all. */
export function typesWith(key: string): readonly CheckType[] {
  return CHECK_TYPES.filter((type) => Object.hasOwn(KEYS_OF_TYPE[type], key));
}

/** "type = http or https" of a key of [check.*]; undefined = it is for all of its section. */
export function forTypes(section: string, key: string): string | undefined {
  const types = section === "check" ? typesWith(key) : [];
  return types.length === 0 ? undefined : `type = ${types.join(" or ")}`;
}

/** What a check stands in. */
export type Around = {
  readonly server: Section<"real_server">;
  readonly service: Section<"virtual_server">;
  readonly draft: Draft;
  readonly identityOf: IdentityOf;
};

/** A section has a type when it has no errors. */
export function buildOfType(
  section: Section<"check">,
  common: CheckCommon,
  around: Around,
): CheckConfig {
  const { type } = section.values;
  if (type === undefined) throw new Error(`Cannot build [${section.title}]: it has no type`);
  const { parts, ofServer } = KINDS[type];
  const known = ofServer ? undefined : built.get(section);
  const facts = factsOf(section, around);
  const made: object =
    known ?? Object.assign({}, ...parts.map(({ build }) => build(section, facts)));
  built.set(section, made);
  return { ...common, type, ...made } as CheckConfig;
}

/** Thousands of real servers may have one check. */
const built = new WeakMap<Section<"check">, object>();

function factsOf(
  section: Section<"check">,
  { server, service, draft, identityOf }: Around,
): kinds.Around {
  return {
    ldirectordArguments() {
      const { address, fwmark } = service.values;
      return [
        address?.address ?? String(fwmark ?? ""),
        String(address?.port ?? 0),
        needed(server.values.address).address,
        String(serverPortOf(server, service)),
      ];
    },
    identityOf: (words) => userOf(words, draft, identityOf),
    scriptSecurity: draft.global.values.enable_script_security,
    session: () => needed(sessionsOf(section, server, draft)[0]),
  };
}

/** The names of the sessions that a check of this real server may be about; not exactly one: a problem that the rules report. */
export function sessionsOf(
  { values: { session } }: Section<"check">,
  server: Section<"real_server">,
  draft: Draft,
): readonly string[] {
  const address = server.values.address?.address;
  return draft.bfd_instance
    .filter(({ labels, values: { neighbor_ip } }) =>
      session === undefined ? neighbor_ip === address : labels[0] === session,
    )
    .map(({ labels }) => labels[0] ?? "");
}

export function rowsOfType(check: CheckConfig): readonly Row[] {
  return KINDS[check.type].parts.flatMap(({ rows }) => rows(check));
}

/** What keys are to each other. Those of other types are reported already. */
export function judgeOfType(section: Section<"check">, report: Report): void {
  const { type } = section.values;
  if (type === undefined) return;
  judgeRelations(KEYS_OF_TYPE[type], section, report);
  for (const { judge } of KINDS[type].parts) judge?.(section, report);
}
