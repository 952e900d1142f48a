// Checks over one TCP stream.

import type { Step } from "../../check/model-stream.ts";
import type { Row } from "../fields.ts";
import { pattern, payload } from "../values-payload.ts";
import type { CheckKind } from "./kinds.ts";
import { judgeTlsOption, tlsOption, tlsOptionRows } from "./tls.ts";

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
