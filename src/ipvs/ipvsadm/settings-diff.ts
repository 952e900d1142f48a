// What the timeouts and sync daemons of lines to restore would change in the kernel's. Pure.

import type { SyncDaemon, Timeouts } from "../model.ts";
import type { SettingCommand } from "./command.ts";
import { daemonsText } from "./settings-text.ts";

type Actual = { readonly timeouts: Timeouts; readonly daemons: readonly SyncDaemon[] };

/** "set timeouts: tcp 900 -> 800", "start master sync daemon (…)", "stop backup …"; zeroed counters are no difference. */
export function settingsDiff(commands: readonly SettingCommand[], actual: Actual): string[] {
  const wanted = { ...actual.timeouts };
  const daemons = new Map<SyncDaemon["state"], SyncDaemon | null>();
  for (const command of commands) {
    switch (command.kind) {
      case "set":
        // 0 = keep what is.
        for (const key of TIMEOUTS) wanted[key] = command.timeouts[key] || wanted[key];
        break;
      case "start-daemon":
        daemons.set(command.daemon.state, command.daemon);
        break;
      case "stop-daemon":
        daemons.set(command.daemon.state, null);
        break;
      case "zero":
        break;
    }
  }
  const changes = TIMEOUTS.filter((key) => wanted[key] !== actual.timeouts[key]).map(
    (key) => `${NAMES[key]} ${actual.timeouts[key]} -> ${wanted[key]}`,
  );
  return [
    ...(changes.length === 0 ? [] : [`set timeouts: ${changes.join(", ")}`]),
    ...[...daemons].flatMap(([state, daemon]) =>
      daemonDiff(
        daemon,
        actual.daemons.find((each) => each.state === state),
      ),
    ),
  ];
}

const TIMEOUTS = ["tcpS", "tcpFinS", "udpS"] as const;
const NAMES = { tcpS: "tcp", tcpFinS: "tcpfin", udpS: "udp" } as const;

/** Of what a line does not say, the kernel's default is as good as any. */
function daemonDiff(wanted: SyncDaemon | null, running: SyncDaemon | undefined): string[] {
  const isSo =
    running !== undefined && wanted !== null && Object.entries(wanted).every(isAsIn(running));
  if (isSo) return [];
  return [
    ...(running === undefined ? [] : [`stop ${textOf(running)}`]),
    ...(wanted === null ? [] : [`start ${textOf(wanted)}`]),
  ];
}

function isAsIn(running: SyncDaemon): (entry: [string, unknown]) => boolean {
  const values: ReadonlyMap<string, unknown> = new Map(Object.entries(running));
  return ([key, value]) => values.get(key) === value;
}

function textOf(daemon: SyncDaemon): string {
  return daemonsText([daemon]).trimEnd();
}
