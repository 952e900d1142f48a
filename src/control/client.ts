// One question to a running duet over its control socket.

import { request as httpRequest, type IncomingMessage } from "node:http";
import { abortAfter } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import { controlSocketPath } from "./requests.ts";

export type ControlReply =
  /** `status` is HTTP's; a refusal by duet is an answer too. */
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly reason: ControlFailure; readonly detail: string };

export type ControlFailure = "not_running" | "forbidden" | "timeout" | "bad_answer";

const BODY_LIMIT_BYTES = 64 * 2 ** 20;

/** Never throws. */
export async function request(options: {
  readonly runDir: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly timeoutMs: number;
  /** Of the answer; left out = enough for a status. */
  readonly limitBytes?: number;
}): Promise<ControlReply> {
  const { runDir, method, path, timeoutMs, limitBytes = BODY_LIMIT_BYTES } = options;
  const signal = abortAfter(timeoutMs);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const socketPath = controlSocketPath(runDir);
      httpRequest({ socketPath, method, path, signal, agent: false }, resolve)
        .on("error", reject)
        .end();
    });
    return await readReply(response, limitBytes);
  } catch (error) {
    const detail = signal.aborted ? `no answer in ${timeoutMs} ms` : errorText(error);
    return { ok: false, reason: signal.aborted ? "timeout" : reasonOf(error), detail };
  }
}

async function readReply(response: IncomingMessage, limitBytes: number): Promise<ControlReply> {
  const parts: Buffer[] = [];
  let lengthBytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    lengthBytes += part.length;
    if (lengthBytes > limitBytes) {
      throw new Error(`Cannot read the answer: it has more than ${limitBytes} bytes`);
    }
    parts.push(part);
  }
  const body: unknown = JSON.parse(Buffer.concat(parts).toString("utf8"));
  return { ok: true, status: response.statusCode ?? 0, body };
}

function reasonOf(error: unknown): ControlFailure {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR") return "not_running";
  if (code === "EACCES" || code === "EPERM") return "forbidden";
  return "bad_answer";
}
