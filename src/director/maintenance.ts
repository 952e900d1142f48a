// The maintenance directory: a file named after a real server takes it out, until the file is gone. Told by inotify, and
// looked at once a second where that cannot tell (a directory that does not exist yet, NFS).
//
//   10.0.0.21:80  10.0.0.21  [2001:db8::21]:80  rs1  web.rs1  host.example.com:80  host

import { readdir } from "node:fs/promises";
import type { RealServerConfig, VirtualServerConfig } from "../config/model.ts";
import { type Inotify, openInotify } from "../kernel/inotify.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import { canonicalAddress } from "../lib/ip.ts";
import type { Log } from "../lib/log.ts";
import { within } from "../lib/within.ts";
import { openHosts, type Resolve } from "./hosts.ts";

export type Maintenance = {
  /** null = there is no such directory. Resolves when it is known what is there, or after a second; undefined = it is known. */
  readonly configure: (
    directory: string | null,
    virtualServers: readonly VirtualServerConfig[],
  ) => Promise<void> | undefined;
  /** The name of the file that takes it out; undefined = none does. */
  readonly fileOf: (virtualServer: string, realServer: RealServerConfig) => string | undefined;
  readonly close: () => void;
};

const LOOK_INTERVAL_MS = 1000;
const KNOWN_LIMIT_MS = 1000;
/** Names that are no server's own are asked for, but not a directory of something else. */
const HOSTS_MAX = 100;

export function openMaintenance(options: {
  readonly clock: Clock;
  readonly log: Log;
  /** Files came or went, or are known to be somebody's. */
  readonly onChange: () => void;
  readonly resolve?: Resolve;
}): Maintenance {
  const { clock, log, onChange } = options;
  let directory: string | null = null;
  let files: ReadonlySet<string> = new Set();
  /** The files by what they are the name of. */
  let index: ReadonlyMap<string, string> = new Map();
  /** Names that virtual and real servers have themselves. */
  let labels: ReadonlySet<string> = new Set();
  let problem: string | null = null;
  let inotify: Inotify | undefined;
  const looks = clock.alarm(() => void look());
  const hosts = openHosts({
    clock,
    ...(options.resolve && { resolve: options.resolve }),
    onAnswer: changed,
    onFailure: (name, error) =>
      log.warn({ directory, host: name, error: errorText(error) }, "maintenance file of nobody"),
  });

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
    const isSame = found.length === files.size && found.every((name) => files.has(name));
    if (isSame) return;
    files = new Set(found);
    wantHosts();
    changed();
  }

  function wantHosts(): void {
    const named = [...files].flatMap((file) => (labels.has(file) ? [] : (hostOf(file) ?? [])));
    hosts.want([...new Set(named.map(({ host }) => host))].slice(0, HOSTS_MAX));
  }

  function changed(): void {
    const found = [...files].flatMap((file) => {
      const keys = labels.has(file) ? [file] : (placesOf(file) ?? byHost(file));
      return keys.map((key): [string, string] => [key, file]);
    });
    index = new Map(found);
    onChange();
  }

  function byHost(file: string): readonly string[] {
    const named = hostOf(file);
    const addresses = named && hosts.addressesOf(named.host);
    return (addresses ?? []).map((address) => placeKey(address, named?.port ?? null));
  }

  /** The files, and whose they are. */
  async function known(): Promise<void> {
    await look();
    await hosts.asked();
  }

  return {
    configure(next, virtualServers) {
      labels = new Set(
        virtualServers.flatMap(({ name, realServers }) =>
          realServers.flatMap((server) => [server.name, `${name}.${server.name}`]),
        ),
      );
      if (next === directory) {
        wantHosts();
        changed();
        return undefined;
      }
      directory = next;
      inotify?.close();
      inotify = undefined;
      if (next !== null) {
        return within(clock, KNOWN_LIMIT_MS, (done) => void known().finally(done));
      }
      looks.set(Infinity);
      take([]);
      return undefined;
    },
    fileOf(virtualServer, { name, destination: { address, port } }) {
      if (index.size === 0) return undefined;
      const keys = [
        `${virtualServer}.${name}`,
        placeKey(address, port),
        placeKey(address, null),
        name,
      ];
      return keys.map((key) => index.get(key)).find((file) => file !== undefined);
    },
    close() {
      directory = null;
      looks.set(Infinity);
      hosts.close();
      inotify?.close();
    },
  };
}

/** undefined = no address; with a port or without. */
function placesOf(file: string): readonly string[] | undefined {
  const whole = canonicalAddress(file);
  if (whole !== undefined) return [placeKey(whole, null)];
  const [, six, four, port] = /^(?:\[([\da-f:.]+)\]|([\d.]+))(?::(\d{1,5}))?$/i.exec(file) ?? [];
  const address = canonicalAddress(six ?? four ?? "");
  if (address === undefined) return undefined;
  return [placeKey(address, port === undefined ? null : Number(port))];
}

/** HOST[:PORT]; what editors and people leave about is none. */
function hostOf(file: string): { readonly host: string; readonly port: number | null } | undefined {
  if (placesOf(file) !== undefined) return undefined;
  const [, host, port] = /^([a-z\d](?:[\w.-]{0,251}[a-z\d])?)(?::(\d{1,5}))?$/i.exec(file) ?? [];
  return host === undefined
    ? undefined
    : { host: host.toLowerCase(), port: port === undefined ? null : Number(port) };
}

/** No label is like it. */
function placeKey(address: string, port: number | null): string {
  return JSON.stringify([canonicalAddress(address) ?? address, port]);
}
