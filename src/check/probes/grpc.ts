// The health service of gRPC: grpc.health.v1.Health/Check. Two messages of one field each, so encoded here.

import type { Http2Answer } from "../http2/exchange.ts";
import type { Field } from "../http2/hpack.ts";
import { attempt, badResponse, type Outcome } from "./attempt.ts";
import { openChannel } from "./channel.ts";
import { hostOf } from "./http-exchange.ts";
import { ALPN_HTTP2, exchangeHttp2 } from "./http2.ts";
import { warned } from "./open-tls.ts";
import type { ProbeOf } from "./probe.ts";

const ANSWER_MAX_BYTES = 4096;

export const probeGrpc: ProbeOf<"grpc"> = async (target, config, context) => {
  const { timeoutMs, tls, service, host } = config;
  return attempt({ timeoutMs, ...context }, (end, awaits) =>
    openChannel(target, config, {
      tls,
      alpn: ALPN_HTTP2,
      end,
      awaits,
      ready(channel, summary) {
        const fields: readonly Field[] = [
          [":method", "POST"],
          [":scheme", tls === null ? "http" : "https"],
          [":authority", host ?? hostOf(target)],
          [":path", "/grpc.health.v1.Health/Check"],
          ["content-type", "application/grpc"],
          ["te", "trailers"],
          ["user-agent", "duet"],
        ];
        const asked = {
          fields,
          body: requestMessage(service),
          bodyMaxBytes: ANSWER_MAX_BYTES,
          wantsDigest: false,
        };
        return exchangeHttp2(channel, asked, {
          heard: () => {},
          end,
          answer: (answer) => end(warned(judge(answer), summary)),
        });
      },
    }),
  );
};

/** HealthCheckRequest{1: service}, not compressed, behind its length. */
function requestMessage(service: string): Buffer {
  const name = Buffer.from(service);
  // A name is shorter than 128 bytes, so that its length is one byte (types/grpc.ts).
  const message = name.length === 0 ? name : Buffer.concat([Buffer.of(0x0a, name.length), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function judge({ status, head, trailers, body, whole }: Http2Answer): Outcome {
  if (status !== 200) {
    return { ok: false, cause: "wrong_status", detail: `HTTP status ${status}, wanted 200` };
  }
  const code = trailers.get("grpc-status") ?? head.get("grpc-status");
  if (code === undefined || !whole) return badResponse("an answer without grpc-status");
  if (code !== "0") {
    const said = trailers.get("grpc-message") ?? head.get("grpc-message") ?? "";
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
