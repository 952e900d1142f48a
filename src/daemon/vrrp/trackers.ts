// Everything that the vrrp role knows of tracked objects: what it watches itself (links, files, BFD sessions), what the
// desk tells it (scripts, processes) and what the director does (virtual servers).

import type { SessionNow } from "../../check/sessions.ts";
import type { Config, TrackersConfig } from "../../config/model.ts";
import type { Event } from "../../control/events.ts";
import type { TrackerStatus } from "../../control/status.ts";
import type { Network } from "../../kernel/network.ts";
import { type Clock, wallTime } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { type FileWatcher, openFileWatcher } from "../../track/file-watcher.ts";
import {
  type BfdConfig,
  type Tracked,
  type TrackedNow,
  type TrackerKind,
  trackKey,
} from "../../track/model.ts";
import { NOT_KNOWN, type ServiceNow } from "../../track/services.ts";
import type { TrackGroupNow } from "../../vip/holding/track-groups.ts";
import { type BfdTracker, openBfdTracker } from "./trackers-bfd.ts";
import { openLinkTracker } from "./trackers-links.ts";
import { openServiceTracker } from "./trackers-services.ts";
import { usesOf } from "./tracking.ts";

export type Trackers = {
  readonly configure: (config: Config) => void;
  /** The kernel's links changed. */
  readonly linksChanged: () => void;
  /** Static things that are tracked. */
  readonly groups: (latest: readonly TrackGroupNow[]) => void;
  /** What the desk knows. */
  readonly told: (latest: readonly Tracked[]) => void;
  /** What the director knows; null = there is none that answers. */
  readonly services: (latest: readonly ServiceNow[] | null) => void;
  readonly all: () => ReadonlyMap<string, Tracked>;
  /** The network in which links only turn once they have lasted. */
  readonly network: Network;
  readonly sessions: () => readonly SessionNow[];
  readonly status: () => readonly TrackerStatus[];
  readonly close: () => void;
};

export type TrackersParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly network: Network;
  /** duet, by the wall clock. */
  readonly startedAtMs: number;
  readonly tell: (event: Event) => void;
  /** Something tracked changed. */
  readonly onChange: () => void;
  /** A link turned by the passing of time: ports have to look again. */
  readonly onLinkTurned: () => void;
  /** A BFD session came up or went down. */
  readonly onSession: () => void;
  /** A BFD session that was up hears its neighbour no more. */
  readonly onSessionLost: (session: BfdConfig) => void;
};

