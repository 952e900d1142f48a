// Knows which real servers are in maintenance, since when and by whom, and tells when one enters or leaves it.

import { lstatSync } from "node:fs";
import type { VirtualServerConfig } from "../config/model.ts";
import { nameOfLocalUser } from "../lib/accounts.ts";
import { type Clock, wallTime } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type Maintenance, openMaintenance } from "./maintenance.ts";
import { serverKey } from "./standing.ts";

export type TakenOut = Pick<Maintenance, "configure" | "fileOf" | "close"> & {
  /** Looks at all of them, and tells what changed. */
  readonly look: (virtualServers: readonly VirtualServerConfig[]) => void;
  /** undefined = it is in service. */
  readonly of: (virtualServer: string, realServer: string) => Entry | undefined;
};

/** `since` is ISO 8601, `cause` names the file and whose it is. */
export type Entry = { readonly file: string; readonly since: string; readonly cause: string };

export function openTakenOut(options: {
  readonly clock: Clock;
  readonly log: Log;
  /** Files came or went: somebody has to look. */
  readonly onFiles: () => void;
  readonly onChange: (
    virtualServer: string,
    realServer: string,
    entry: Entry,
    entered: boolean,
  ) => void;
}): TakenOut {
  const { clock, log, onFiles, onChange } = options;
  const maintenance = openMaintenance({ clock, log, onChange: onFiles });
  let directory: string | null = null;
  let entries: ReadonlyMap<string, Entry> = new Map();

  return {
    fileOf: maintenance.fileOf,
    close: maintenance.close,
    configure(next, virtualServers) {
      directory = next;
      return maintenance.configure(next, virtualServers);
    },
    look(virtualServers) {
      const before = entries;
      const now = new Map<string, Entry>();
      const changes: (() => void)[] = [];
      for (const { name, realServers } of virtualServers) {
        for (const server of realServers) {
          const key = serverKey(name, server.name);
          const known = before.get(key);
          const file = maintenance.fileOf(name, server);
          if (file !== undefined) {
            const entry =
              known?.file === file ? known : entryOf(file, `${directory}/${file}`, known?.since);
            now.set(key, entry);
            if (known === undefined) changes.push(() => onChange(name, server.name, entry, true));
          } else if (known !== undefined) {
            changes.push(() => onChange(name, server.name, endOf(known), false));
          }
        }
      }
      entries = now;
      for (const tell of changes) tell();
    },
    of: (virtualServer, realServer) => entries.get(serverKey(virtualServer, realServer)),
  };
}

function entryOf(file: string, path: string, since: string = wallTime()): Entry {
  const owner = ownerOf(path);
  const cause = `maintenance_dir has ${file}${owner === undefined ? "" : ` of ${owner}`}`;
  return { file, since, cause };
}

function endOf(entry: Entry): Entry {
  return { ...entry, cause: `maintenance_dir has ${entry.file} no more` };
}

/** undefined = it is gone again. */
function ownerOf(path: string): string | undefined {
  try {
    return nameOfLocalUser(lstatSync(path).uid);
  } catch {
    return undefined;
  }
}
