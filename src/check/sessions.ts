// What the BFD sessions are, as the process that holds them says: at every change, and again every second, because what
// is not said again is not known any more. A session that has not been Up since that process began is not Down either: its
// neighbour may not have heard of it yet.

import type { Alarm, Clock } from "../lib/clock.ts";

export type SessionNow = { readonly name: string; readonly up: boolean; readonly detail: string };

/** `up` null = not decided. */
export type SessionSeen = { readonly up: boolean | null; readonly detail: string };

export type Sessions = {
  /** All of them. `teller` = who says it: another one after each start of the process. */
  readonly told: (teller: number, sessions: readonly SessionNow[]) => void;
  readonly of: (name: string) => SessionSeen;
  /** `listener` hears whenever one may be another one. */
  readonly watch: (listener: () => void) => () => void;
  readonly close: () => void;
};

/** Three of the messages that come every second, or the time to start the process again. */
const KNOWN_MS = 3000;

const UNKNOWN: SessionSeen = { up: null, detail: "nothing is known of the session" };

export function openSessions({
  clock,
  onChange,
}: {
  readonly clock: Clock;
  /** With the names of those whose `up` is another one. */
  readonly onChange: (names: ReadonlySet<string>) => void;
}): Sessions {
  let seen: ReadonlyMap<string, SessionSeen> = new Map();
  let latestTeller: number | undefined;
  const listeners = new Set<() => void>();
  const silence: Alarm = clock.alarm(() => {
    latestTeller = undefined;
    take(new Map());
  });

  function take(next: ReadonlyMap<string, SessionSeen>): void {
    const names = new Set([...seen.keys(), ...next.keys()]);
    for (const name of names) {
      if ((seen.get(name) ?? UNKNOWN).up === (next.get(name) ?? UNKNOWN).up) names.delete(name);
    }
    seen = next;
    if (names.size === 0) return;
    onChange(names);
    for (const listener of listeners) listener();
  }

  return {
    told(teller, sessions) {
      silence.set(clock.nowMs() + KNOWN_MS);
      const isNew = teller !== latestTeller;
      latestTeller = teller;
      const next = sessions.map(({ name, up, detail }): [string, SessionSeen] => {
        const before = seen.get(name)?.up ?? null;
        const wasUp = before === true && !isNew;
        return [name, { up: up || (wasUp || before === false ? false : null), detail }];
      });
      take(new Map(next));
    },
    of: (name) => seen.get(name) ?? UNKNOWN,
    watch(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => silence.set(Infinity),
  };
}