export function openTrackers(parts: TrackersParts): Trackers {
  const { network, log } = parts;
  /** By trackKey(): the desk's, and our own. */
  let told: ReadonlyMap<string, Tracked> = new Map();
  const own = new Map<string, Tracked>();
  /** Of both; undefined = one of them changed. */
  let merged: ReadonlyMap<string, Tracked> | undefined;
  let quiet = false;
  let dirty = false;

  const links = openLinkTracker({
    clock: parts.clock,
    link: (name) => network.link(name),
    tell: learn,
    onTurned: parts.onLinkTurned,
  });

  const services = openServiceTracker({ clock: parts.clock, tell: learn });

  /** Opened when the first one is configured. */
  let files: FileWatcher | undefined;
  let bfd: BfdTracker | undefined;

  function learn(now: TrackedNow): void {
    const { kind, name, up, value, detail } = now;
    const key = trackKey(kind, name);
    const before = own.get(key);
    if (before?.up === up && before.value === value) {
      if (before.detail === detail) return;
      own.set(key, { ...before, detail });
      merged = undefined;
      return;
    }
    const at = wallTime();
    own.set(key, { ...now, at });
    merged = undefined;
    if (kind === "bfd" && !quiet) parts.onSession();
    if (before === undefined) return; // what a start finds is no news
    if (before.up !== null) tellChange(parts, now, before, at);
    dirty = true;
    if (!quiet) settle();
  }

  function awaitServices(names: readonly string[]): void {
    for (const name of names) {
      const key = trackKey("virtual_server", name);
      if (!own.has(key)) own.set(key, unknownService(name));
    }
    services.configure(names);
  }

  function openFiles(): FileWatcher {
    const tell = (now: Omit<TrackedNow, "kind">): void => learn({ kind: "file", ...now });
    return openFileWatcher({ clock: parts.clock, log, startedAtMs: parts.startedAtMs, tell });
  }

  function openBfd(): BfdTracker {
    const tell = (now: Omit<TrackedNow, "kind">): void => learn({ kind: "bfd", ...now });
    return openBfdTracker({ clock: parts.clock, log, tell, onLost: parts.onSessionLost });
  }

  /** Several changes of one moment are one. */
  function together(look: () => void): void {
    quiet = true;
    try {
      look();
    } finally {
      quiet = false;
    }
    settle();
  }

  function settle(): void {
    if (!dirty) return;
    dirty = false;
    parts.onChange();
  }

  function forgetAllBut(keys: ReadonlySet<string>): void {
    for (const key of own.keys()) if (!keys.has(key)) own.delete(key);
    merged = undefined;
  }

  return {
    configure(config) {
      const { trackers, vrrpInstances } = config;
      const uses = vrrpInstances.flatMap(usesOf);
      const named = (wanted: TrackerKind): ReadonlySet<string> =>
        new Set(uses.filter(({ kind }) => kind === wanted).map(({ name }) => name));
      if (trackers.files.length > 0) files ??= openFiles();
      if (trackers.bfd.length > 0) bfd ??= openBfd();
      together(() => {
        bfd?.configure(trackers.bfd);
        links.configure(named("interface"), trackers.interfaces);
        files?.configure(trackers.files);
        awaitServices([...named("virtual_server")]);
      });
      const used = USED_ALONE.flatMap((kind) =>
        [...named(kind)].map((name) => trackKey(kind, name)),
      );
      forgetAllBut(new Set([...used, ...definedKeys(trackers)]));
    },
    linksChanged: () => together(links.refresh),
    groups: (latest) =>
      together(() => {
        for (const each of latest) learn({ kind: "group", ...each });
      }),
    /** A desk that starts again knows nothing at first: what was known stays until it knows better. */
    told(latest) {
      told = new Map(
        latest.map((each) => {
          const key = trackKey(each.kind ?? "script", each.name);
          return [key, each.up === null ? (told.get(key) ?? each) : each];
        }),
      );
      merged = undefined;
      parts.onChange();
    },
    services: (latest) => together(() => services.told(latest)),
    all: () => (merged ??= new Map([...told, ...own])),
    network: { ...network, link: links.link },
    sessions: () => [...own.values()].filter(({ kind }) => kind === "bfd").map(sessionNow),
    status: () =>
      [...own.values()].map(({ kind = "script", name, up, value, detail, at }) => ({
        kind,
        name,
        up,
        value: value ?? null,
        detail,
        since: at,
      })),
    close() {
      links.close();
      files?.close();
      bfd?.close();
      services.close();
    },
  };
}

function tellChange(
  { log, tell }: Pick<TrackersParts, "log" | "tell">,
  { kind, name, up, value, detail }: TrackedNow,
  was: Tracked,
  at: string,
): void {
  const change = { from: was.value ?? upWord(was.up), to: value ?? upWord(up) };
  log[up ? "info" : "warn"](
    { tracker: kind, name, ...change, cause: detail },
    "tracked object changed",
  );
  tell({
    kind: "tracker_state",
    at,
    tracker_kind: kind,
    tracker: name,
    up,
    value: value ?? null,
    cause: detail,
  });
}

/** The director speaks later than a start lasts. */
function unknownService(name: string): Tracked {
  return { kind: "virtual_server", name, up: null, detail: NOT_KNOWN, at: null };
}

function sessionNow({ name, up, detail }: Tracked): SessionNow {
  return { name, up: up === true, detail };
}

/** What is known here without a section that defines it as tracked. */
const USED_ALONE = ["interface", "group", "virtual_server"] as const;

function definedKeys({ interfaces, files, bfd }: TrackersConfig): readonly string[] {
  return [
    ...interfaces.map(({ name }) => trackKey("interface", name)),
    ...files.map(({ name }) => trackKey("file", name)),
    ...bfd.map(({ name }) => trackKey("bfd", name)),
  ];
}

function upWord(up: boolean | null): string {
  return up ? "UP" : "DOWN";
}
