// A dialogue over a stream: send this, wait for that, in the order of the steps.

import { search, whyUnknown } from "../expressions/search.ts";
import { shownBytes } from "../shown.ts";
import type { Step } from "../types/payload.ts";
import type { Late, Outcome } from "./attempt.ts";
import type { Channel, Hearing } from "./channel.ts";
import type { Lost } from "./dial.ts";

/** What came since the last expectation may be as long as this. */
export const ANSWER_MAX_BYTES: number = 64 * 1024;

/**
 * Ends with `detail` once all steps are done; `late` is what to say when the limit comes first. `who` is the server, for
 * who searches what it said.
 */
export function converse(
  channel: Channel,
  steps: readonly Step[],
  {
    detail,
    patienceMs,
    who,
  }: { readonly detail: string; readonly patienceMs: number; readonly who: string },
  end: (outcome: Outcome) => void,
): Hearing & { readonly late: Late } {
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
        channel.write(Buffer.from(step.hex, "hex"), isLast ? done : undefined);
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
    channel.resume();
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
    channel.close();
    end({ ok: true, detail });
  }

  function unmet(): string {
    const step = steps[next];
    const wanted = step === undefined ? "" : `waited for ${shownStep(step)}, `;
    return `${wanted}saw ${heard.length === 0 ? "nothing" : shownBytes(heard)}`;
  }

  proceed();
  return {
    onBytes(bytes) {
      heard = Buffer.concat([heard, bytes]);
      if (isSearching && heard.length > ANSWER_MAX_BYTES) channel.pause();
      proceed();
    },
    onLost(how) {
      lost = how;
      if (!isSearching) endLost(how);
    },
    late: () =>
      heard.length === 0 ? undefined : { cause: "unexpected_answer" as const, detail: unmet() },
  };
}

function shownStep(step: Step): string {
  return step.kind === "regex" ? `/${step.source}/` : shownBytes(Buffer.from(step.hex, "hex"));
}
