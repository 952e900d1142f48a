// What the desk tracks, because it may be slow: scripts and processes. It notes when each verdict changed, and tells.

import type { Config } from "../../config/model.ts";
import type { Event } from "../../control/events.ts";
import type { TrackerStatus } from "../../control/status.ts";
import { type Clock, wallTime } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { type Tracked, trackKey } from "../../track/model.ts";
import { openProcessWatcher } from "../../track/process-watcher.ts";
import { openScriptRunner } from "../../track/runner.ts";
import { logPauses } from "../process/log-pauses.ts";

export type DeskTrackers = {
  readonly configure: (config: Config) => void;
  readonly tracked: () => readonly Tracked[];
  readonly scripts: () => readonly Tracked[];
  readonly status: () => readonly TrackerStatus[];
  readonly close: () => void;
};

type Seen = { readonly up: boolean | null; readonly since: string };

export function openDeskTrackers(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly onEvent: (event: Event) => void;
  readonly onChange: (tracked: readonly Tracked[]) => void;
}): DeskTrackers {
  const { clock, log } = options;
  let seen = new Map<string, Seen>();
  const pauses = logPauses(log, clock, "scripts");
  const scripts = openScriptRunner({ clock, log, onChange: changed, onPause: pauses.told });
  const processes = openProcessWatcher({ clock, log, onChange: changed });

  function tracked(): readonly Tracked[] {
    return [...scripts.tracked(), ...processes.tracked()];
  }

  function changed(): void {
    const at = wallTime();
    const now = tracked();
    const next = new Map<string, Seen>();
    for (const each of now) {
      const key = keyOf(each);
      const before = seen.get(key);
      const { up, value = null } = each;
      // How many processes there are is in the status; only the verdict is news.
      const same = before?.up === up;
      next.set(key, same ? before : { up, since: at });
      if (same || before === undefined || before.up === null || up === null) continue;
      options.onEvent({
        kind: "tracker_state",
        at,
        tracker_kind: each.kind ?? "script",
        tracker: each.name,
        up,
        value,
        cause: each.detail,
      });
    }
    seen = next;
    options.onChange(now.map((each) => ({ ...each, since: sinceOf(each) })));
  }

  function sinceOf(each: Tracked): string | null {
    return each.up === null ? null : (seen.get(keyOf(each))?.since ?? null);
  }

  return {
    configure(config) {
      processes.configure(config.trackers.processes);
      const { scriptSecurity: security } = config.global;
      scripts.configure(config.vrrpScripts.map((script) => ({ ...script, security })));
    },
    tracked,
    scripts: scripts.tracked,
    status: () =>
      tracked().map((each) => ({
        kind: each.kind ?? "script",
        name: each.name,
        up: each.up,
        value: each.value ?? null,
        detail: each.detail,
        since: sinceOf(each),
      })),
    close() {
      scripts.close();
      processes.close();
      pauses.close();
    },
  };
}

function keyOf({ kind = "script", name }: Tracked): string {
  return trackKey(kind, name);
}
