// What goes to a server over HTTP and what comes back, whatever the version.

import { hostPort } from "../../lib/ip.ts";
import type { ReadBody } from "../body.ts";
import type { Target } from "../model.ts";
import type { HttpHeader, HttpMethod, HttpProtocol } from "../types/http.ts";
import type { Outcome } from "./attempt.ts";

export type HttpRequest = {
  readonly method: HttpMethod;
  readonly path: string;
  /** The Host header. */
  readonly host: string;
  readonly headers: readonly HttpHeader[];
  readonly body: string | null;
  /** Asked of a proxy: the whole address stands in the request line (RFC 9112 §3.2.2). */
  readonly proxied: boolean;
  readonly protocol: HttpProtocol;
  readonly bodyMaxBytes: number;
  /** A digest is wanted of all of the body, however little of it is kept. */
  readonly wantsDigest: boolean;
};

export type HttpAnswer = ReadBody & {
  readonly status: number;
  readonly location: string | undefined;
  /** Content-Encoding, which nobody asked for. */
  readonly coding: string | undefined;
  /** What is not as the RFC wants it, and was taken. */
  readonly odd: readonly string[];
  /** false = there was more than was read. */
  readonly whole: boolean;
};

/** Where the answer to one request goes: `answer` or `end`; what follows them is of no use. */
export type HttpWay = {
  /** How far it has come. */
  readonly heard: (status: number, bodyBytes: number) => void;
  readonly answer: (answer: HttpAnswer) => void;
  readonly end: (outcome: Outcome) => void;
};

/** The Host header of those who have none. */
export function hostOf({ address, port }: Target): string {
  return hostPort(address, port);
}

/** The own headers of duet, unless the check has them. */
export function headersOf(
  own: Readonly<Record<string, string>>,
  headers: readonly HttpHeader[],
): Record<string, string | string[]> {
  const all = new Map<string, { name: string; values: string[] }>();
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    const standing = all.get(key);
    if (standing === undefined) all.set(key, { name, values: [value] });
    else standing.values.push(value);
  }
  for (const [name, value] of Object.entries(own)) {
    const key = name.toLowerCase();
    if (!all.has(key)) all.set(key, { name, values: [value] });
  }
  return Object.fromEntries(
    Array.from(all.values(), ({ name, values: [first = "", ...rest] }) => [
      name,
      rest.length === 0 ? first : [first, ...rest],
    ]),
  );
}
