// A TCP connection, and a dialogue when there is one.

import type { Row } from "../../config/schema/fields.ts";
import { connects } from "./connects.ts";
import { pattern, payload, type Step } from "./payload.ts";
import { tlsOption } from "./tls.ts";
import type { CheckKind, Rows, Written } from "./type.ts";

// biome-ignore format: a table, a row a key
const keys = {
  send: { type: payload, list: true, otherwise: "nothing is sent", example: "'PING\\r\\n'", level: "basic",
    doc: "What is sent, as text with \\r \\n \\t \\0 \\xHH \\\\ or as hex:HH…; send[] and expect[] happen in the order of their lines" },
  expect: { type: pattern, list: true, otherwise: "a connection is enough", example: "+PONG", level: "basic",
    doc: "What has to come before the next line: text or hex:HH… as in send, or regex:EXPRESSION, in which ^ and $ stand at lines" },
} as const satisfies Rows;

const dialogue = {
  keys,
  /** In the order of their lines. */
  build({ values: { send, expect } }: Written<typeof keys>) {
    const steps = [
      ...send.map(({ value, line }) => ({ line, step: { kind: "send", hex: value } as const })),
      ...expect.map(({ value, line }) => ({ line, step: value })),
    ];
    const inOrder: readonly Step[] = steps
      .toSorted((a, b) => a.line - b.line)
      .map(({ step }) => step);
    return { steps: inOrder };
  },
  rows: ({ steps }: { readonly steps: readonly Step[] }) => steps.map(stepRow),
} as const;

export const tcp = {
  doc: "a connection, and a dialogue when there is one",
  parts: [tlsOption, dialogue, connects],
} as const satisfies CheckKind;

function stepRow(step: Step): Row {
  return step.kind === "send"
    ? ["send[]", payload.print(step.hex)]
    : ["expect[]", pattern.print(step)];
}
