// One HTTP/1.1 GET on a connection of its own. Redirects are not followed: they are judged by their status.
// The first 64 KiB of the body are judged, as UTF-8; the rest is not read.

import { type IncomingMessage, request } from "node:http";
import type { BodyMatch, HttpCheckConfig, ProbeResult, Target } from "../model.ts";
import { attempt, connectFailure, dropSocket, type Outcome, type ProbeContext } from "./attempt.ts";
import { openTcp } from "./open.ts";

export const BODY_JUDGED_BYTES: number = 64 * 1024;

const NO_ANSWER = "the connection closed before an answer";

export async function probeHttp(
  target: Target,
  config: HttpCheckConfig,
  context: ProbeContext,
): Promise<ProbeResult> {
  return attempt({ timeoutMs: config.timeoutMs, ...context }, (end) => {
    const matches = config.body === null ? undefined : bodyMatcher(config.body);
    const socket = openTcp(target, config);
    let connected = false;
    let whole = false;
    let answered = false;

    const get = request({
      createConnection: () => socket,
      path: config.path,
      method: "GET",
      setHost: false,
      headers: {
        Host: config.host ?? hostHeader(target),
        "User-Agent": "duet",
        Accept: "*/*",
        Connection: "close",
      },
    });
    socket.on("connect", () => {
      connected = true;
    });
    get.on("error", (error) => end(connected ? answerFailure(error) : connectFailure(error)));
    get.on("response", (answer) => {
      answered = true;
      readBody(answer, (body, complete) => {
        whole = complete;
        end(judge(config, answer.statusCode ?? 0, body, matches));
      });
      // An answer that breaks off is seen by the "close" of the request.
      answer.on("error", () => {});
    });
    get.on("upgrade", (answer, upgraded) => {
      upgraded.destroy();
      end(judge(config, answer.statusCode ?? 0, Buffer.alloc(0), matches));
    });
    get.on("close", () => end(badResponse(answered ? "the answer broke off" : NO_ANSWER)));
    get.end();

    return () => {
      // After a whole answer a plain close: a reset would look like an error in the server's log.
      if (!whole) dropSocket(socket);
      get.destroy();
    };
  });
}

/** Hands over the body once: all of it, or as much as is judged. */
function readBody(answer: IncomingMessage, done: (body: Buffer, complete: boolean) => void): void {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  answer.on("data", (chunk: Buffer) => {
    if (lengthBytes >= BODY_JUDGED_BYTES) return;
    chunks.push(chunk);
    lengthBytes += chunk.length;
    if (lengthBytes >= BODY_JUDGED_BYTES) {
      done(Buffer.concat(chunks).subarray(0, BODY_JUDGED_BYTES), false);
    }
  });
  answer.on("end", () => {
    if (lengthBytes < BODY_JUDGED_BYTES) done(Buffer.concat(chunks), true);
  });
}

function judge(
  config: HttpCheckConfig,
  status: number,
  body: Buffer,
  matches: Matcher | undefined,
): Outcome {
  if (!config.status.some(([from, to]) => status >= from && status <= to)) {
    const detail = `${status}, wanted ${config.status.map(rangeText).join(" or ")}`;
    return { ok: false, cause: "wrong_status", detail };
  }
  const mismatch = matches?.(body.toString("utf8"));
  if (mismatch !== undefined) return { ok: false, cause: "body_mismatch", detail: mismatch };
  return { ok: true, detail: String(status) };
}

/** undefined = the body is right, otherwise what is wrong with it. */
type Matcher = (body: string) => string | undefined;

function bodyMatcher(match: BodyMatch): Matcher {
  if (match.kind === "text") {
    return (body) =>
      body.includes(match.text) ? undefined : `body does not contain ${JSON.stringify(match.text)}`;
  }
  const regex = new RegExp(match.source);
  return (body) => (regex.test(body) ? undefined : `body does not match /${match.source}/`);
}

function answerFailure(error: NodeJS.ErrnoException): Outcome {
  const { code = "" } = error;
  // llhttp's names: HPE_INVALID_CONSTANT, HPE_HEADER_OVERFLOW and so on.
  if (code.startsWith("HPE_")) return badResponse(`malformed answer (${code})`);
  if (error.message === "socket hang up") return badResponse(NO_ANSWER);
  return badResponse(code === "" ? error.message : code);
}

function badResponse(detail: string): Outcome {
  return { ok: false, cause: "bad_response", detail };
}

function rangeText([from, to]: readonly [number, number]): string {
  return from === to ? String(from) : `${from}-${to}`;
}

function hostHeader({ address, port }: Target): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
