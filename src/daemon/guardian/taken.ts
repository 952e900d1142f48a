// Which roles have taken a configuration: a reload ends when all have, or when it is clear that one did not.

import type { Clock } from "../../lib/clock.ts";
import { within } from "../../lib/within.ts";
import type { ChildRole } from "../process/messages.ts";

export type Taken = {
  /** Resolves with what went wrong, for people; nothing = every role has taken it. */
  readonly wait: (sequence: number, roles: readonly ChildRole[]) => Promise<readonly string[]>;
  readonly took: (role: ChildRole, sequence: number) => void;
  /** It starts anew, with the latest configuration. */
  readonly died: (role: ChildRole) => void;
};

type Wait = {
  readonly sequence: number;
  readonly roles: Set<ChildRole>;
  readonly problems: string[];
  end: () => void;
};

export function openTaken(clock: Clock, limitMs: number): Taken {
  const waits = new Set<Wait>();

  function settle(wait: Wait, role: ChildRole): void {
    wait.roles.delete(role);
    if (wait.roles.size === 0) wait.end();
  }

  return {
    async wait(sequence, roles) {
      const wait: Wait = { sequence, roles: new Set(roles), problems: [], end: () => {} };
      waits.add(wait);
      await within(clock, limitMs, (done) => (wait.end = done));
      waits.delete(wait);
      const late = [...wait.roles].map(
        (role) => `The ${role} role did not take the configuration within ${limitMs / 1000} s`,
      );
      return [...wait.problems, ...late];
    },
    took(role, sequence) {
      for (const wait of waits) if (wait.sequence === sequence) settle(wait, role);
    },
    died(role) {
      for (const wait of waits) {
        if (!wait.roles.has(role)) continue;
        wait.problems.push(
          `The ${role} role died over the configuration: it is started again with it`,
        );
        settle(wait, role);
      }
    },
  };
}
