// The health service of gRPC: grpc.health.v1.Health/Check. Two messages of one field each, so encoded here.

import type { IncomingHttpHeaders } from "node:http2";
import type { GrpcCheckConfig, ProbeResult, Target } from "../model.ts";
import { attempt, badResponse, type Outcome, type ProbeContext } from "./attempt.ts";
import { dial } from "./dial.ts";
import { hostOf } from "./http-exchange.ts";
import { exchangeHttp2, type Http2Answer } from "./http2.ts";
import { warned } from "./open-tls.ts";

const ANSWER_MAX_BYTES = 4096;

export async function probeGrpc(
  target: Target,
  config: GrpcCheckConfig,
  context: ProbeContext,
): Promise<ProbeResult> {
  const { timeoutMs, tls, service, host } = config;
  return attempt({ timeoutMs, ...context }, (end, awaits) =>
    dial(target, config, {
      tls,
      alpn: ["h2"],
      framed: true,
      end,
      awaits,
      ready(stream, summary) {
        const headers = {
          ":method": "POST",
          ":path": "/grpc.health.v1.Health/Check",
          ":authority": host ?? hostOf(target),
          "content-type": "application/grpc",
          te: "trailers",
          "user-agent": "duet",
        };
        exchangeHttp2(
          stream,
          { headers, body: requestMessage(service), bodyMaxBytes: ANSWER_MAX_BYTES },
          {
            heard: () => {},
            end,
            answer: (answer) => end(warned(judge(answer), summary)),
          },
        );
      },
    }),
  );
}

/** HealthCheckRequest{1: service}, not compressed, behind its length. */
function requestMessage(service: string): Buffer {
  const name = Buffer.from(service);
  // A name is shorter than 128 bytes, so that its length is one byte (keys-web.ts).
  const message = name.length === 0 ? name : Buffer.concat([Buffer.of(0x0a, name.length), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function judge({ status, head, trailers, body, whole }: Http2Answer): Outcome {
  if (status !== 200) {
    return { ok: false, cause: "wrong_status", detail: `HTTP status ${status}, wanted 200` };
  }
  const code = text(trailers, "grpc-status") ?? text(head, "grpc-status");
  if (code === undefined || !whole) return badResponse("an answer without grpc-status");
  if (code !== "0") {
    const said = text(trailers, "grpc-message") ?? text(head, "grpc-message") ?? "";
    const name = GRPC_CODES[Number(code)] ?? code;
    return { ok: false, cause: "unexpected_answer", detail: `${name}${said && `: ${said}`}` };
  }
  const state = servingStatus(body);
  if (state === undefined) return badResponse("no HealthCheckResponse");
  const word = SERVING_WORDS[state] ?? String(state);
  return state === SERVING
    ? { ok: true, detail: word }
    : { ok: false, cause: "unexpected_answer", detail: word };
}

const SERVING = 1;
const SERVING_WORDS = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];

const GRPC_CODES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND (no such service)",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED (no health service)",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** HealthCheckResponse{1: status}: an enum below 128, and left out when it is 0. */
function servingStatus(body: Buffer): number | undefined {
  if (body.length < 5 || body[0] !== 0) return undefined;
  const message = body.subarray(5);
  if (message.length !== body.readUInt32BE(1)) return undefined;
  if (message.length === 0) return 0;
  const [field, value = 0x80] = message;
  return message.length === 2 && field === 0x08 && value < 0x80 ? value : undefined;
}

function text(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}
