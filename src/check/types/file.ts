// A number in a file.

import { needed } from "../../config/schema/fields.ts";
import { integer, path } from "../../config/schema/plain-types.ts";
import { judgeNeeded, local } from "./local.ts";
import type { CheckKind, Report, Rows, Written } from "./type.ts";

// biome-ignore format: a table, a row a key
const keys = {
  file: { type: path, otherwise: "none: type file needs it", example: "/run/duet/weight", level: "basic",
    doc: "File with a number that is added to the weight; -2147483648, no number or no file is a failure" },
  weight: { type: integer(-1_000_000, 1_000_000), default: "1", doc: "So many times the number in the file is added" },
} as const satisfies Rows;

const number = {
  keys,
  build: ({ values }: Written<typeof keys>) => ({
    path: needed(values.file),
    factor: values.weight,
  }),
  rows: (check: { readonly path: string; readonly factor: number }) =>
    [
      ["file", check.path],
      ["weight", check.factor],
    ] as const,
  judge: (section: Written<Rows, { readonly type?: string }>, report: Report) =>
    judgeNeeded(section, "file", report),
} as const;

export const file = {
  doc: "a number in a file",
  parts: [number, local],
  portless: true,
} as const satisfies CheckKind;
