// Bytes of a line protocol -> whole replies. Pure; what a server may say before it is cut off is limited.

import { shownBytes } from "../shown.ts";

/** A reply as its protocol frames it: "250", "+OK", "OK". */
export type Reply = { readonly code: string; readonly lines: readonly string[] };

/** Is the reply whole with these lines? undefined = more will follow, null = no reply of this protocol. */
export type Framing = (lines: readonly string[]) => string | undefined | null;

export type ReplyReader = {
  readonly give: (bytes: Uint8Array) => void;
  /** The next whole reply; undefined = not there yet, a text = what is wrong with it. */
  readonly take: () => Reply | string | undefined;
  /** What came and nobody has taken. */
  readonly rest: () => Buffer;
};

const REPLY_BYTES_MAX = 64 * 1024;
const SHOWN_BYTES_MAX = 80;

export function replyReader(framing: Framing): ReplyReader {
  let rest = "";
  let lines: string[] = [];
  let replyBytes = 0;

  return {
    give(bytes) {
      rest += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
    },
    take() {
      for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
        const line = rest.slice(0, end).replace(/\r$/, "");
        rest = rest.slice(end + 1);
        replyBytes += end + 1;
        if (replyBytes > REPLY_BYTES_MAX) return TOO_LONG;
        lines.push(line);
        const code = framing(lines);
        if (code === null) return `not the protocol: ${shown(line)}`;
        if (code === undefined) continue;
        const reply = { code, lines };
        lines = [];
        replyBytes = 0;
        return reply;
      }
      return replyBytes + rest.length > REPLY_BYTES_MAX ? TOO_LONG : undefined;
    },
    rest: () => latin1([...lines, rest].join("\n")),
  };
}

const TOO_LONG = `a reply of more than ${REPLY_BYTES_MAX} bytes`;

/** Of a line of a reply, so of bytes that are kept as latin1. */
export function shown(line: string): string {
  return shownBytes(latin1(line), SHOWN_BYTES_MAX);
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** RFC 5321 §4.2.1, RFC 959 §4.2, RFC 3977 §3.2: three digits; "ddd-" until "ddd " of the same code. */
export const codeFraming: Framing = (lines) => {
  const first = /^([1-5]\d\d)([ -]|$)/.exec(lines[0] ?? "");
  if (first === null) return null;
  const [, code = "", mark] = first;
  if (mark !== "-") return code;
  const last = lines.at(-1) ?? "";
  return lines.length > 1 && (last === code || last.startsWith(`${code} `)) ? code : undefined;
};

/** RFC 1939 §3. */
export const popFraming: Framing = ([line = ""]) => /^(\+OK|-ERR)( |$)/.exec(line)?.[1] ?? null;

/** RFC 3501 §2.2.2: untagged lines, then the tagged one. The greeting is untagged and alone. */
export const imapFraming: Framing = (lines) => {
  const line = lines.at(-1) ?? "";
  const greeting = /^\* (OK|PREAUTH|BYE)( |$)/i.exec(line)?.[1];
  // A BYE may come at any time (§7.1.5): nothing follows it.
  if (greeting !== undefined && (lines.length === 1 || greeting === "BYE")) {
    return greeting.toUpperCase();
  }
  const tagged = /^a\d+ (OK|NO|BAD)( |$)/i.exec(line)?.[1];
  if (tagged !== undefined) return tagged.toUpperCase();
  return /^[*+]( |$)/.test(line) ? undefined : null;
};
