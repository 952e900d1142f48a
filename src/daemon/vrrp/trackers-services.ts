// Tracked virtual servers: the director says what they are, by way of the guardian, which also knows when there is none.

import type { Clock } from "../../lib/clock.ts";
import { drive } from "../../lib/drive.ts";
import type { TrackedNow } from "../../track/model.ts";
import * as services from "../../track/services.ts";
import { PATIENCE_MS } from "./beginning.ts";

export type ServiceTracker = {
  readonly configure: (names: readonly string[]) => void;
  /** null = there is no director that answers. */
  readonly told: (latest: readonly services.ServiceNow[] | null) => void;
  readonly close: () => void;
};

export function openServiceTracker(options: {
  readonly clock: Clock;
  readonly tell: (now: TrackedNow) => void;
}): ServiceTracker {
  const { clock } = options;
  const driven = drive<services.Config, services.State, services.Input, services.Action>({
    engine: services,
    config: { names: [], patienceMs: PATIENCE_MS },
    state: services.INITIAL,
    clock,
    timerInput: (nowMs) => ({ type: "timer", nowMs }),
    perform({ name, up, detail }) {
      options.tell({ kind: "virtual_server", name, up, detail });
      return undefined;
    },
  });

  return {
    configure(names) {
      driven.reconfigure({ names, patienceMs: PATIENCE_MS });
      driven.give({ type: "configured", nowMs: clock.nowMs() });
    },
    told: (latest) => driven.give({ type: "told", nowMs: clock.nowMs(), services: latest }),
    close: driven.stop,
  };
}
