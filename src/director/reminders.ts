// Real servers that are DOWN are told again, every email_alert_freq of their virtual server.

import type { VirtualServerConfig } from "../config/model.ts";
import type { Clock } from "../lib/clock.ts";
import { serverKey } from "./standing.ts";

export type Reminders = {
  /** What is DOWN already begins to wait now. */
  readonly configure: (virtualServers: readonly VirtualServerConfig[]) => void;
  readonly changed: (virtualServer: string, realServer: string) => void;
  readonly close: () => void;
};

/** Reminders of one moment are one look at all. */
const GRAIN_MS = 1000;

export function openReminders(options: {
  readonly clock: Clock;
  readonly isDown: (virtualServer: string, realServer: string) => boolean;
  readonly remind: (virtualServer: string, realServer: string) => void;
}): Reminders {
  const { clock, isDown, remind } = options;
  /** By virtual server; only those that repeat. */
  let repeats: ReadonlyMap<string, number> = new Map();
  /** When each real server that is DOWN is told again. */
  let due = new Map<string, Due>();
  let nextMs = Infinity;
  const alarm = clock.alarm(ring);

  function wait(one: Omit<Due, "atMs">, everyMs: number): void {
    const atMs = clock.nowMs() + everyMs;
    due.set(serverKey(one.virtualServer, one.realServer), { ...one, atMs });
    arm(atMs);
  }

  function arm(atMs: number): void {
    if (atMs >= nextMs) return;
    nextMs = Math.max(atMs, clock.nowMs() + GRAIN_MS);
    alarm.set(nextMs);
  }

  function ring(): void {
    nextMs = Infinity;
    const nowMs = clock.nowMs();
    const now = [...due.values()].filter(({ atMs }) => atMs <= nowMs);
    for (const { virtualServer, realServer } of now) {
      wait({ virtualServer, realServer }, repeats.get(virtualServer) ?? Infinity);
      remind(virtualServer, realServer);
    }
    for (const { atMs } of due.values()) arm(atMs);
  }

  return {
    configure(virtualServers) {
      repeats = new Map(
        virtualServers.flatMap(({ name, alerts: { repeatMs } }) =>
          repeatMs > 0 ? [[name, repeatMs]] : [],
        ),
      );
      const before = due;
      due = new Map();
      for (const { name: virtualServer, realServers } of virtualServers) {
        const everyMs = repeats.get(virtualServer);
        if (everyMs === undefined) continue;
        for (const { name: realServer } of realServers) {
          if (!isDown(virtualServer, realServer)) continue;
          const known = before.get(serverKey(virtualServer, realServer));
          // A shorter time holds at once.
          const leftMs = known === undefined ? everyMs : known.atMs - clock.nowMs();
          wait({ virtualServer, realServer }, Math.min(everyMs, leftMs));
        }
      }
    },
    changed(virtualServer, realServer) {
      const everyMs = repeats.get(virtualServer);
      if (everyMs === undefined) return;
      if (isDown(virtualServer, realServer)) wait({ virtualServer, realServer }, everyMs);
      else due.delete(serverKey(virtualServer, realServer));
    },
    close() {
      due.clear();
      alarm.set(Infinity);
    },
  };
}

type Due = { readonly virtualServer: string; readonly realServer: string; readonly atMs: number };
