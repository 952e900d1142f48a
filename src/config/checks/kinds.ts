// What the table of types of checks (check/types/) has for the table of keys.

import { type CheckType, TYPES, type TypeKeys } from "../../check/types/index.ts";
import type * as kinds from "../../check/types/type.ts";

const KINDS: Readonly<Record<CheckType, kinds.CheckKind>> = TYPES;

export const CHECK_TYPES = Object.keys(KINDS) as readonly CheckType[];

/** A name that several types have is one row of all of them. */
export const KEYS_OF_TYPE = Object.fromEntries(
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
