// What others say (servers, scripts, routers), for text that people read. A terminal obeys control characters, and
// some of Unicode's turn the order of a line around: they are written as what they are. Lists that may be long are cut.

/** C0, DEL and C1; what has no shape (the direction of UAX #9, zero widths, tags); ends of lines and paragraphs; halves of a pair. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** One line: "\x1b[2J" for the escape sequence of that. */
export function plainText(text: string): string {
  return text.replaceAll(CONTROLS, escaped);
}

/** The same of every text in there: what is made of it has the lines that we made. */
export function plainData<T>(data: T): T;
export function plainData(data: unknown): unknown {
  if (typeof data === "string") return plainText(data);
  if (Array.isArray(data)) return data.map((each: unknown) => plainData(each));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, each]) => [key, plainData(each)]));
}

/** The same values, for whom a terminal stands between: JSON itself leaves DEL, C1 and directions as they are. */
export function plainJson(json: string): string {
  return json.replaceAll(CONTROLS, (char) => {
    if (char === "\n") return char;
    const units = Array.from({ length: char.length }, (_, i) => char.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}

/** "10.0.0.1", "10.0.0.2", "and 253 more" */
export function few(list: readonly string[], max = 4): readonly string[] {
  if (list.length <= max + 1) return list;
  return [...list.slice(0, max), `and ${list.length - max} more`];
}

function escaped(char: string): string {
  if (char === "\n") return "\\n";
  if (char === "\r") return "\\r";
  if (char === "\t") return "\\t";
  const hex = (char.codePointAt(0) ?? 0).toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, "0")}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}
