// What a role knows to be wrong. Each reason is told once when it comes and once when it goes, as a line in the log
// and as an event, and is listed in the status as long as it lasts.

import type { Degraded, DegradedKind } from "../../control/degraded.ts";
import type { Event } from "../../control/events.ts";
import { wallTime } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";

export type DegradedBook = {
  /** Says how this subject is now: what is wrong with it, or null when nothing is. Saying it again costs a look-up. */
  readonly set: (
    kind: DegradedKind,
    subject: string,
    text: string | null,
    how?: {
      /** It is listed, but was to be expected, as at a start: it becomes news when it is set without this. */
      readonly quiet: boolean;
    },
  ) => void;
  /** All subjects of a kind at once: nothing is wrong with those that are not named. */
  readonly setAll: (kind: DegradedKind, texts: ReadonlyMap<string, string>) => void;
  /** In the order in which they came. */
  readonly list: () => readonly Degraded[];
};

type Entry = Degraded & { readonly isTold: boolean };

export function openDegradedBook(options: {
  readonly log: Log;
  readonly tell: (event: Event) => void;
}): DegradedBook {
  const { log, tell } = options;
  const entries = new Map<string, Entry>();

  function begins(key: string, entry: Entry): void {
    entries.set(key, entry);
    if (!entry.isTold) return;
    const { kind, subject, text } = entry;
    log.warn({ kind, subject, cause: text }, "degraded");
    say(entry, true);
  }

  function ends(key: string, entry: Entry): void {
    entries.delete(key);
    if (!entry.isTold) return;
    const { kind, subject, since } = entry;
    log.info({ kind, subject, since }, "degraded no more");
    say(entry, false);
  }

  function say({ kind: what, subject, since, text: cause }: Entry, begins: boolean): void {
    tell({ kind: "degraded", at: wallTime(), what, subject, begins, since, cause });
  }

  function set(
    kind: DegradedKind,
    subject: string,
    text: string | null,
    how = { quiet: false },
  ): void {
    const key = `${kind} ${subject}`;
    const before = entries.get(key);
    if (text === null) {
      if (before !== undefined) ends(key, before);
      return;
    }
    if (before === undefined || (!before.isTold && !how.quiet)) {
      const since = before?.since ?? wallTime();
      begins(key, { kind, subject, since, text, isTold: !how.quiet });
    } else if (before.text !== text) {
      entries.set(key, { ...before, text });
    }
  }

  return {
    set,
    setAll(kind, texts) {
      for (const [key, entry] of entries) {
        if (entry.kind === kind && !texts.has(entry.subject)) ends(key, entry);
      }
      for (const [subject, text] of texts) set(kind, subject, text);
    },
    list: () =>
      Array.from(entries.values(), ({ kind, subject, since, text }) => ({
        kind,
        subject,
        since,
        text,
      })),
  };
}
