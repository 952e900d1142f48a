// What a section of a check comes to by its type, the way back to rows, and the rules of each type.

import type { CheckCommon } from "../../check/model-common.ts";
import { type CheckConfig, type CheckType, TYPES } from "../../check/types/index.ts";
import type * as kinds from "../../check/types/type.ts";
import { serverPortOf } from "../director/effective.ts";
import { type IdentityOf, userOf } from "../node/notify.ts";
import { needed, type Row } from "../schema/fields.ts";
import type { Report } from "../schema/lines.ts";
import { judgeRelations } from "../schema/relations.ts";
import type { Draft, Section } from "../schema/section.ts";
import { KEYS_OF_TYPE } from "./kinds.ts";

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
  const made = partsBuilt(KINDS[type].parts, section, factsOf(section, around));
  return { ...common, type, ...made } as CheckConfig;
}

/** Another real server makes another check of it. */
export function isOfServer({ values: { type } }: Section<"check">): boolean {
  return type !== undefined && KINDS[type].ofServer === true;
}

function partsBuilt(parts: Kind["parts"], section: Section<"check">, facts: kinds.Around): object {
  return Object.assign({}, ...parts.map(({ build }) => build(section, facts))) as object;
}

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
