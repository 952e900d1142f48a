// What came of reading a value: the value, or what would be right. `mustBe` reads on after "it must be". `effect` is of a
// value that is taken although it is odd, as keepalived takes it: a warning says what it comes to.

export type Judged<T> =
  | { readonly ok: true; readonly value: T; readonly effect?: string }
  | { readonly ok: false; readonly mustBe: string };

export function accept<T>(value: T, effect?: string): Judged<T> {
  return effect === undefined ? { ok: true, value } : { ok: true, value, effect };
}

export function refuse(mustBe: string): { readonly ok: false; readonly mustBe: string } {
  return { ok: false, mustBe };
}

export const labelRule = "1 to 64 letters, digits, _, -, . and :";

/** What may be the name of a section: "web", "10.0.0.1:80", "[2001:db8::1]:80". */
export function isLabel(text: string): boolean {
  return text.length <= 64 && /^(?:\[[\w.:-]+\]|[\w-])(?:[\w.:-]*[\w-])?$/.test(text);
}

/** A whole number between the two, or undefined. */
export function numberIn(text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number < min || number > max ? undefined : number;
}
