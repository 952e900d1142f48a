// A role's end of the bus: tells the desk what happened and answers its questions. The desk may be slow,
// dead or not yet born: nothing here blocks or throws, and what waits is bounded.

import { connect, type Socket } from "node:net";
import type { Event } from "../../control/events.ts";
import type { Maintenance } from "../../control/maintenance.ts";
import type { SwitchoverAnswer, SwitchoverOrder } from "../../control/switchover.ts";
import { backoffMs } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { unreachable } from "../../lib/unreachable.ts";
import { within } from "../../lib/within.ts";
import type { Tracked } from "../../track/model.ts";
import { openLineReader, parseLine } from "./bus-lines.ts";
import {
  type BusRole,
  type DeskToRole,
  decodeDeskToRole,
  LINE_LIMIT_BYTES,
  type RoleToDesk,
  SESSIONS_WAITING_BYTES_MAX,
  type SessionsMessage,
  type StatusRequest,
} from "./bus-messages.ts";

export type BusClient = {
  readonly tell: (event: Event) => void;
  /** Lost while there is no desk: it is said again every second. */
  readonly tellSessions: (message: SessionsMessage) => void;
  /** Resolves when the system took every event, or after `limitMs`. */
  readonly flush: (limitMs: number) => Promise<void>;
  readonly close: () => void;
};

type BusOptions = {
  readonly path: string;
  readonly role: BusRole;
  /** The body of a status answer; asked only while a desk listens. */
  readonly status: () => unknown;
  /** What a reload is planned with; only the director is asked. */
  readonly facts?: () => unknown;
  /** What the desk knows of tracked scripts; only vrrp is told. */
  readonly onTracked?: (tracked: readonly Tracked[]) => void;
  /** What a VRRP instance became; only the director is told. */
  readonly onInstance?: (name: string, state: string) => void;
  /** What BFD sessions are; only the director is told. */
  readonly onSessions?: (teller: number, sessions: SessionsMessage["sessions"]) => void;
  /** Only vrrp is told. */
  readonly onMaintenance?: (maintenance: Maintenance | null) => void;
  /** Only vrrp is asked. */
  readonly onSwitchover?: (order: SwitchoverOrder) => Promise<SwitchoverAnswer>;
  readonly clock: Clock;
  readonly log: Log;
  /** Events that wait for the desk; of more the oldest go. */
  readonly waitingMax?: number;
};

/** A thousand instances that change together tell a few events each, while the desk may still be loading. */
const WAITING_EVENTS_MAX = 5000;
const RETRY = { firstMs: 50, maxMs: 1000 };

export function openBusClient(options: BusOptions): BusClient {
  const { clock, log } = options;
  let socket: Socket | undefined;
  let connected = false;
  let closed = false;
  let failures = 0;
  let dropped = 0;
  let waiting: Event[] = [];
  /** Written, but not yet taken by the system: they go back to the queue when the connection breaks. */
  let sending: Event[] = [];
  const flushes = new Set<() => void>();
  const retry = clock.alarm(open);

  function open(): void {
    const mine = connect(options.path);
    socket = mine;
    const reader = openLineReader({ limitBytes: LINE_LIMIT_BYTES, onLine });
    mine.on("connect", () => {
      connected = true;
      failures = 0;
      write([{ type: "hello", role: options.role }]);
      pump();
    });
    mine.on("data", (chunk: Buffer) => {
      if (!reader.give(chunk)) mine.destroy();
    });
    mine.on("error", (error) => log.trace({ error: errorText(error) }, "bus connection failed"));
    mine.on("close", () => {
      connected = false;
      waiting = [...sending, ...waiting];
      sending = [];
      trim();
      if (closed) return;
      failures += 1;
      retry.set(clock.nowMs() + backoffMs(RETRY, failures));
    });
  }

  function onLine(line: string): boolean {
    const message = decodeDeskToRole(parseLine(line));
    if (message === undefined) return false;
    if (message.type !== "status-request") {
      take(options, message, (id, body) => write([{ type: "status", id, body }]));
      return true;
    }
    // A desk that asks but does not read gets no second answer: it would pile up here.
    if ((socket?.writableLength ?? 0) > LINE_LIMIT_BYTES) return true;
    try {
      const body = message.what === "facts" ? options.facts?.() : options.status();
      write([{ type: "status", id: message.id, body }]);
    } catch (error) {
      log.error({ error: errorText(error) }, "status failed");
    }
    return true;
  }

  function write(messages: readonly RoleToDesk[], taken?: () => void): void {
    const text = messages.map((message) => `${JSON.stringify(message)}\n`).join("");
    socket?.write(text, (error) => {
      if (error === null || error === undefined) taken?.();
    });
  }

  function pump(): void {
    if (!connected || sending.length > 0) return;
    if (waiting.length === 0) {
      tellFlushed();
      return;
    }
    const mine = socket;
    sending = waiting;
    waiting = [];
    sayDropped();
    write(
      sending.map((event) => ({ type: "event", event })),
      taken,
    );
    function taken(): void {
      if (mine !== socket) return;
      sending = [];
      pump();
    }
  }

  function tellFlushed(): void {
    for (const done of flushes) done();
    flushes.clear();
  }

  function trim(): void {
    const surplus = sending.length + waiting.length - (options.waitingMax ?? WAITING_EVENTS_MAX);
    if (surplus <= 0) return;
    dropped += waiting.splice(0, surplus).length;
  }

  function sayDropped(): void {
    if (dropped > 0) log.warn({ dropped }, "events dropped while the desk was away");
    dropped = 0;
  }

  open();
  return {
    tell(event) {
      if (closed) return;
      waiting.push(event);
      trim();
      // What is told in one go is one write, after whatever else this moment has to do.
      if (waiting.length === 1) queueMicrotask(pump);
    },
    tellSessions(message) {
      if (connected && (socket?.writableLength ?? 0) <= SESSIONS_WAITING_BYTES_MAX)
        write([message]);
    },
    async flush(limitMs) {
      if (closed || sending.length + waiting.length === 0) return;
      await within(clock, limitMs, (done) => void flushes.add(done));
    },
    close() {
      pump();
      closed = true;
      retry.set(Infinity);
      tellFlushed();
      // What the system has not taken yet is still sent before the connection ends.
      if (connected) socket?.end();
      else socket?.destroy();
    },
  };
}

/** What the desk says without being asked, and what takes its time. */
function take(
  options: BusOptions,
  message: Exclude<DeskToRole, StatusRequest>,
  answer: (id: number, body: unknown) => void,
): void {
  switch (message.type) {
    case "tracked":
      return options.onTracked?.(message.tracked);
    case "instance":
      return options.onInstance?.(message.name, message.state);
    case "sessions":
      return options.onSessions?.(message.teller, message.sessions);
    case "maintenance":
      return options.onMaintenance?.(message.maintenance);
    case "switchover":
      return void options.onSwitchover?.(message.order).then((body) => answer(message.id, body));
    default:
      return unreachable(message);
  }
}
