// One request over HTTP/1.0 or 1.1, on a stream of its own. RFC 9112.

import { badResponse, type Outcome } from "./attempt.ts";
import type { Channel, Hearing } from "./channel.ts";
import { type HttpRequest, type HttpWay, headersOf } from "./http-exchange.ts";
import { answerReader } from "./http1-answer.ts";
import { isTlsError, tlsFailure } from "./open-tls.ts";

const OWN_HEADERS = { "User-Agent": "duet", Accept: "*/*" };

/** Ends by `answer` or `end`; the stream is the caller's to drop when it was not closed here. */
export function askHttp1(channel: Channel, request: HttpRequest, way: HttpWay): Hearing {
  const reader = answerReader(request);

  function settle(found: ReturnType<typeof reader.give>): void {
    if (typeof found === "string") way.end(badResponse(found));
    else if (found !== undefined) {
      if (found.whole) channel.close();
      way.answer(found);
    }
  }

  channel.write(bytesOf(request));
  return {
    onBytes(bytes) {
      const found = reader.give(bytes);
      const heard = reader.heard();
      if (heard !== undefined) way.heard(heard.status, heard.bodyBytes);
      settle(found);
    },
    onLost({ how, cause, isEnd }) {
      if (cause !== undefined) way.end({ ok: false, cause, detail: how });
      else settle(isEnd ? reader.finish() : how);
    },
  };
}

/** Throws for what cannot be said in a request. */
function bytesOf(request: HttpRequest): Buffer {
  const { method, host, headers, body, protocol } = request;
  const path = request.proxied ? `http://${host}${request.path}` : request.path;
  const own = {
    Host: host,
    ...OWN_HEADERS,
    ...(protocol === "1.0" ? {} : { Connection: "close" }),
  };
  const bytes = body === null ? undefined : Buffer.from(body);
  const all = headersOf(own, headers);
  const names = new Set(Object.keys(all).map((name) => name.toLowerCase()));
  if (!names.has("content-length") && !names.has("transfer-encoding")) {
    if (bytes !== undefined) all["Content-Length"] = String(bytes.length);
    else if (method === "POST") all["Content-Length"] = "0";
  }
  const lines = Object.entries(all).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}`),
  );
  const version = protocol === "1.1" ? "1.1" : "1.0";
  const first = `${method} ${path} HTTP/${version}`;
  if (!/^[!-\xff]+$/.test(path)) throw new Error(`Cannot ask for ${JSON.stringify(path)}`);
  const wrong = lines.find((line) => !/^[\t\x20-\x7e\x80-\xff]*$/.test(line));
  if (wrong !== undefined) throw new Error(`Cannot send the header ${JSON.stringify(wrong)}`);
  const head = Buffer.from(`${[first, ...lines].join("\r\n")}\r\n\r\n`, "latin1");
  return bytes === undefined ? head : Buffer.concat([head, bytes]);
}

/** An error of a request of node:http whose stream was ready. */
export function http1Failure(error: NodeJS.ErrnoException & { readonly reason?: string }): Outcome {
  const { code = "", reason, message } = error;
  if (isTlsError(error)) return tlsFailure(error);
  // llhttp's names: HPE_INVALID_CONSTANT, HPE_HEADER_OVERFLOW and so on.
  if (code.startsWith("HPE_")) {
    return badResponse(`malformed answer: ${reason === undefined ? code : `${reason} (${code})`}`);
  }
  if (message === "socket hang up") return badResponse("the connection closed before an answer");
  if (code === "ECONNRESET") return badResponse("the connection was reset");
  return badResponse(code === "" ? message : code);
}
