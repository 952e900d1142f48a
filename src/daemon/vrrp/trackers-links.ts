// Tracked interfaces: which links are up, once their delays are over. It sees the kernel's network and shows one
// in which a link that flaps shorter than its delay does not flap.

import type { TrackersConfig } from "../../config/model.ts";
import type { Network } from "../../kernel/network.ts";
import type { Clock } from "../../lib/clock.ts";
import { type Drive, drive } from "../../lib/drive.ts";
import * as debounce from "../../track/debounce.ts";
import type { TrackedNow } from "../../track/model.ts";

export type LinkTracker = {
  /** Looks at the network again. */
  readonly refresh: () => void;
  readonly configure: (names: ReadonlySet<string>, delays: TrackersConfig["interfaces"]) => void;
  /** The link as it counts. */
  readonly link: Network["link"];
  readonly close: () => void;
};

type Link = Drive<debounce.Config, debounce.State, debounce.Input>;

const NO_DELAYS: debounce.Config = { upDelayMs: 0, downDelayMs: 0 };

export function openLinkTracker(options: {
  readonly clock: Clock;
  readonly link: Network["link"];
  readonly tell: (now: TrackedNow) => void;
  /** A link counts as up or down that did not before, by the passing of time. */
  readonly onTurned: () => void;
}): LinkTracker {
  const { clock, link } = options;
  const links = new Map<string, Link>();
  let looking = false;

  function open(name: string, config: debounce.Config): Link {
    const opened: Link = drive<debounce.Config, debounce.State, debounce.Input, debounce.Action>({
      engine: debounce,
      config,
      state: debounce.INITIAL,
      clock,
      timerInput: (nowMs) => ({ type: "timer", nowMs }),
      perform({ value }) {
        tell(name, value);
        if (!looking) queueMicrotask(options.onTurned);
        return undefined;
      },
    });
    return opened;
  }

  function tell(name: string, up: boolean): void {
    const detail = up ? "up" : link(name) === undefined ? "missing" : "down";
    options.tell({ kind: "interface", name, up, detail });
  }

  function refresh(): void {
    looking = true;
    const nowMs = clock.nowMs();
    for (const [name, state] of links) {
      state.give({ type: "seen", nowMs, value: link(name)?.running ?? false });
      if (state.state().value === false) tell(name, false); // down may become missing
    }
    looking = false;
  }

  return {
    refresh,
    configure(names, delays) {
      const wanted = new Map<string, debounce.Config>(
        [...names].map((name) => [name, NO_DELAYS] as const),
      );
      for (const { name, upDelayMs, downDelayMs } of delays) {
        wanted.set(name, { upDelayMs, downDelayMs });
      }
      for (const [name, state] of links) {
        if (wanted.has(name)) continue;
        state.stop();
        links.delete(name);
      }
      for (const [name, config] of wanted) {
        const running = links.get(name);
        if (running === undefined) links.set(name, open(name, config));
        else running.reconfigure(config);
      }
      refresh();
    },
    link(name) {
      const known = link(name);
      const counts = links.get(name)?.state().value;
      if (known === undefined || counts === undefined || counts === null) return known;
      return known.running === counts ? known : { ...known, running: counts };
    },
    close() {
      for (const state of links.values()) state.stop();
      links.clear();
    },
  };
}
