// Checks over one TCP stream: their keys, and what they come to.

import type { Step } from "../../check/model-stream.ts";
import type { Row } from "../schema/fields.ts";
import type { KeySpec } from "../schema/row.ts";
import type { CheckKind } from "./kinds.ts";
import { pattern, payload } from "./payload.ts";
import { judgeTlsOption, tlsOption, tlsOptionRows } from "./tls.ts";

// biome-ignore format: a table, a row a key
export const dialogueKeys = {
  send: { type: payload, list: true, otherwise: "nothing is sent", example: "'PING\\r\\n'", level: "basic",
    doc: "What is sent, as text with \\r \\n \\t \\0 \\xHH \\\\ or as hex:HH…; send[] and expect[] happen in the order of their lines" },
  expect: { type: pattern, list: true, otherwise: "a connection is enough", example: "+PONG", level: "basic",
    doc: "What has to come before the next line: text or hex:HH… as in send, or regex:EXPRESSION, in which ^ and $ stand at lines" },
} as const satisfies Readonly<Record<string, KeySpec>>;

export const tcp: CheckKind<"tcp"> = {
  build(section) {
    const { send, expect } = section.values;
    const steps = [
      ...send.map(({ value, line }) => ({
        line,
        step: { kind: "send", hex: value } satisfies Step,
      })),
      ...expect.map(({ value, line }) => ({ line, step: value })),
    ];
    return {
      tls: tlsOption(section, null),
      steps: steps.toSorted((a, b) => a.line - b.line).map(({ step }) => step),
    };
  },
  rows: ({ tls, steps }) => [...tlsOptionRows(tls), ...steps.map(stepRow)],
  judge: judgeTlsOption,
};

function stepRow(step: Step): Row {
  return step.kind === "send"
    ? ["send[]", payload.print(step.hex)]
    : ["expect[]", pattern.print(step)];
}
