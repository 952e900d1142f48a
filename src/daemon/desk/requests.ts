// Requests from the control socket that only the guardian can answer: passed on, and matched with their answers.

import type { Answer, Verb } from "../../control/requests.ts";
import type { Clock } from "../../lib/clock.ts";
import { within } from "../../lib/within.ts";
import type { RoleMessage } from "../process/messages.ts";

export type Requests = {
  /** Never rejects: an answer that does not come is a refusal. */
  readonly ask: (verb: Verb, confirmMs?: number) => Promise<Answer>;
  readonly answer: (id: number, answer: Answer) => void;
  /** The desk ends: a stop has then succeeded, a reload has not. */
  readonly close: () => void;
};

type Open = {
  readonly verb: Verb;
  readonly resolve: (answer: Answer) => void;
};

const OPEN_MAX = 16;

export function openRequests(options: {
  readonly tell: (message: RoleMessage) => void;
  readonly clock: Clock;
  readonly limitMs: number;
}): Requests {
  const { tell, clock, limitMs } = options;
  const open = new Map<number, Open>();
  let lastId = 0;

  function answer(id: number, given: Answer): void {
    open.get(id)?.resolve(given);
    open.delete(id);
  }

  return {
    async ask(verb, confirmMs) {
      if (open.size >= OPEN_MAX) {
        return refusal(`Cannot ${verb}: ${OPEN_MAX} requests wait already, try again later`);
      }
      lastId += 1;
      const id = lastId;
      const given = await within<Answer>(clock, limitMs, (resolve) => {
        open.set(id, { verb, resolve });
        tell({ type: "request", id, verb, ...(confirmMs !== undefined && { confirmMs }) });
      });
      open.delete(id);
      return given ?? refusal(`Cannot tell how the ${verb} ended: no answer in ${limitMs} ms`);
    },
    answer,
    close() {
      for (const [id, { verb }] of open) {
        const stopped = { ok: true, reasons: [] };
        answer(id, verb === "stop" ? stopped : refusal(`Cannot ${verb}: duet stops`));
      }
    },
  };
}

function refusal(reason: string): Answer {
  return { ok: false, reasons: [reason] };
}
