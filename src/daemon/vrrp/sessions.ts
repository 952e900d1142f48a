// Tells the director, by the desk, what the BFD sessions are: where some check wants to know.

import type { SessionNow } from "../../check/sessions.ts";
import type { Config } from "../../config/model.ts";
import { wholeChance } from "../../lib/chance.ts";
import type { Clock } from "../../lib/clock.ts";
import type { BusClient } from "../process/bus.ts";
import { checksSessions } from "../process/needs-vrrp.ts";

export type SessionTeller = {
  readonly configure: (config: Config) => void;
  readonly tell: () => void;
  readonly close: () => void;
};

const AGAIN_MS = 1000;

export function openSessionTeller(options: {
  readonly clock: Clock;
  readonly bus: Pick<BusClient, "tellSessions">;
  readonly sessions: () => readonly SessionNow[];
}): SessionTeller {
  const { clock, bus } = options;
  const teller = wholeChance(0, 2 ** 47);
  let wanted = false;
  const again = clock.alarm(tell);

  function tell(): void {
    if (!wanted) return;
    bus.tellSessions({ type: "sessions", teller, sessions: options.sessions() });
    again.set(clock.nowMs() + AGAIN_MS);
  }

  return {
    configure(config) {
      wanted = checksSessions(config);
      if (wanted) tell();
      else again.set(Infinity);
    },
    tell,
    close: () => again.set(Infinity),
  };
}
