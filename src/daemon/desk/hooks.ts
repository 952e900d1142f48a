// Which hooks an event calls for. The configuration gives them by the name of the instance or sync group; running
// them is the hook runner's.

import type { Config } from "../../config/model.ts";
import type { Event } from "../../control/events.ts";
import type { InstanceHooksStatus } from "../../control/status.ts";
import type { HookRunner } from "../../desk/hook-runner.ts";
import {
  type HookState,
  type HooksConfig,
  NO_HOOKS,
  type Subject,
  type SubjectHooks,
} from "../../desk/model.ts";
import { unreachable } from "../../lib/unreachable.ts";

export type HookDispatch = {
  readonly onEvent: (event: Event) => void;
  readonly configure: (config: Config) => void;
};

export function openHookDispatch(
  runner: Pick<HookRunner, "transition">,
  config: Config,
): HookDispatch {
  let configured = hooksBySubject(config);
  /** What a reload took away still tells its STOP, maybe after the new configuration is here. */
  let leaving = new Map<string, HooksConfig>();

  return {
    onEvent(event) {
      const change = changeOf(event);
      if (change === undefined) return;
      const { subject, to, priority } = change;
      const key = keyOf(subject);
      const hooks = configured.get(key) ?? leaving.get(key);
      if (hooks !== undefined) runner.transition(subject, hooks, to, priority);
      if (to === "STOP" || to === "DELETED") leaving.delete(key);
    },
    configure(next) {
      const before = configured;
      configured = hooksBySubject(next);
      leaving = new Map([...before].filter(([key]) => !configured.has(key)));
    },
  };
}

/** As told to the outside. */
export function hooksStatus(hooks: readonly SubjectHooks[]): InstanceHooksStatus[] {
  return hooks.map(({ subject, running, skipped, results }) => ({
    instance: subject.name,
    kind: subject.kind,
    running: running?.hook ?? null,
    skipped,
    results: results.map(({ tookMs, lastLine, ...result }) => ({
      ...result,
      last_line: lastLine,
      took_ms: tookMs,
    })),
  }));
}

type Change = { readonly subject: Subject; readonly to: HookState; readonly priority: number };

/** undefined = no hook is about it. */
function changeOf(event: Event): Change | undefined {
  switch (event.kind) {
    case "instance_state": {
      const { instance: name, to, priority } = event;
      return { subject: { kind: "INSTANCE", name }, to, priority };
    }
    case "rx_lower_priority": {
      const { instance: name, priority } = event;
      return { subject: { kind: "INSTANCE", name }, to: "MASTER_RX_LOWER_PRI", priority };
    }
    case "split_won": {
      const { subject: kind, name, priority } = event;
      return { subject: { kind, name }, to: "MASTER", priority };
    }
    case "group_state":
      return { subject: { kind: "GROUP", name: event.group }, to: event.to, priority: 0 };
    case "quorum": {
      const subject = { kind: "VIRTUAL_SERVER", name: event.virtual_server } as const;
      return { subject, to: `QUORUM_${event.to}`, priority: 0 };
    }
    case "real_server_state": {
      const name = serverName(event.virtual_server, event.real_server);
      const subject = { kind: "REAL_SERVER", name } as const;
      return { subject, to: `SERVER_${event.to}`, priority: 0 };
    }
    case "priority":
    case "tracker_state":
    case "real_server_still_down":
    case "maintenance":
    case "degraded":
    case "confirmation":
      return undefined;
    default:
      return unreachable(event);
  }
}

function hooksBySubject({
  vrrpInstances,
  vrrpSyncGroups,
  virtualServers,
}: Config): Map<string, HooksConfig> {
  return new Map<string, HooksConfig>([
    ...vrrpInstances.map(
      ({ vrrp: { name }, hooks }) => [keyOf({ kind: "INSTANCE", name }), hooks] as const,
    ),
    ...vrrpSyncGroups.map(({ name, hooks }) => [keyOf({ kind: "GROUP", name }), hooks] as const),
    ...virtualServers.map(
      ({ name, hooks }) =>
        [keyOf({ kind: "VIRTUAL_SERVER", name }), { ...NO_HOOKS, ...hooks }] as const,
    ),
    ...virtualServers.flatMap(({ name: service, realServers }) =>
      realServers.flatMap(({ name, hooks }) => {
        // Thousands of them have none.
        if (hooks.notifyUp === null && hooks.notifyDown === null) return [];
        const key = keyOf({ kind: "REAL_SERVER", name: serverName(service, name) });
        return [[key, { ...NO_HOOKS, ...hooks }] as const];
      }),
    ),
  ]);
}

/** As in the title of its section. */
function serverName(virtualServer: string, realServer: string): string {
  return `${virtualServer}.${realServer}`;
}

function keyOf({ kind, name }: Subject): string {
  return `${kind} ${name}`;
}
