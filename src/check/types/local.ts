// What checks have in common that ask no server.

import { isGiven, lineOf, type Report, type Rows, type Written } from "./type.ts";

const PLACE = ["address", "port", "bind_address", "bind_port", "bind_interface", "fwmark"];

/** Nothing of its own, and no place. */
export const local = {
  keys: {},
  build: () => ({}),
  rows: () => [],
  judge(section: Written<Rows, { readonly type?: string }>, report: Report) {
    for (const key of PLACE) {
      if (!isGiven(section, key)) continue;
      const { type } = section.values;
      report(lineOf(section, key), `Cannot use ${key} with type ${type}: it asks no server`);
    }
  },
} as const;

export function judgeNeeded(
  section: Written<Rows, { readonly type?: string }>,
  key: string,
  report: Report,
): void {
  if (isGiven(section, key)) return;
  report(section.line, `Cannot use [${section.title}]: type ${section.values.type} needs ${key}`);
}
