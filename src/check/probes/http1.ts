// One request over HTTP/1.0 or 1.1, on a stream of its own. RFC 9112.

import { request as httpRequest } from "node:http";
import type { Socket } from "node:net";
import type { Outcome } from "./attempt.ts";
import {
  badResponse,
  type HttpAnswer,
  type HttpRequest,
  type HttpWay,
  headersOf,
} from "./http-exchange.ts";
import { isTlsError, tlsFailure } from "./open-tls.ts";
import { readBody } from "./read-body.ts";

const OWN_HEADERS = { "User-Agent": "duet", Accept: "*/*", Connection: "close" };

const NO_ANSWER = "the connection closed before an answer";

/** Ends by `answer` or `end`; the stream is the caller's to drop when it was not destroyed here. */
export function askHttp1(stream: Socket, request: HttpRequest, way: HttpWay): void {
  const { protocol, bodyMaxBytes } = request;
  let answered = false;
  const asked = httpRequest({
    createConnection: () => stream,
    path: request.proxied ? `http://${request.host}${request.path}` : request.path,
    method: request.method,
    setHost: false,
    headers: headersOf({ Host: request.host, ...OWN_HEADERS }, request.headers),
  });
  if (protocol === "1.0") asked.removeHeader("Connection");
  if (protocol !== "1.1") sayHttp10(stream);
  asked.on("error", (error) => way.end(http1Failure(error)));
  asked.on("response", (message) => {
    answered = true;
    const { statusCode: status = 0 } = message;
    way.heard(status, 0);
    readBody(message, bodyMaxBytes, {
      heard: (lengthBytes) => way.heard(status, lengthBytes),
      done(body, whole) {
        // After a whole answer a plain close: a reset would look like an error in the server's log.
        if (whole) stream.destroy();
        way.answer({ status, location: message.headers.location, body, whole });
      },
    });
    // An answer that breaks off is seen by the "close" of the request.
    message.on("error", () => {});
  });
  asked.on("upgrade", (message) => {
    stream.destroy();
    way.answer(emptyAnswer(message.statusCode ?? 0));
  });
  asked.on("close", () => way.end(badResponse(answered ? "the answer broke off" : NO_ANSWER)));
  asked.end(request.body ?? undefined);
}

function emptyAnswer(status: number): HttpAnswer {
  return { status, location: undefined, body: Buffer.alloc(0), whole: true };
}

/** Node's client knows 1.1 only; the first thing that it writes is the request line. */
function sayHttp10(stream: Socket): void {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    delete (stream as Partial<Socket>).write;
    return write(String(chunk).replace(" HTTP/1.1\r\n", " HTTP/1.0\r\n"), ...rest);
  };
}

/** An error of a request of node:http whose stream was ready. */
export function http1Failure(error: NodeJS.ErrnoException & { readonly reason?: string }): Outcome {
  const { code = "", reason, message } = error;
  if (isTlsError(error)) return tlsFailure(error);
  // llhttp's names: HPE_INVALID_CONSTANT, HPE_HEADER_OVERFLOW and so on.
  if (code.startsWith("HPE_")) {
    return badResponse(`malformed answer: ${reason === undefined ? code : `${reason} (${code})`}`);
  }
  if (message === "socket hang up") return badResponse(NO_ANSWER);
  if (code === "ECONNRESET") return badResponse("the connection was reset");
  return badResponse(code === "" ? message : code);
}
