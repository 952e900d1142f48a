// What a section does not say, and another one says for it: [global], or the virtual server of a real server.

import type { KeySpec } from "./row.ts";

type Rows = Readonly<Record<string, KeySpec>>;

/** The rows of [global] that hold where a section says nothing. */
type Mirrored<R extends Rows> = {
  readonly [K in keyof R as R[K] extends {
    readonly inherits: infer Name extends string;
    readonly globally: object;
  }
    ? Name
    : never]: R[K] extends { readonly type: infer Type; readonly globally: infer Globally }
    ? { readonly type: Type; readonly doc: string } & Globally
    : never;
};

export function mirrored<const R extends Rows>(rows: R): Mirrored<R> {
  const made = Object.entries(rows).flatMap(([key, { type, inherits, globally, example }]) => {
    if (inherits === undefined || globally === undefined) return [];
    const doc = `${key} of the instances that say none`;
    return [
      [inherits, { type, doc, ...(globally.default === undefined && { example }), ...globally }],
    ];
  });
  return Object.fromEntries(made) as Mirrored<R>;
}

type Inheriting = {
  readonly labels: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
};

/** Fills in what `sections` inherit; `serviceOf`: the virtual server of a real server. */
export function inherit(
  rows: Rows,
  sections: readonly Inheriting[],
  global: Inheriting,
  serviceOf: (section: Inheriting) => Inheriting | undefined,
): void {
  const heirs = Object.entries(rows).filter(([, row]) => row.inherits ?? row.ofService);
  if (heirs.length === 0) return;
  const saidBy = new Map<Inheriting | undefined, readonly (readonly [string, unknown])[]>();
  for (const section of sections) {
    const service = serviceOf(section);
    let said = saidBy.get(service);
    if (said === undefined) {
      said = heirs.map(([key, { inherits }]) => {
        return [key, inherits === undefined ? service?.values[key] : global.values[inherits]];
      });
      said = said.filter(([, value]) => value !== undefined);
      saidBy.set(service, said);
    }
    const values = section.values as Record<string, unknown>;
    for (const [key, value] of said) {
      const own = values[key];
      if (own === undefined || (Array.isArray(own) && own.length === 0)) values[key] = value;
    }
  }
}
