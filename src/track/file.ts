// The number in a tracked file, as strtol(3) with base 0 reads it: decimal, 0x hexadecimal, 0 octal. Pure.

export type FileReading = {
  readonly value: number;
  /** What is wrong with the text; the value is 0 then. */
  readonly problem: string | null;
};

/** A number is shorter than this; what is longer is not read. */
export const FILE_BYTES_MAX = 64;

const VALUE_MAX = 2 ** 31 - 1;

export function parseTrackFile(text: string): FileReading {
  const written = text.trim();
  if (written === "") return { value: 0, problem: "empty" };
  const match = /^([+-]?)(?:0x([\da-f]+)|0([0-7]*)|([1-9]\d*))$/i.exec(written);
  if (match === null) return { value: 0, problem: `no number: ${JSON.stringify(written)}` };
  const [, sign, hexadecimal, octal, decimal] = match;
  const size =
    hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : decimal !== undefined
        ? Number(decimal)
        : Number.parseInt(octal === "" || octal === undefined ? "0" : octal, 8);
  if (size > VALUE_MAX) return { value: 0, problem: `out of range: ${written}` };
  return { value: sign === "-" ? -size + 0 : size, problem: null };
}
