// What an event says in a mail; the subjects are keepalived's, so that filters go on working. Pure.

import type { Event } from "../control/events.ts";
import { plainData } from "../lib/plain-text.ts";
import { unreachable } from "../lib/unreachable.ts";
import type { Mail } from "./digest.ts";
import type { ServerNames } from "./event-lines.ts";

/** null = this event is not for a mail. */
export function eventMail(event: Event, routerId: string, names: ServerNames): Mail | null {
  // What servers, scripts and other nodes say is in the causes: a mail is read in a terminal too.
  const said = wordsOf(plainData(event), names);
  if (said === null || !("cause" in event)) return null;
  const { subject, about, lines } = said;
  const { at, cause } = plainData(event);
  const text = [...lines, `Cause: ${cause}`, `At: ${at}`, `Node: ${routerId}`].join("\n");
  return {
    subject: `[${routerId}] ${subject}`,
    text: `${text}\n`,
    about,
    line: `${at} ${subject}: ${cause}`,
    node: routerId,
  };
}

type Words = {
  readonly subject: string;
  readonly about: string;
  readonly lines: readonly string[];
};

function wordsOf(event: Event, names: ServerNames): Words | null {
  switch (event.kind) {
    case "instance_state":
      return {
        subject: `VRRP Instance ${event.instance} - ${stateWords(event.to)}`,
        about: `VRRP Instance ${event.to}`,
        lines: [
          `VRRP instance ${event.instance}: ${event.from} -> ${event.to}`,
          `Priority: ${event.priority}${whyText(event)}`,
          ...peerLines(event),
          ...(event.faults ?? []).map(
            ({ cause, detail }) => `Fault: ${cause}${detail === null ? "" : `, ${detail}`}`,
          ),
        ],
      };
    case "group_state":
      return {
        subject: `VRRP Group ${event.group} - ${stateWords(event.to)}`,
        about: `VRRP Group ${event.to}`,
        lines: [
          `VRRP sync group ${event.group}: ${event.from} -> ${event.to}`,
          ...(event.because === undefined ? [] : [`Because: ${event.because}`]),
        ],
      };
    case "quorum": {
      const { virtual_server: name, to } = event;
      return {
        subject: `Virtualserver ${names.virtualServer(name) ?? name} - ${to}`,
        about: `Virtualserver ${to}`,
        lines: [`Virtual server ${name}: quorum ${to === "UP" ? "gained" : "lost"}`],
      };
    }
    case "real_server_state":
      return serverWords(event, names, event.to);
    case "real_server_still_down":
      return serverWords(event, names, "still DOWN", `Since: ${event.since}`);
    case "maintenance":
      return serverWords(event, names, event.to === "MAINT" ? "MAINT" : `MAINT ended, ${event.to}`);
    case "priority":
    case "rx_lower_priority":
    case "split_won":
    case "tracker_state":
    case "degraded":
    case "confirmation":
      return null;
    default:
      return unreachable(event);
  }
}

type InstanceEvent = Event & { readonly kind: "instance_state" };

function whyText({ priority, priority_why = String(priority) }: InstanceEvent): string {
  return priority_why === String(priority) ? "" : ` (${priority_why})`;
}

function peerLines({ peer = null }: InstanceEvent): readonly string[] {
  if (peer === null) return [];
  const { address, priority, heard_ms_ago } = peer;
  return [`Peer: ${address}, priority ${priority}, last heard ${heard_ms_ago} ms before`];
}

type Server = { readonly virtual_server: string; readonly real_server: string };

function serverWords(
  { virtual_server, real_server }: Server,
  names: ServerNames,
  what: string,
  ...more: readonly string[]
): Words {
  const service = names.virtualServer(virtual_server) ?? virtual_server;
  const server = names.realServer(virtual_server, real_server) ?? real_server;
  return {
    subject: `Realserver ${server} of virtual server ${service} - ${what}`,
    about: `Realserver ${what}`,
    lines: [`Real server ${real_server} of virtual server ${virtual_server}: ${what}`, ...more],
  };
}

type To = (Event & { readonly kind: "instance_state" })["to"];

function stateWords(to: To): string {
  if (to === "DELETED") return "Deleted";
  return to === "STOP" ? "Stopping" : `Entering ${to} state`;
}
