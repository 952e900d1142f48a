// What a signal asks of the guardian: to stop, to read the file again, or for a dump file of the kind that keepalived writes. A signal that nobody handles ends a process without a word, so main.ts remembers
// those that come before the guardian is ready, and they are carried out then: a stop first.

import { onAnySignal } from "../../kernel/any-signal.ts";
import { SIGRTMAX, SIGRTMIN } from "../../kernel/numbers.ts";
import type { DumpKind } from "../process/messages.ts";

export type Wish = "SIGTERM" | "SIGINT" | "SIGHUP";

/** In the order in which they came; the first of them that is a stop decides. */
export function stopWish(early: readonly Wish[]): Wish | undefined {
  return early.find((wish) => wish !== "SIGHUP");
}

/** From now on wishes are carried out as they come, after those that came early. */
export function carryOut(
  early: readonly Wish[],
  guardian: {
    readonly stop: (why: Wish) => void;
    readonly reload: () => void;
    readonly dump: (kind: DumpKind) => void;
  },
): void {
  for (const wish of ["SIGTERM", "SIGINT"] as const) process.on(wish, () => guardian.stop(wish));
  process.on("SIGHUP", guardian.reload);
  // Without a handler of ours the first opens Node's debugger, and the others end the process.
  process.on("SIGUSR1", () => guardian.dump("state"));
  process.on("SIGUSR2", () => guardian.dump("stats"));
  onAnySignal(SIGRTMIN + 2, () => guardian.dump("json"));
  onAnySignal(SIGRTMAX - 1, () => guardian.dump("stats_clear"));
  const stop = stopWish(early);
  if (stop !== undefined) guardian.stop(stop);
  // The file may have been read before it was changed.
  else if (early.length > 0) guardian.reload();
}
