// The head of an answer of HTTP/1, as clients of the web take it: what the RFC lets a client mend is mended, and told.
// RFC 9112 sections 2 to 6. Pure.

export type Head = {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** What was mended: "bare LF line ends". */
  readonly odd: readonly string[];
};

export const NO_STATUS_LINE = "no status line of HTTP";

const BARE_LF = "bare LF line ends";

/** Where the head ends, and where the body begins; undefined = it goes on. Section 2.2: a line may end with a single LF. */
export function endOfHead(
  bytes: Buffer,
): { readonly end: number; readonly next: number } | undefined {
  const [long, short] = [bytes.indexOf("\n\r\n"), bytes.indexOf("\n\n")];
  if (long < 0 && short < 0) return undefined;
  return long >= 0 && (short < 0 || long < short)
    ? { end: long, next: long + 3 }
    : { end: short, next: short + 2 };
}

const STARTS = ["HTTP/", "ICY "];

/** false: the server speaks something else, and the probe need not wait for more. */
export function mayBegin(bytes: Buffer): boolean {
  return STARTS.some((start) => start.startsWith(bytes.toString("latin1", 0, start.length)));
}

/** Or what is wrong with it. `text` is all before the LF of its last line. */
export function headOf(text: string): Head | string {
  const odd = new Set<string>();
  const [first = "", ...lines] = linesOf(text, odd);
  const [, version = "", status] = STATUS_LINE.exec(first) ?? [];
  if (status === undefined) return NO_STATUS_LINE;
  if (!/^HTTP\/1\.[01]$/.test(version)) odd.add(`${version} in the status line`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", space, value = ""] = HEADER.exec(line) ?? [];
    if (name === "") {
      odd.add("a header line that is none");
      continue;
    }
    if (space !== "") odd.add("a space before a colon");
    add(headers, name.toLowerCase(), value.replaceAll(NO_TEXT, " ").trim());
  }
  if (headers.has("transfer-encoding") && headers.has("content-length")) {
    odd.add("both Content-Length and Transfer-Encoding");
  }
  return { status: Number(status), headers, odd: [...odd] };
}

/** SHOUTcast says "ICY 200 OK"; some servers say in HTTP/1 what they would in HTTP/2. */
const STATUS_LINE = /^(HTTP\/\d(?:\.\d)?|ICY) +([1-9]\d\d)(?:[ \t].*)?$/;
/** Section 5.1: a space before the colon is taken off. */
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)([ \t]*):(.*)$/;
/** RFC 9110 section 5.5: may be replaced by spaces. */
const NO_TEXT = /[^\t\x20-\x7e\x80-\xff]/g;

/** Section 5.2: a folded line goes on with the one before it; of the status line none can. */
function linesOf(text: string, odd: Set<string>): readonly string[] {
  const lines: string[] = [];
  for (const each of text.split("\n")) {
    if (!each.endsWith("\r")) odd.add(BARE_LF);
    const line = each.replace(/\r$/, "");
    const before = lines.at(-1);
    if (!/^[ \t]/.test(line) || before === undefined) lines.push(line);
    else if (lines.length === 1) odd.add("a space at the start of the first header");
    else {
      odd.add("a folded header");
      lines[lines.length - 1] = `${before} ${line.trim()}`;
    }
  }
  return lines;
}

/** RFC 9110 section 5.3; of an address there is only one. */
function add(headers: Map<string, string>, name: string, value: string): void {
  const before = headers.get(name);
  if (before === undefined) headers.set(name, value);
  else if (name !== "location") headers.set(name, `${before}, ${value}`);
}

/** What is left of a body: bytes, chunks, or all until the stream ends. */
export type Framing =
  | { readonly kind: "length"; leftBytes: number }
  | { readonly kind: "chunked"; leftBytes: number; at: "size" | "data" | "data end" | "trailer" }
  | { readonly kind: "stream" };

/** Section 6.3; or what is wrong with it. */
export function framingOf(method: string, { status, headers }: Head): Framing | string {
  if (method === "HEAD" || status === 101 || status === 204 || status === 304) {
    return { kind: "length", leftBytes: 0 };
  }
  // It counts more than a Content-Length.
  const coding = headers.get("transfer-encoding");
  if (coding !== undefined) {
    const isChunked = /(?:^|[, \t])chunked$/i.test(coding);
    return isChunked ? { kind: "chunked", leftBytes: 0, at: "size" } : { kind: "stream" };
  }
  const length = headers.get("content-length");
  if (length === undefined) return { kind: "stream" };
  const [first = "", ...more] = length.split(/ *, */);
  if (more.some((other) => other !== first)) return `more than one Content-Length: ${length}`;
  if (!/^\d{1,15}$/.test(first)) return `a Content-Length that is no number: ${length}`;
  return { kind: "length", leftBytes: Number(first) };
}
