// The last events, in memory: what the operator asks for after a failover. It does not outlive the desk.

import type { Event } from "../control/events.ts";

export type Journal = {
  readonly add: (event: Event) => void;
  /** Newest last; the newest `limit` of them. */
  readonly latest: (limit?: number) => readonly Event[];
};

const EVENTS_MAX = 1000;

export function openJournal(eventsMax: number = EVENTS_MAX): Journal {
  /** A ring once it is full: `next` is then the place of the oldest. */
  const ring: Event[] = [];
  let next = 0;
  return {
    add(event) {
      ring[next] = event;
      next = (next + 1) % eventsMax;
    },
    latest(limit = eventsMax) {
      const ordered = [...ring.slice(next), ...ring.slice(0, next)];
      return ordered.slice(Math.max(0, ordered.length - limit));
    },
  };
}
