// One request over HTTP/2, on a connection of its own: by ALPN over TLS, by prior knowledge without. RFC 9113.

import { type Http2Answer, type Http2Asked, openExchange } from "../http2/exchange.ts";
import type { Field } from "../http2/hpack.ts";
import { badResponse } from "./attempt.ts";
import type { Channel, Hearing } from "./channel.ts";
import { type HttpRequest, type HttpWay, headersOf } from "./http-exchange.ts";

export const ALPN_HTTP2: readonly string[] = ["h2"];

export type Http2Way = Pick<HttpWay, "heard" | "end"> & {
  readonly answer: (answer: Http2Answer) => void;
};

export function askHttp2(
  channel: Channel,
  scheme: "http" | "https",
  request: HttpRequest,
  way: HttpWay,
): Hearing {
  const { method, path, host, headers, body, bodyMaxBytes, wantsDigest } = request;
  const named = headersOf({ "user-agent": "duet", accept: "*/*" }, headers);
  const fields: Field[] = [
    [":method", method],
    [":scheme", scheme],
    [":authority", host],
    [":path", path],
    ...Object.entries(named).flatMap(([name, values]) => [values].flat().map(field(name))),
  ];
  const bytes = body === null ? null : Buffer.from(body);
  return exchangeHttp2(
    channel,
    { fields, body: bytes, bodyMaxBytes, wantsDigest },
    {
      heard: way.heard,
      end: way.end,
      answer: ({ head, trailers: _trailers, ...answer }) =>
        way.answer({
          ...answer,
          location: head.get("location"),
          coding: head.get("content-encoding"),
          odd: [],
        }),
    },
  );
}

/** Those of a connection have no place here: RFC 9113 section 8.2.2. */
const NOT_HERE = /^(?:connection|keep-alive|proxy-connection|transfer-encoding|upgrade)$/;

/** Throws for what cannot be said in a request. */
function field(named: string): (value: string) => Field {
  const name = named.toLowerCase();
  return (value) => {
    if (NOT_HERE.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new Error(`Cannot send the header ${JSON.stringify(`${named}: ${value}`)} by HTTP/2`);
    }
    return [name, value];
  };
}

/** Ends by `answer` or `end`; the stream is the caller's to drop when it was not closed here. */
export function exchangeHttp2(channel: Channel, asked: Http2Asked, way: Http2Way): Hearing {
  const exchange = openExchange(asked);
  let isOver = false;
  channel.write(exchange.opening);
  return {
    onBytes(bytes) {
      if (isOver) return;
      const { send, found } = exchange.give(bytes);
      if (send.length > 0) channel.write(send);
      const heard = exchange.heard();
      if (heard !== undefined) way.heard(heard.status, heard.bodyBytes);
      if (found === undefined) return;
      isOver = true;
      if (typeof found === "string") way.end(badResponse(found));
      else {
        if (found.whole) channel.close();
        way.answer(found);
      }
    },
    onLost({ how, cause, isEnd }) {
      if (isOver) return;
      const early = exchange.heard() === undefined;
      const ended = early ? "the connection closed before an answer" : "the answer broke off";
      if (cause !== undefined) way.end({ ok: false, cause, detail: how });
      else way.end(badResponse(isEnd ? ended : how));
    },
  };
}
