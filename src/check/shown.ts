// Bytes of a stranger as a status may show them.

const SHOWN_BYTES_MAX = 60;

/** The beginning, quoted where it is text and in hex where it is not: "+OK\r\n" or hex:00ff. */
export function shownBytes(bytes: Buffer, maxBytes: number = SHOWN_BYTES_MAX): string {
  const first = bytes.subarray(0, maxBytes);
  const isCut = bytes.length > first.length;
  const text = textOf(first, isCut);
  const shown = text === undefined ? `hex:${first.toString("hex")}` : JSON.stringify(text);
  return isCut ? `${shown}…` : shown;
}

/** Anything that a terminal might obey, or that nobody sees. */
const NO_TEXT = /[^\P{C}\t\r\n]/u;

/** undefined = it is none. A character that is cut in two at the end is left out. */
function textOf(bytes: Buffer, isCut: boolean): string | undefined {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const text = decoder.decode(bytes, { stream: isCut });
    return NO_TEXT.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
