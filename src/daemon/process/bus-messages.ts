// What the roles and the desk say to each other on <run-dir>/bus.sock: one closed union a direction,
// one JSON text a line. The guardian is not in this path.

import type { SessionNow } from "../../check/sessions.ts";
import type { Event } from "../../control/events.ts";
import type { Maintenance } from "../../control/maintenance.ts";
import type { SwitchoverOrder } from "../../control/switchover.ts";
import { isRecord } from "../../lib/json.ts";
import type { Tracked } from "../../track/model.ts";

export type BusRole = "vrrp" | "director";

export type RoleToDesk =
  /** First on every connection. */
  | { readonly type: "hello"; readonly role: BusRole }
  | { readonly type: "event"; readonly event: Event }
  | SessionsMessage
  /** The answer to the request of the same id. */
  | { readonly type: "status"; readonly id: number; readonly body: unknown };

export type DeskToRole =
  | StatusRequest
  /** To vrrp: to be answered as a status-request is. */
  | SwitchoverRequest
  /** To vrrp: whether this node is in maintenance. */
  | { readonly type: "maintenance"; readonly maintenance: Maintenance | null }
  /** To vrrp: everything that is known of the tracked scripts. */
  | { readonly type: "tracked"; readonly tracked: readonly Tracked[] }
  /** To the director: what the VRRP instance became that decides about connection sync. */
  | { readonly type: "instance"; readonly name: string; readonly state: string }
  | SessionsMessage;

/** `what`: to the director, for what a reload is planned with; left out = the status. */
export type StatusRequest = {
  readonly type: "status-request";
  readonly id: number;
  readonly what?: "facts";
};

export type SwitchoverRequest = {
  readonly type: "switchover";
  readonly id: number;
  readonly order: SwitchoverOrder;
};

/** From vrrp by the desk to the director, which checks by them: what BFD sessions are, at every change and every second. */
export type SessionsMessage = {
  readonly type: "sessions";
  /** Another one after each start of vrrp. */
  readonly teller: number;
  readonly sessions: readonly SessionNow[];
};

/** A status of many thousand real servers fits. */
export const LINE_LIMIT_BYTES = 64 * 2 ** 20;

/** Behind so much that nobody has read, sessions are said again later. */
export const SESSIONS_WAITING_BYTES_MAX: number = 2 ** 20;

export function busPath(runDir: string): string {
  return `${runDir}/bus.sock`;
}

/** Undefined for anything that is not such a message. */
export function decodeRoleToDesk(value: unknown): RoleToDesk | undefined {
  if (!isRecord(value)) return undefined;
  const { type, role, event, id } = value;
  if (type === "hello" && (role === "vrrp" || role === "director")) return { type, role };
  if (type === "event" && isRecord(event) && isEventKind(event["kind"])) {
    return { type, event: event as Event };
  }
  if (type === "status" && typeof id === "number") return { type, id, body: value["body"] };
  return decodeSessions(value);
}

/** Undefined for anything that is not such a message. */
export function decodeDeskToRole(value: unknown): DeskToRole | undefined {
  if (!isRecord(value)) return undefined;
  const { type, id, what, tracked, name, state, order, maintenance } = value;
  if (type === "status-request" && typeof id === "number") {
    return what === "facts" ? { type, id, what } : { type, id };
  }
  if (type === "switchover" && typeof id === "number" && isRecord(order)) {
    return { type, id, order: order as SwitchoverOrder };
  }
  if (type === "maintenance" && (maintenance === null || isRecord(maintenance))) {
    return { type, maintenance: maintenance as Maintenance | null };
  }
  if (type === "tracked" && Array.isArray(tracked)) return { type, tracked: tracked as Tracked[] };
  if (type === "instance" && typeof name === "string" && typeof state === "string") {
    return { type, name, state };
  }
  return decodeSessions(value);
}

function decodeSessions(value: Readonly<Record<string, unknown>>): SessionsMessage | undefined {
  const { type, teller, sessions } = value;
  if (type !== "sessions" || typeof teller !== "number" || !Array.isArray(sessions)) {
    return undefined;
  }
  return { type, teller, sessions: sessions as SessionNow[] };
}

const EVENT_KINDS: Readonly<Record<Event["kind"], true>> = {
  instance_state: true,
  group_state: true,
  priority: true,
  rx_lower_priority: true,
  split_won: true,
  tracker_state: true,
  real_server_state: true,
  real_server_still_down: true,
  maintenance: true,
  quorum: true,
  degraded: true,
  confirmation: true,
};

function isEventKind(kind: unknown): boolean {
  return typeof kind === "string" && Object.hasOwn(EVENT_KINDS, kind);
}
