// What was heard and was no answer, for the limit to tell.

import { shownBytes } from "../shown.ts";
import type { Late, Outcome } from "./attempt.ts";

/** `dropped`: why it is no answer to what was asked. */
export type Judged = Outcome | { readonly dropped: string };

export type Memory = {
  /** undefined = no answer: the next one is waited for. */
  readonly judged: (judged: Judged) => Outcome | undefined;
  readonly late: Late;
};

/** Why a datagram is dropped. */
export function noAnswer(bytes: Buffer): string {
  return `what is no answer to this question: ${shownBytes(bytes)}`;
}

/** `silence`: what is said when nothing was heard at all; left out = what was awaited. */
export function remember(silence?: string): Memory {
  let dropped: string | undefined;
  return {
    judged(judged) {
      if (!("dropped" in judged)) return judged;
      dropped = judged.dropped;
      return undefined;
    },
    late() {
      if (dropped !== undefined) return { cause: "bad_response", detail: `only ${dropped},` };
      return silence === undefined ? undefined : { cause: "timeout", detail: silence };
    },
  };
}
