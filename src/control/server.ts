// The control socket: HTTP+JSON on <run-dir>/duet.sock, for the command line and for curl --unix-socket.
// It knows how to be asked, not the answers: those are handlers. Request bodies are ignored.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { listenOnPath } from "../lib/unix-socket.ts";
import type { Event } from "./events.ts";
import {
  MAINTENANCE_MS_MAX,
  MAINTENANCE_MS_MIN,
  type MaintenanceOrder,
  REASON_LENGTH_MAX,
} from "./maintenance.ts";
import type { Running } from "./plan.ts";
import {
  type Answer,
  CONFIRM_MS_MAX,
  CONFIRM_MS_MIN,
  controlSocketPath,
  type ErrorBody,
  isConfirmMs,
  type Verb,
} from "./requests.ts";
import type { Status } from "./status.ts";
import type { SwitchoverAnswer, SwitchoverOrder } from "./switchover.ts";

export type ControlHandlers = {
  readonly status: () => Promise<Status>;
  /** Newest last; undefined = as many as there are. */
  readonly events: (limit: number | undefined) => readonly Event[];
  /** `confirmMs`: the reload is rolled back unless it is confirmed in this time. */
  readonly request: (verb: Verb, confirmMs?: number) => Promise<Answer>;
  readonly switchOver: (order: SwitchoverOrder) => Promise<SwitchoverAnswer>;
  readonly maintenance: (order: MaintenanceOrder) => Promise<Answer>;
  /** With its secrets. */
  readonly running: () => Promise<Running>;
};

export type ControlServer = {
  /** Takes no new connections and resolves when the last answer is out; connections without a request end at once. */
  readonly close: () => Promise<void>;
  /** Ends what close() still waits for. */
  readonly closeAll: () => void;
};

type Reply = {
  readonly code: number;
  readonly body: Status | readonly Event[] | Answer | SwitchoverAnswer | Running | ErrorBody;
  readonly allow?: string;
};

type Route = {
  readonly method: "GET" | "POST";
  readonly reply: (query: URLSearchParams) => Reply | Promise<Reply>;
};

const CONNECTIONS_MAX = 64;
const REQUEST_LIMIT_MS = 5000;

export async function openControlServer(options: {
  readonly runDir: string;
  readonly handlers: ControlHandlers;
  readonly log: Log;
}): Promise<ControlServer> {
  const { log } = options;
  const routes = routesOf(options.handlers);
  const server = createServer({ requestTimeout: REQUEST_LIMIT_MS }, (request, response) => {
    request.resume();
    void answer(routes, request, log).then((reply) => send(response, reply));
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listenOnPath(server, controlSocketPath(options.runDir));
  server.on("error", (error) => log.error({ error: errorText(error) }, "control socket failed"));

  return {
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
    },
    closeAll: () => server.closeAllConnections(),
  };
}

function routesOf(handlers: ControlHandlers): ReadonlyMap<string, Route> {
  const request = (verb: Verb) => async () => answerReply(handlers.request(verb));
  return new Map<string, Route>([
    [
      "/v1/status",
      { method: "GET", reply: async () => ({ code: 200, body: await handlers.status() }) },
    ],
    ["/v1/events", { method: "GET", reply: (query) => eventsReply(handlers, query) }],
    ["/v1/reload", { method: "POST", reply: (query) => reloadReply(handlers, query) }],
    ["/v1/confirm", { method: "POST", reply: request("confirm") }],
    [
      "/v1/running",
      { method: "POST", reply: async () => ({ code: 200, body: await handlers.running() }) },
    ],
    [
      "/v1/switchover",
      { method: "POST", reply: (query) => answerReply(handlers.switchOver(switchoverOf(query))) },
    ],
    ["/v1/maintenance", { method: "POST", reply: (query) => maintenanceReply(handlers, query) }],
    ["/v1/stop", { method: "POST", reply: request("stop") }],
  ]);
}

async function reloadReply(handlers: ControlHandlers, query: URLSearchParams): Promise<Reply> {
  const written = query.get("confirm_ms");
  const confirmMs = written === null ? undefined : Number(written);
  const isGood = confirmMs === undefined || (/^\d+$/.test(written ?? "") && isConfirmMs(confirmMs));
  if (!isGood) {
    const range = `${CONFIRM_MS_MIN} to ${CONFIRM_MS_MAX}`;
    return refusal(400, `Cannot use confirm_ms "${written}": it must be a whole number, ${range}`);
  }
  return answerReply(handlers.request("reload", confirmMs));
}

async function answerReply(answer: Promise<Answer>): Promise<Reply> {
  const body = await answer;
  return { code: body.ok ? 200 : 409, body };
}

function switchoverOf(query: URLSearchParams): SwitchoverOrder {
  return { of: query.get("of"), isAll: query.has("all"), isForced: query.has("force") };
}

async function maintenanceReply(handlers: ControlHandlers, query: URLSearchParams): Promise<Reply> {
  if (query.has("off")) return answerReply(handlers.maintenance({ isOn: false }));
  const written = query.get("for_ms");
  const forMs = written === null ? null : Number(written);
  const isGood =
    forMs === null ||
    (/^\d+$/.test(written ?? "") && forMs >= MAINTENANCE_MS_MIN && forMs <= MAINTENANCE_MS_MAX);
  if (!isGood) {
    const range = `${MAINTENANCE_MS_MIN} to ${MAINTENANCE_MS_MAX}`;
    return refusal(400, `Cannot use for_ms "${written}": it must be a whole number, ${range}`);
  }
  const reason = query.get("reason")?.slice(0, REASON_LENGTH_MAX) ?? null;
  const isForced = query.has("force");
  return answerReply(handlers.maintenance({ isOn: true, forMs, reason, isForced }));
}

function eventsReply(handlers: ControlHandlers, query: URLSearchParams): Reply {
  const limit = query.get("limit");
  if (limit !== null && !/^\d{1,9}$/.test(limit)) {
    return refusal(400, `Cannot use limit "${limit}": it must be a whole number`);
  }
  return { code: 200, body: handlers.events(limit === null ? undefined : Number(limit)) };
}

async function answer(
  routes: ReadonlyMap<string, Route>,
  request: IncomingMessage,
  log: Log,
): Promise<Reply> {
  const { method = "", url = "" } = request;
  const [path = "", query] = url.split("?", 2);
  const route = routes.get(path);
  if (route === undefined) {
    return refusal(404, `Cannot find "${path}": there are ${[...routes.keys()].join(", ")}`);
  }
  if (route.method !== method) {
    const text = `Cannot use ${method} on "${path}": it must be ${route.method}`;
    return { ...refusal(405, text), allow: route.method };
  }
  try {
    return await route.reply(new URLSearchParams(query));
  } catch (error) {
    log.error({ path, error: errorText(error) }, "request failed");
    return refusal(500, errorText(error));
  }
}

function refusal(code: number, error: string): Reply {
  return { code, body: { error } };
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.code, {
    "content-type": "application/json",
    // One question a connection: a kept-alive one would hold a stopping desk.
    connection: "close",
    ...(reply.allow === undefined ? {} : { allow: reply.allow }),
  });
  response.end(`${JSON.stringify(reply.body)}\n`);
}
