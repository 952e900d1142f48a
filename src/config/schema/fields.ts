// Keys that are fields of the model as they are: built and printed by their rows alone.

import type { KeySpec, Located } from "./row.ts";
import type { ValueOf } from "./type.ts";

type Rows = Readonly<Record<string, KeySpec>>;

type FieldOf<K extends KeySpec> = K extends { readonly list: true }
  ? readonly ValueOf<K["type"]>[]
  : K extends
        | { readonly default: string }
        | { readonly required: true }
        | { readonly globally: { readonly default: string } }
        | { readonly ofService: "always" }
    ? ValueOf<K["type"]>
    : ValueOf<K["type"]> | null;

/** What the rows that name a field make of a section; null = not written. */
export type Fields<R extends Rows> = {
  readonly [K in keyof R as R[K] extends { readonly field: infer Name extends string }
    ? Name
    : never]: FieldOf<R[K]>;
};

export function fieldsOf<R extends Rows>(
  rows: R,
  values: { readonly [K in keyof R]?: unknown },
): Fields<R> {
  const fields: Record<string, unknown> = {};
  for (const { key, field, spec } of fieldRowsOf(rows)) {
    const written = values[key];
    if (spec.list) {
      fields[field] = (written as readonly Located<unknown>[]).map(({ value }) => value);
    } else if (spec.required) {
      fields[field] = needed(written);
    } else {
      fields[field] = written ?? null;
    }
  }
  return fields as Fields<R>;
}

/** Key and value; null = nothing to write. */
export type Row = readonly [string, string | number | null];

/** The lines that fieldsOf() makes the same of. */
export function rowsOf<R extends Rows>(rows: R, model: Fields<R>): readonly Row[] {
  const fields: Readonly<Record<string, unknown>> = model;
  return fieldRowsOf(rows).flatMap(({ key, field, spec: { type, list } }): readonly Row[] => {
    const value = fields[field];
    if (value === null) return [];
    if (!list) return [[key, type.print(value)]];
    return (value as readonly unknown[]).map((each): Row => [`${key}[]`, type.print(each)]);
  });
}

type FieldRow = { readonly key: string; readonly field: string; readonly spec: KeySpec };

const known = new WeakMap<Rows, readonly FieldRow[]>();

function fieldRowsOf(rows: Rows): readonly FieldRow[] {
  let found = known.get(rows);
  if (found === undefined) {
    found = Object.entries(rows).flatMap(([key, spec]) =>
      spec.field === undefined ? [] : [{ key, field: spec.field, spec }],
    );
    known.set(rows, found);
  }
  return found;
}

/** A draft without errors has it: anything else is a hole in the rules. */
export function needed<T>(value: T | undefined): T {
  if (value === undefined)
    throw new Error("Cannot happen: a key that the rules ask for is missing");
  return value;
}
