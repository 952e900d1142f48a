// Which roles died, of what and when: for a while a reason of the status, for a role that was started again works, but
// whatever it died of may come back.

import type { ProcessStatus } from "../../control/status.ts";
import { type Clock, wallTime } from "../../lib/clock.ts";
import type { DegradedBook } from "../process/degraded-book.ts";
import type { ChildRole } from "../process/messages.ts";
import type { Child } from "./child.ts";

export type Restarts = {
  readonly died: (role: ChildRole, how: string) => void;
  /** Of a child that runs: as the status has it. */
  readonly statusOf: (child: Pick<Child, "role" | "pid" | "restarts">) => readonly ProcessStatus[];
  /** It is not wanted any more. */
  readonly forget: (role: ChildRole) => void;
  readonly close: () => void;
};

const RECENT_MS = 600_000;

export function openRestarts(options: {
  readonly clock: Clock;
  readonly book: Pick<DegradedBook, "set">;
}): Restarts {
  const { clock, book } = options;
  const deaths = new Map<ChildRole, { readonly at: string; readonly how: string }>();
  const until = new Map<ChildRole, number>();
  const alarm = clock.alarm(look);

  function look(): void {
    for (const [role, untilMs] of until) if (untilMs <= clock.nowMs()) end(role);
    alarm.set(Math.min(Infinity, ...until.values()));
  }

  function end(role: ChildRole): void {
    until.delete(role);
    book.set("role_restarted", role, null);
  }

  return {
    died(role, how) {
      const at = wallTime();
      deaths.set(role, { at, how });
      until.set(role, clock.nowMs() + RECENT_MS);
      book.set("role_restarted", role, `died at ${at}: ${how}`);
      look();
    },
    statusOf({ role, pid, restarts }) {
      const number = pid();
      if (number === undefined) return [];
      const last_death = deaths.get(role) ?? null;
      return [{ role, pid: number, restarts: restarts(), last_death }];
    },
    forget(role) {
      deaths.delete(role);
      end(role);
    },
    close: () => alarm.set(Infinity),
  };
}
