// What an event says in a mail; the subjects are keepalived's, so that filters go on working. Pure.

import type { Event } from "../control/events.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { ServerNames } from "./event-lines.ts";
import type { Mail } from "./mail-queue.ts";

/** null = this event is not for a mail. */
export function eventMail(event: Event, routerId: string, names: ServerNames): Mail | null {
  switch (event.kind) {
    case "instance_state":
      return mail(event, routerId, `VRRP Instance ${event.instance} - ${stateWords(event.to)}`, [
        `VRRP instance ${event.instance}: ${event.from} -> ${event.to}`,
        `Priority: ${event.priority}`,
      ]);
    case "group_state":
      return mail(event, routerId, `VRRP Group ${event.group} - ${stateWords(event.to)}`, [
        `VRRP sync group ${event.group}: ${event.from} -> ${event.to}`,
      ]);
    case "quorum": {
      const service = names.virtualServer(event.virtual_server) ?? event.virtual_server;
      return mail(event, routerId, `Virtualserver ${service} - ${event.to}`, [
        `Virtual server ${event.virtual_server}: quorum ${event.to === "UP" ? "gained" : "lost"}`,
      ]);
    }
    case "real_server_state": {
      const { virtual_server, real_server, to } = event;
      const service = names.virtualServer(virtual_server) ?? virtual_server;
      const server = names.realServer(virtual_server, real_server) ?? real_server;
      return mail(event, routerId, `Realserver ${server} of virtual server ${service} - ${to}`, [
        `Real server ${real_server} of virtual server ${virtual_server}: ${to}`,
      ]);
    }
    case "priority":
    case "rx_lower_priority":
    case "split_won":
    case "tracker_state":
      return null;
    default:
      return unreachable(event);
  }
}

type To = (Event & { readonly kind: "instance_state" })["to"];

function stateWords(to: To): string {
  if (to === "DELETED") return "Deleted";
  return to === "STOP" ? "Stopping" : `Entering ${to} state`;
}

function mail(
  { at, cause }: { readonly at: string; readonly cause: string },
  routerId: string,
  subject: string,
  lines: readonly string[],
): Mail {
  const body = [...lines, `Cause: ${cause}`, `At: ${at}`, `Node: ${routerId}`];
  return { subject: `[${routerId}] ${subject}`, text: `${body.join("\n")}\n` };
}
