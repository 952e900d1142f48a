// Whether the configuration file, with those that it includes, is still what runs. Someone who edits it and forgets to reload finds out at the next
// start otherwise, which may be a failover. Nothing here blocks: the file may be on a disk that hangs.

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { expressionOf, WILD } from "../../config/keepalived/find-files.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { DegradedBook } from "../process/degraded-book.ts";

export type ConfigFile = {
  readonly path: string;
  /** To be called before the file is read: what it holds now. */
  readonly look: () => Promise<string>;
  /** What was looked at runs now; `included`: what it includes. Resolves when that was looked at too. */
  readonly loaded: (content: string, included?: readonly string[]) => Promise<void>;
  /** What was looked at was refused, and is told as such. */
  readonly refused: (content: string) => void;
  /** What was loaded last runs no more, and is told as such: something else does, that is in no file. */
  readonly rolledBack: () => void;
  readonly close: () => void;
};

/** Whoever writes the file and reloads at once, as tools do, is not told of it. */
const LOOK_EVERY_MS = 10_000;

export function openConfigFile(options: {
  readonly path: string;
  readonly clock: Clock;
  readonly book: Pick<DegradedBook, "set">;
  readonly lookEveryMs?: number;
}): ConfigFile {
  const { path, clock, book, lookEveryMs = LOOK_EVERY_MS } = options;
  let running: string | undefined;
  let included: readonly string[] = [];
  let refusedContent: string | undefined;
  /** What the last look found, when it was not what runs. */
  let other: string | undefined;
  let isClosed = false;
  const alarm = clock.alarm(() => void lookAgain());

  async function lookAgain(): Promise<void> {
    const before = running;
    const now = await contentOf(path, included);
    // A reload came in between: what it found counts.
    if (!isClosed && before === running && before !== undefined) judge(now);
    if (!isClosed) alarm.set(clock.nowMs() + lookEveryMs);
  }

  function judge(now: string): void {
    const isNews = now !== running && now !== refusedContent;
    // Twice the same, so that nobody is told of a file that is just being written.
    if (!isNews) book.set("file_differs", path, null);
    else if (now === other) book.set("file_differs", path, differenceText(now));
    other = now;
  }

  return {
    path,
    look: async () => contentOf(path, included),
    async loaded(content, now = []) {
      const isKnown = now.join("\n") === included.join("\n");
      running = isKnown ? content : undefined;
      included = now;
      refusedContent = undefined;
      book.set("file_differs", path, null);
      alarm.set(clock.nowMs() + lookEveryMs);
      if (isKnown) return;
      const whole = await contentOf(path, now);
      if (included === now) running ??= whole;
    },
    refused(content) {
      refusedContent = content;
      book.set("file_differs", path, null);
    },
    rolledBack() {
      refusedContent = running;
      running = NOTHING;
      book.set("file_differs", path, null);
    },
    close() {
      isClosed = true;
      alarm.set(Infinity);
    },
  };
}

function differenceText(now: string): string {
  return now.startsWith(UNREADABLE)
    ? `it cannot be read any more (${now.slice(UNREADABLE.length)}): the next start would fail`
    : "it was changed after it was loaded: see duet check, then duet reload";
}

const UNREADABLE = "unreadable: ";
/** No file's digest. */
const NOTHING = "";

/** A digest, for a configuration may hold passwords; never rejects. */
export async function contentOf(path: string, included: readonly string[] = []): Promise<string> {
  const whole = await contentOfFile(path);
  if (included.length === 0 || whole.startsWith(UNREADABLE)) return whole;
  const digest = createHash("sha256").update(whole);
  for (const one of included) {
    digest.update(WILD.test(basename(one)) ? await namesLike(one) : await contentOfFile(one));
  }
  return digest.digest("hex");
}

/** A pattern may come to mean another file. */
async function namesLike(pattern: string): Promise<string> {
  const isLike = expressionOf(basename(pattern));
  const names = await readdir(dirname(pattern)).catch(() => []);
  return names
    .filter((name) => isLike.test(name))
    .sort()
    .join("\n");
}

async function contentOfFile(path: string): Promise<string> {
  try {
    return createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  } catch (error) {
    return `${UNREADABLE}${errorText(error)}`;
  }
}
