// Remembers on disk which services are ours, so that the run after a crash can remove those that are no
// longer configured. A file that cannot be read means "nothing known", never a failure to start.

import { readFileSync, rmSync } from "node:fs";
import { replaceFile } from "../lib/durable.ts";
import { errorText } from "../lib/errors.ts";
import { parseRecord } from "../lib/json.ts";
import type { Log } from "../lib/log.ts";

export type Owned = {
  /** Names of services, as serviceName() gives them. */
  readonly names: () => ReadonlySet<string>;
  /** Writes only what changed. */
  readonly set: (names: ReadonlySet<string>) => void;
  /** Nothing is ours any more. */
  readonly forget: () => void;
};

const FILE_BYTES_MAX = 16 * 2 ** 20;

export function openOwned(path: string, log: Log): Owned {
  let names = read();

  function read(): ReadonlySet<string> {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      return new Set(); // the first run since boot
    }
    const known = text.length > FILE_BYTES_MAX ? undefined : parseNames(text);
    if (known === undefined) log.warn({ path }, "cannot read the owned services: file ignored");
    return new Set(known);
  }

  function write(next: ReadonlySet<string>): void {
    try {
      replaceFile(path, `${JSON.stringify({ services: [...next] })}\n`);
    } catch (error) {
      log.warn({ path, error: errorText(error) }, "cannot write the owned services");
    }
  }

  return {
    names: () => names,
    set(next) {
      if (next.size === names.size && [...next].every((name) => names.has(name))) return;
      names = next;
      write(next);
    },
    forget() {
      names = new Set();
      rmSync(path, { force: true });
    },
  };
}

function parseNames(text: string): readonly string[] | undefined {
  const services = parseRecord(text)?.["services"];
  if (!Array.isArray(services)) return undefined;
  return services.filter((name): name is string => typeof name === "string");
}
