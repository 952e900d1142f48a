// The maintenance directory: a file named after a real server takes it out, until the file is gone. Told by inotify, and
// looked at once a second where that cannot tell (a directory that does not exist yet, NFS).

import { readdir } from "node:fs/promises";
import type { RealServerConfig } from "../config/model.ts";
import { type Inotify, openInotify } from "../kernel/inotify.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";

export type Maintenance = {
  /** null = there is no such directory. */
  readonly configure: (directory: string | null) => void;
  /** The name of the file that takes it out; undefined = none does. */
  readonly fileOf: (virtualServer: string, realServer: RealServerConfig) => string | undefined;
  readonly close: () => void;
};

const LOOK_INTERVAL_MS = 1000;

export function openMaintenance(options: {
  readonly clock: Clock;
  readonly log: Log;
  /** Files came or went. */
  readonly onChange: () => void;
}): Maintenance {
  const { clock, log, onChange } = options;
  let directory: string | null = null;
  let names: ReadonlySet<string> = new Set();
  let problem: string | null = null;
  let inotify: Inotify | undefined;
  const looks = clock.alarm(() => void look());

  function configure(next: string | null): void {
    if (next === directory) return;
    directory = next;
    inotify?.close();
    inotify = undefined;
    if (next === null) {
      looks.set(Infinity);
      return take([]);
    }
    void look();
  }

  async function look(): Promise<void> {
    const asked = directory;
    if (asked === null) return;
    looks.set(clock.nowMs() + LOOK_INTERVAL_MS);
    // Watched before it is read: what comes in between is told.
    watch(asked);
    const found = await namesIn(asked);
    if (directory === asked) take(found);
  }

  function watch(path: string): void {
    const again = (): void => looks.set(clock.nowMs());
    try {
      inotify ??= openInotify({ onName: again, onGone: again, onOverflow: again });
      inotify.add(path);
    } catch {
      // Looking says why.
    }
  }

  async function namesIn(path: string): Promise<readonly string[]> {
    try {
      const found = await readdir(path);
      problem = null;
      return found;
    } catch (error) {
      const text = errorText(error);
      if (problem !== text) log.warn({ directory: path, error: text }, "no maintenance directory");
      problem = text;
      return [];
    }
  }

  function take(found: readonly string[]): void {
    const isSame = found.length === names.size && found.every((name) => names.has(name));
    if (isSame) return;
    names = new Set(found);
    onChange();
  }

  return {
    configure,
    fileOf(virtualServer, { name, destination: { address, port } }) {
      if (names.size === 0) return undefined;
      const host = address.includes(":") ? `[${address}]` : address;
      const own = [
        `${virtualServer}.${name}`,
        `${host}:${port}`,
        `${address}:${port}`,
        address,
        name,
      ];
      return own.find((each) => names.has(each));
    },
    close() {
      directory = null;
      looks.set(Infinity);
      inotify?.close();
    },
  };
}
