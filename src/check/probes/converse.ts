// A dialogue over a stream: send this, wait for that, in the order of the steps.

import type { Socket } from "node:net";
import type { Step } from "../model-stream.ts";
import { shownBytes } from "../shown.ts";
import type { Late, Outcome } from "./attempt.ts";
import { onLost } from "./dial.ts";

/** What came since the last expectation may be as long as this. */
export const ANSWER_MAX_BYTES: number = 64 * 1024;

/** Ends with `detail` once all steps are done. Gives what to say when the limit comes first. */
export function converse(
  stream: Socket,
  steps: readonly Step[],
  detail: string,
  end: (outcome: Outcome) => void,
): Late {
  let heard: Buffer = Buffer.alloc(0);
  let next = 0;

  /** Also what is sent last is on its way before the end. */
  function proceed(): void {
    for (let step = steps[next]; step !== undefined; step = steps[next]) {
      if (step.kind === "send") {
        next += 1;
        const isLast = next === steps.length;
        stream.write(Buffer.from(step.hex, "hex"), isLast ? done : undefined);
        if (isLast) return;
        continue;
      }
      const rest = restAfter(step, heard);
      if (rest === undefined) return;
      heard = rest;
      next += 1;
    }
    done();
  }

  function done(): void {
    stream.destroy();
    end({ ok: true, detail });
  }

  function unmet(): string {
    const step = steps[next];
    const wanted = step === undefined ? "" : `waited for ${shownStep(step)}, `;
    return `${wanted}saw ${heard.length === 0 ? "nothing" : shownBytes(heard)}`;
  }

  stream.on("data", (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    proceed();
    if (heard.length > ANSWER_MAX_BYTES && next < steps.length) {
      end({ ok: false, cause: "unexpected_answer", detail: `too much: ${unmet()}` });
    }
  });
  onLost(stream, ({ cause = "unexpected_answer" as const, how }) => {
    end({ ok: false, cause, detail: `${how}: ${unmet()}` });
  });
  proceed();
  return () =>
    heard.length === 0 ? undefined : { cause: "unexpected_answer" as const, detail: unmet() };
}

function restAfter(step: Exclude<Step, { kind: "send" }>, heard: Buffer): Buffer | undefined {
  if (step.kind === "expect") {
    const wanted = Buffer.from(step.hex, "hex");
    const at = heard.indexOf(wanted);
    return at < 0 ? undefined : heard.subarray(at + wanted.length);
  }
  const text = heard.toString("utf8");
  const match = new RegExp(step.source, "m").exec(text);
  return match === null ? undefined : Buffer.from(text.slice(match.index + match[0].length));
}

function shownStep(step: Step): string {
  return step.kind === "regex" ? `/${step.source}/` : shownBytes(Buffer.from(step.hex, "hex"));
}
