// A dialogue over a stream: send this, wait for that, in the order of the steps.

import type { Socket } from "node:net";
import { search, whyUnknown } from "../expressions/search.ts";
import type { Step } from "../model-stream.ts";
import { shownBytes } from "../shown.ts";
import type { Late, Outcome } from "./attempt.ts";
import { type Lost, onLost } from "./dial.ts";

/** What came since the last expectation may be as long as this. */
export const ANSWER_MAX_BYTES: number = 64 * 1024;

/** Ends with `detail` once all steps are done. Gives what to say when the limit comes first. */
export function converse(
  stream: Socket,
  steps: readonly Step[],
  { detail, patienceMs }: { readonly detail: string; readonly patienceMs: number },
  end: (outcome: Outcome) => void,
): Late {
  const who = `${stream.remoteAddress}:${stream.remotePort}`;
  let heard: Buffer = Buffer.alloc(0);
  let next = 0;
  let isSearching = false;
  let lost: Lost | undefined;

  /** Also what is sent last is on its way before the end. */
  function proceed(): void {
    if (isSearching) return;
    for (let step = steps[next]; step !== undefined; step = steps[next]) {
      if (step.kind === "send") {
        if (lost !== undefined) return endLost(lost);
        next += 1;
        const isLast = next === steps.length;
        stream.write(Buffer.from(step.hex, "hex"), (error) => {
          if (isLast && !error) done();
        });
        if (isLast) return;
        continue;
      }
      if (step.kind === "regex") return void look(step.source);
      const wanted = Buffer.from(step.hex, "hex");
      const at = heard.indexOf(wanted);
      if (at < 0) return wait();
      heard = heard.subarray(at + wanted.length);
      next += 1;
    }
    done();
  }

  /** Never rejects. */
  async function look(source: string): Promise<void> {
    const text = heard.toString("utf8");
    const { length } = heard;
    isSearching = true;
    const asked = { source, flags: "m", texts: [text] } as const;
    const answer = await search(asked, { who, patienceMs });
    isSearching = false;
    stream.resume();
    if (answer.kind === "slow" || answer.kind === "broken") {
      const cause = answer.kind === "slow" ? "unexpected_answer" : "internal";
      return end({ ok: false, cause, detail: whyUnknown(asked, answer) });
    }
    if (answer.kind === "match") {
      heard = Buffer.concat([Buffer.from(text.slice(answer.end)), heard.subarray(length)]);
      next += 1;
      proceed();
    } else if (heard.length === length) wait();
    else proceed();
  }

  /** What came is not enough. */
  function wait(): void {
    if (lost !== undefined) endLost(lost);
    else if (heard.length > ANSWER_MAX_BYTES) {
      end({ ok: false, cause: "unexpected_answer", detail: `too much: ${unmet()}` });
    }
  }

  function endLost({ cause, how }: Lost): void {
    end({ ok: false, cause: cause ?? "unexpected_answer", detail: `${how}: ${unmet()}` });
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
    if (isSearching && heard.length > ANSWER_MAX_BYTES) stream.pause();
    proceed();
  });
  onLost(stream, (how) => {
    lost = how;
    if (!isSearching) endLost(how);
  });
  proceed();
  return () =>
    heard.length === 0 ? undefined : { cause: "unexpected_answer" as const, detail: unmet() };
}

function shownStep(step: Step): string {
  return step.kind === "regex" ? `/${step.source}/` : shownBytes(Buffer.from(step.hex, "hex"));
}
