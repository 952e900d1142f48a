// `duet maintenance on|off`: the node hands over what it is MASTER of and stays BACKUP until that is over. It is written down
// before anybody is told, so that no restart ends it, and it ends by itself when a time was given.

import {
  isOver,
  type Maintenance,
  type MaintenanceOrder,
  maintenanceText,
} from "../../control/maintenance.ts";
import type { Answer } from "../../control/requests.ts";
import type { SwitchoverAnswer } from "../../control/switchover.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { DegradedBook } from "../process/degraded-book.ts";

export type DeskMaintenance = {
  readonly now: () => Maintenance | null;
  readonly order: (order: MaintenanceOrder) => Promise<Answer>;
  readonly close: () => void;
};

/** The wall clock may be set, so that it is looked at now and then. */
const LOOK_AGAIN_MS = 10_000;
/** `duet maintenance` while nothing is MASTER: there is nothing to hand over. */
const NOTHING: SwitchoverAnswer = { ok: true, reasons: [], switched: [] };

export function openDeskMaintenance(options: {
  readonly clock: Clock;
  readonly wallMs: () => number;
  readonly log: Log;
  readonly degraded: Pick<DegradedBook, "set">;
  /** What was written down before this process started. */
  readonly first: Maintenance | null;
  /** Throws. */
  readonly write: (maintenance: Maintenance | null) => void;
  readonly tell: (maintenance: Maintenance | null) => void;
  /** undefined = this node has no instances. */
  readonly handOver: (isForced: boolean) => Promise<SwitchoverAnswer | undefined>;
}): DeskMaintenance {
  const { clock, wallMs, log, degraded, write, tell, handOver } = options;
  let now: Maintenance | null = null;
  const looks = clock.alarm(look);

  function use(next: Maintenance | null): void {
    now = next;
    degraded.set("maintenance", "node", next && maintenanceText(next));
    tell(next);
    look();
  }

  function look(): void {
    looks.set(Infinity);
    if (now === null || now.until === null) return;
    if (isOver(now, wallMs())) return end("its time is over");
    const leftMs = Date.parse(now.until) - wallMs();
    looks.set(clock.nowMs() + Math.min(leftMs, LOOK_AGAIN_MS));
  }

  function end(why: string): void {
    log.info({ why }, "maintenance ends");
    try {
      write(null);
    } catch (error) {
      log.error({ error: errorText(error) }, "maintenance will come back at the next start");
    }
    use(null);
  }

  async function begin(order: MaintenanceOrder & { readonly isOn: true }): Promise<Answer> {
    const { forMs, reason, isForced } = order;
    // Who is in it already has nothing to hand over: the time and the reason are new.
    const handed = now === null ? await handOver(isForced) : NOTHING;
    if (handed === undefined) return refusal(["there is no vrrp_instance on this node"]);
    if (!handed.ok) {
      const moved = handed.switched.map(
        ({ instance }) => `${instance} was handed over all the same`,
      );
      return refusal([...handed.reasons, ...moved]);
    }
    const since = now?.since ?? isoOf(wallMs());
    const next = { since, until: forMs === null ? null : isoOf(wallMs() + forMs), reason };
    try {
      write(next);
    } catch (error) {
      return refusal([`it would not survive a restart: ${errorText(error)}`]);
    }
    log.info({ ...next }, "maintenance begins");
    use(next);
    return { ok: true, reasons: [] };
  }

  use(options.first);
  return {
    now: () => now,
    async order(order) {
      if (order.isOn) return begin(order);
      if (now === null) return refusal(["this node is not in maintenance"]);
      end("somebody asked for it");
      return { ok: true, reasons: [] };
    },
    close: () => looks.set(Infinity),
  };
}

function isoOf(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

function refusal(reasons: readonly string[]): Answer {
  return { ok: false, reasons };
}
