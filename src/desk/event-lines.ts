// What an event says on a FIFO, byte for byte as keepalived says it. Pure.
//
//   INSTANCE "VI_1" MASTER 150       GROUP "G1" BACKUP 0       INSTANCE "VI_1" MASTER_RX_LOWER_PRI 150
//   INSTANCE "VI_1" MASTER_PRIORITY 140                        INSTANCE "VI_1" BACKUP_PRIORITY 90
//   VS [10.0.0.1]:tcp:80 UP          RS [10.0.1.1]:tcp:80 [10.0.0.1]:tcp:80 DOWN
//
// keepalived differs: its VS and RS lines have a stray NUL after the line feed. Ours have not: a reader of lines
// would find it at the beginning of the next one.

import type { Event } from "../control/events.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { HookState, Subject } from "./model.ts";

/** In keepalived's manner: [10.0.0.1]:tcp:80; null = not configured. */
export type ServerNames = {
  readonly virtualServer: (name: string) => string | null;
  readonly realServer: (virtualServer: string, name: string) => string | null;
};

export type EventLine = { readonly about: "vrrp" | "lvs"; readonly line: string };

/** A priority as a line of its own is for who wants it: `priorities`. null = this event has no line. */
export function eventLine(
  event: Event,
  names: ServerNames,
  { priorities }: { readonly priorities: boolean },
): EventLine | null {
  switch (event.kind) {
    case "instance_state": {
      const subject: Subject = { kind: "INSTANCE", name: event.instance };
      return stateLine(subject, event.to, event.priority);
    }
    case "group_state":
      return stateLine({ kind: "GROUP", name: event.group }, event.to, 0);
    case "rx_lower_priority": {
      const subject: Subject = { kind: "INSTANCE", name: event.instance };
      return stateLine(subject, "MASTER_RX_LOWER_PRI", event.priority);
    }
    case "split_won":
      return stateLine({ kind: event.subject, name: event.name }, "MASTER", event.priority);
    case "priority": {
      const { instance, state, to } = event;
      if (!priorities || (state !== "MASTER" && state !== "BACKUP")) return null;
      return { about: "vrrp", line: `INSTANCE "${instance}" ${state}_PRIORITY ${to}\n` };
    }
    case "quorum": {
      const service = names.virtualServer(event.virtual_server);
      return service === null ? null : { about: "lvs", line: `VS ${service} ${event.to}\n` };
    }
    case "real_server_state": {
      const service = names.virtualServer(event.virtual_server);
      const server = names.realServer(event.virtual_server, event.real_server);
      if (service === null || server === null) return null;
      return { about: "lvs", line: `RS ${server} ${service} ${event.to}\n` };
    }
    case "tracker_state":
    case "real_server_still_down":
    case "maintenance":
    case "degraded":
    case "confirmation":
      return null;
    default:
      return unreachable(event);
  }
}

export function stateLine({ kind, name }: Subject, state: HookState, priority: number): EventLine {
  return { about: "vrrp", line: `${kind} "${name}" ${state} ${priority}\n` };
}
