// One request over HTTP/2, on a connection of its own: by ALPN over TLS, by prior knowledge without. RFC 9113.

import {
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { badResponse, type Outcome } from "./attempt.ts";
import { type HttpRequest, type HttpWay, headersOf } from "./http-exchange.ts";
import { readBody } from "./read-body.ts";

export type Http2Asked = {
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | Buffer | null;
  readonly bodyMaxBytes: number;
};

export type Http2Answer = {
  readonly status: number;
  readonly head: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly whole: boolean;
};

export type Http2Way = Pick<HttpWay, "heard" | "end"> & {
  readonly answer: (answer: Http2Answer) => void;
};

export function askHttp2(stream: Socket, request: HttpRequest, way: HttpWay): void {
  const { method, path, host, headers, body, bodyMaxBytes } = request;
  const named = headersOf({ "user-agent": "duet", accept: "*/*" }, headers);
  const pseudo = { ":method": method, ":path": path, ":authority": host };
  exchangeHttp2(
    stream,
    { headers: { ...pseudo, ...named }, body, bodyMaxBytes },
    {
      heard: way.heard,
      end: way.end,
      answer: ({ head: { location }, ...answer }) => way.answer({ ...answer, location }),
    },
  );
}

/** Ends by `answer` or `end`; destroys the stream at the end. */
export function exchangeHttp2(stream: Socket, asked: Http2Asked, way: Http2Way): void {
  const isSecure = stream instanceof TLSSocket;
  if (isSecure && stream.alpnProtocol !== "h2") {
    way.end({
      ok: false,
      cause: "tls_failed",
      detail: "the server does not offer HTTP/2 (ALPN h2)",
    });
    return;
  }
  const { ":authority": authority = "" } = asked.headers;
  const session = connect(`${isSecure ? "https" : "http"}://${String(authority)}`, {
    createConnection: () => stream,
    settings: { enablePush: false },
  });
  session.on("error", (error: Error) => way.end(failureOf(error)));
  session.on("goaway", (code) => {
    if (code !== constants.NGHTTP2_NO_ERROR) way.end(badResponse(`GOAWAY with error ${code}`));
  });
  session.on("close", () => way.end(badResponse("the connection closed before an answer")));
  const request = session.request(asked.headers, { endStream: asked.body === null });
  listen(request, stream, asked.bodyMaxBytes, way);
  if (asked.body !== null) request.end(asked.body);
}

function listen(
  request: ClientHttp2Stream,
  stream: Socket,
  bodyMaxBytes: number,
  way: Http2Way,
): void {
  let trailers: IncomingHttpHeaders = {};
  let isAnswered = false;
  request.on("trailers", (given: IncomingHttpHeaders) => {
    trailers = given;
  });
  request.on("response", (head) => {
    isAnswered = true;
    const status = Number(head[":status"]);
    way.heard(status, 0);
    readBody(request, bodyMaxBytes, {
      heard: (lengthBytes) => way.heard(status, lengthBytes),
      done(body, whole) {
        // The end of a stream is also what one that was cut off looks like.
        if (whole && (stream.destroyed || (request.rstCode ?? 0) !== 0)) {
          way.end(badResponse("the answer broke off"));
        } else way.answer({ status, head, trailers, body, whole });
      },
    });
  });
  request.on("error", (error: Error) => way.end(failureOf(error)));
  request.on("close", () => {
    way.end(
      badResponse(isAnswered ? "the answer broke off" : "the stream closed before an answer"),
    );
  });
}

function failureOf(error: NodeJS.ErrnoException): Outcome {
  const { code, message } = error;
  if (code === "ECONNRESET") return badResponse("the connection was reset");
  return badResponse(code === "ERR_HTTP2_ERROR" ? `no HTTP/2: ${message}` : message);
}
