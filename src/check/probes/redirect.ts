// Where a redirect leads: always to the same real server, at most under another Host. RFC 9110 section 15.4.

import { badResponse, type Outcome } from "./attempt.ts";
import { type HttpAnswer, type HttpRequest } from "./http-exchange.ts";

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The next request, why there is none, or undefined: it is no redirect. */
export function redirected(
  request: HttpRequest,
  { status, location }: HttpAnswer,
  isSecure: boolean,
): HttpRequest | Outcome | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const scheme = isSecure ? "https:" : "http:";
  const base = `${scheme}//${request.host}${request.path}`;
  const url = urlOf(location, base);
  if (url === undefined) {
    return badResponse(`${status} to ${JSON.stringify(location)}, which is no address`);
  }
  if (url.protocol !== scheme) {
    const detail = `${status} to ${url.origin}${url.pathname}: the check stays with ${scheme}//`;
    return { ok: false, cause: "wrong_status", detail };
  }
  const isSame = url.host === urlOf(base, base)?.host;
  const keepsMethod = status === 307 || status === 308 || request.method === "HEAD";
  return {
    ...request,
    ...(keepsMethod ? {} : { method: "GET", body: null }),
    path: `${url.pathname}${url.search}`,
    host: isSame ? request.host : url.host,
  };
}

function urlOf(text: string, base: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
