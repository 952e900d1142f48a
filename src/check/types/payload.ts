// Bytes that go over the wire, and what has to come back: text with escapes, hex or a regular expression.

import type { Row } from "../../config/schema/fields.ts";
import { accept, type Judged, refuse } from "../../config/schema/judged.ts";
import { asItIs, type KeyType } from "../../config/schema/type.ts";
import { withInlineFlags } from "../../lib/inline-flags.ts";

export type Step =
  | { readonly kind: "send"; readonly hex: string }
  /** The bytes have to come, whatever stands before them. */
  | { readonly kind: "expect"; readonly hex: string }
  /** On what came since the last expectation, as UTF-8; ^ and $ stand at lines. */
  | { readonly kind: "regex"; readonly source: string };

/** What has to come: bytes, as hex, or what matches. */
type PatternValue = Exclude<Step, { readonly kind: "send" }>;

export type BodyMatch =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "regex"; readonly source: string };

export const payload: KeyType<string> = {
  parse: parsePayload,
  print: formatPayload,
  help: "text with \\r \\n \\t \\0 \\xHH \\\\, or hex:DIGITS",
  multiline: true,
};

export const pattern: KeyType<PatternValue> = {
  parse: parsePattern,
  print: formatPattern,
  help: "text as in send, hex:DIGITS or regex:EXPRESSION",
  multiline: true,
};

export const regex: KeyType<string> = {
  parse: parseRegex,
  print: asItIs,
  help: "regular expression of JavaScript; in quotes when it holds ; or #",
  multiline: true,
};

const RIGHT = String.raw`text, with \r \n \t \0 \xHH and \\ for what cannot be typed, or hex: and pairs of hex digits`;

const BYTES_MAX = 4096;

/** The bytes, as hex. */
function parsePayload(text: string): Judged<string> {
  const bytes = text.startsWith("hex:") ? hexBytes(text.slice(4)) : textBytes(text);
  if (bytes === undefined || bytes.length === 0) return refuse(RIGHT);
  return bytes.length > BYTES_MAX
    ? refuse(`up to ${BYTES_MAX} bytes long`)
    : accept(bytes.toString("hex"));
}

function parsePattern(text: string): Judged<PatternValue> {
  if (text.startsWith("regex:")) {
    const source = text.slice("regex:".length);
    const judged = source === "" ? refuse("regex: and an expression") : parseRegex(source);
    return judged.ok ? accept({ kind: "regex", source }) : judged;
  }
  const bytes = parsePayload(text);
  return bytes.ok
    ? accept({ kind: "expect", hex: bytes.value })
    : refuse(`${bytes.mustBe}, or regex: and an expression`);
}

function parseRegex(text: string): Judged<string> {
  try {
    const { source, flags } = withInlineFlags(text);
    new RegExp(source, flags);
    return accept(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.split(": ").at(-1) : "";
    return refuse(`a regular expression as JavaScript knows it (${why ?? ""})`);
  }
}

/** parsePayload() makes the same of it. */
function formatPayload(hex: string): string {
  const bytes = Buffer.from(hex, "hex");
  const isText = bytes.every((byte) => (byte >= 0x20 && byte < 0x7f) || ESCAPED.has(byte));
  if (!isText) return `hex:${hex}`;
  const text = Array.from(bytes, (byte) => ESCAPED.get(byte) ?? String.fromCharCode(byte)).join("");
  return /^(?:hex|regex):|^\s|\s$/.test(text) ? `hex:${hex}` : text;
}

function formatPattern(value: PatternValue): string {
  return value.kind === "regex" ? `regex:${value.source}` : formatPayload(value.hex);
}

const ESCAPES: ReadonlyMap<string, number> = new Map([
  ["r", 13],
  ["n", 10],
  ["t", 9],
  ["0", 0],
  ["\\", 92],
]);

const ESCAPED: ReadonlyMap<number, string> = new Map(
  Array.from(ESCAPES, ([letter, byte]) => [byte, `\\${letter}`]),
);

function hexBytes(digits: string): Buffer | undefined {
  const joined = digits.replaceAll(/[\s:]/g, "");
  return /^(?:[\da-f]{2})*$/i.test(joined) ? Buffer.from(joined, "hex") : undefined;
}

function textBytes(text: string): Buffer | undefined {
  const parts: Buffer[] = [];
  let isRight = true;
  for (const [part] of text.matchAll(/\\x[\da-f]{2}|\\.?|[^\\]+/gis)) {
    const letter = part.slice(1);
    if (!part.startsWith("\\")) parts.push(Buffer.from(part));
    else if (letter.length === 3) parts.push(Buffer.from(letter.slice(1), "hex"));
    else if (ESCAPES.has(letter)) parts.push(Buffer.of(ESCAPES.get(letter) ?? 0));
    else isRight = false;
  }
  return isRight ? Buffer.concat(parts) : undefined;
}

/** What a text or a regular expression is to be found in. */
export function matchOf(text: string | undefined, source: string | undefined): BodyMatch | null {
  if (text !== undefined) return { kind: "text", text };
  return source === undefined ? null : { kind: "regex", source };
}

export function matchRows(
  textKey: string,
  regexKey: string,
  match: BodyMatch | null,
): readonly Row[] {
  return [
    [textKey, match?.kind === "text" ? match.text : null],
    [regexKey, match?.kind === "regex" ? match.source : null],
  ];
}
