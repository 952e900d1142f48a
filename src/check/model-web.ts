// Words of the checks that speak HTTP.

export type HttpMethod = "GET" | "HEAD" | "POST" | "OPTIONS";

/** "1.0" = without a Connection header, "1.0C" = with it, "2" = without an upgrade (prior knowledge, or ALPN). */
export type HttpProtocol = "1.0" | "1.0C" | "1.1" | "2";

export type HttpHeader = { readonly name: string; readonly value: string };

export type HttpQuestion = {
  readonly method: HttpMethod;
  /** All of them in one probe, one after the other. */
  readonly paths: readonly string[];
  /** The Host header; null = the address and port that are probed. */
  readonly host: string | null;
  readonly headers: readonly HttpHeader[];
  readonly requestBody: string | null;
  /** The server is a proxy, that is asked for http://HOST/PATH. */
  readonly proxied: boolean;
  readonly protocol: HttpProtocol;
  /** Inclusive ranges of status codes that are a success. */
  readonly status: readonly (readonly [number, number])[];
  readonly body: BodyMatch | null;
  /** A regular expression that the body must not match. */
  readonly bodyNot: string | null;
  /** Of both expressions: letters of JavaScript. */
  readonly regexFlags: string;
  /** MD5 of the whole body, in hex. */
  readonly digest: string | null;
  /** So much of the body is read. */
  readonly bodyMaxBytes: number;
  /** 0 = they are judged by their status. */
  readonly redirectsMax: number;
};

export type BodyMatch =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "regex"; readonly source: string };
