// Somebody waits until a master has handed over: a stop until it is gone, a switchover for how it ended.

import type { Input, Master, State } from "../../vrrp/states.ts";
import type { Moved } from "./transition.ts";

export type Outcome =
  | { readonly ok: true; readonly successor: Master | null; readonly tookMs: number }
  | { readonly ok: false; readonly reason: string };

export type HandingOver = {
  /** Resolves when it is MASTER no more; at once for who is no master. */
  readonly stop: () => Promise<void>;
  readonly switchOver: (untilMs: number, isForced: boolean) => Promise<Outcome>;
  /** It was MASTER until now. */
  readonly left: (moved: Moved) => void;
  /** Nobody took over: it is MASTER as before. */
  readonly kept: () => void;
};

export function openHandingOver(
  driven: { readonly state: () => State; readonly give: (input: Input) => void },
  nowMs: () => number,
): HandingOver {
  let begunMs = 0;
  let resolveLast = (_outcome: Outcome): void => {};

  async function ask(input: Input): Promise<Outcome> {
    resolveLast({ ok: false, reason: "duet stops" });
    return new Promise((resolve) => {
      resolveLast = resolve;
      begunMs = nowMs();
      driven.give(input);
      if (driven.state().name !== "MASTER")
        resolve({ ok: false, reason: "it is not MASTER any more" });
    });
  }

  return {
    async stop() {
      await ask({ type: "hand-over", nowMs: nowMs() });
    },
    async switchOver(untilMs, isForced) {
      const now = driven.state();
      if (now.name !== "MASTER") return { ok: false, reason: `it is ${now.name}, not MASTER` };
      if (now.handsOverUntilMs !== undefined) return { ok: false, reason: "it hands over already" };
      return ask({ type: "switch-over", nowMs: nowMs(), untilMs, isForced });
    },
    left({ to, cause, peer }) {
      // A member of a group goes with the first one of them that has.
      const isSwitched = cause === "switchover" || (cause === "sync_group" && peer !== null);
      const tookMs = peer === null ? 0 : Math.max(0, Math.round(peer.heardMs - begunMs));
      resolveLast(
        isSwitched
          ? { ok: true, successor: peer, tookMs }
          : { ok: false, reason: `it became ${to} meanwhile: ${cause}` },
      );
    },
    kept() {
      const waitedMs = Math.round(nowMs() - begunMs);
      const why = "no backup hears our adverts, or none may become MASTER";
      resolveLast({
        ok: false,
        reason: `nobody took over within ${waitedMs} ms (${why}): it is MASTER as before, and its addresses were never off`,
      });
    },
  };
}
