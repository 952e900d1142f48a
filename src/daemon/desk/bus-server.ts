// The desk's end of the bus: takes the events of the roles and asks them for their status.

import { createServer, type Socket } from "node:net";
import type { Event } from "../../control/events.ts";
import type { Maintenance } from "../../control/maintenance.ts";
import { SWITCHOVER_LIMIT_MS, type SwitchoverOrder } from "../../control/switchover.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { isSameJson } from "../../lib/same-json.ts";
import { listenOnPath } from "../../lib/unix-socket.ts";
import { unreachable } from "../../lib/unreachable.ts";
import { within } from "../../lib/within.ts";
import type { Tracked } from "../../track/model.ts";
import { openLineReader, parseLine } from "../process/bus-lines.ts";
import {
  type BusRole,
  type DeskToRole,
  decodeRoleToDesk,
  LINE_LIMIT_BYTES,
  type RoleToDesk,
  SESSIONS_WAITING_BYTES_MAX,
  type SessionsMessage,
  type StatusRequest,
  type SwitchoverRequest,
} from "../process/bus-messages.ts";

export type BusServer = {
  /** The body of the role's answer; undefined when none came in time. A role that connects meanwhile is asked too. */
  readonly status: (
    role: BusRole,
    timeoutMs: number,
    what?: StatusRequest["what"],
  ) => Promise<unknown>;
  /** The body of vrrp's answer; undefined = there is none: it may have been done all the same. */
  readonly switchOver: (order: SwitchoverOrder) => Promise<unknown>;
  /** To vrrp, now and whenever it connects again. */
  readonly tellMaintenance: (maintenance: Maintenance | null) => void;
  /** Resolves when the role is not connected (any more), or after `limitMs`: what it said before is then taken. */
  readonly ended: (role: BusRole, limitMs: number) => Promise<void>;
  /** To vrrp, now and whenever it connects again. */
  readonly tellTracked: (tracked: readonly Tracked[]) => void;
  /** To the director, now and whenever it connects again. */
  readonly tellInstance: (name: string, state: string) => void;
  readonly close: () => void;
};

type Question = {
  readonly role: BusRole;
  readonly request: StatusRequest | SwitchoverRequest;
  readonly answer: (body: unknown) => void;
};

const CONNECTIONS_MAX = 16;

export async function openBusServer(options: {
  readonly path: string;
  readonly onEvent: (event: Event) => void;
  /** A role has connected (again). */
  readonly onHello?: (role: BusRole) => void;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<BusServer> {
  const { clock, log } = options;
  const roles = new Map<BusRole, Socket>();
  const connections = new Set<Socket>();
  const questions = new Map<number, Question>();
  /** Told when a role is gone. */
  const endings = new Map<BusRole, () => void>();
  let lastId = 0;
  /** What a role is told again whenever it connects. */
  const standing = new Map<DeskToRole["type"], { role: BusRole; message: DeskToRole }>();
  tell("vrrp", { type: "tracked", tracked: [] });

  const server = createServer(accept);
  server.maxConnections = CONNECTIONS_MAX;
  await listenOnPath(server, options.path);
  server.on("error", (error) => log.error({ error: errorText(error) }, "bus failed"));

  function accept(socket: Socket): void {
    let role: BusRole | undefined;
    connections.add(socket);
    const reader = openLineReader({
      limitBytes: LINE_LIMIT_BYTES,
      onLine(line) {
        const message = decodeRoleToDesk(parseLine(line));
        if (message === undefined) return false;
        if (message.type === "hello") role = message.role;
        take(message, socket);
        return true;
      },
    });
    socket.on("data", (chunk: Buffer) => {
      if (reader.give(chunk)) return;
      log.warn({ from: role ?? null }, "bus connection closed: not a message of the bus");
      socket.destroy();
    });
    socket.on("error", (error) =>
      log.debug({ from: role ?? null, error: errorText(error) }, "bus connection failed"),
    );
    socket.on("close", () => {
      connections.delete(socket);
      if (role !== undefined && roles.get(role) === socket) roles.delete(role);
      if (role !== undefined && !roles.has(role)) endings.get(role)?.();
    });
  }

  function take(message: RoleToDesk, socket: Socket): void {
    switch (message.type) {
      case "hello": {
        const before = roles.get(message.role);
        if (before !== socket) before?.destroy();
        roles.set(message.role, socket);
        for (const { role, message: told } of standing.values()) {
          if (role === message.role) send(socket, told);
        }
        for (const { role, request } of questions.values()) {
          // A switchover is asked for once, of who was there.
          if (role === message.role && request.type === "status-request") send(socket, request);
        }
        options.onHello?.(message.role);
        return;
      }
      case "sessions":
        return relay(message);
      case "event":
        return options.onEvent(message.event);
      case "status":
        return questions.get(message.id)?.answer(message.body);
      default:
        return unreachable(message);
    }
  }

  function relay(message: SessionsMessage): void {
    const director = roles.get("director");
    if (director === undefined || director.writableLength > SESSIONS_WAITING_BYTES_MAX) return;
    send(director, message);
  }

  function tell(role: BusRole, message: DeskToRole): void {
    standing.set(message.type, { role, message });
    const socket = roles.get(role);
    if (socket !== undefined) send(socket, message);
  }

  function send(socket: Socket, message: DeskToRole): void {
    socket.write(`${JSON.stringify(message)}\n`);
  }

  async function ask(
    role: BusRole,
    timeoutMs: number,
    request: StatusRequest | SwitchoverRequest,
  ): Promise<unknown> {
    const { id } = request;
    const body = await within<unknown>(clock, timeoutMs, (answer) => {
      questions.set(id, { role, request, answer });
      const socket = roles.get(role);
      if (socket !== undefined) send(socket, request);
      else if (request.type === "switchover") answer(undefined);
    });
    questions.delete(id);
    return body;
  }

  function nextId(): number {
    lastId += 1;
    return lastId;
  }

  return {
    status: async (role, timeoutMs, what) =>
      ask(role, timeoutMs, { type: "status-request", id: nextId(), ...(what && { what }) }),
    switchOver: async (order) =>
      ask("vrrp", SWITCHOVER_LIMIT_MS, { type: "switchover", id: nextId(), order }),
    tellMaintenance: (maintenance) => tell("vrrp", { type: "maintenance", maintenance }),
    async ended(role, limitMs) {
      if (roles.has(role)) await within(clock, limitMs, (done) => void endings.set(role, done));
    },
    tellTracked: (tracked) => tell("vrrp", { type: "tracked", tracked }),
    tellInstance(name, state) {
      const next = { type: "instance", name, state } as const;
      if (!isSameJson(standing.get("instance")?.message, next)) tell("director", next);
    },
    close() {
      server.close();
      for (const { answer } of questions.values()) answer(undefined);
      for (const socket of connections) socket.destroy();
    },
  };
}
