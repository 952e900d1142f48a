// What came of reading a value: the value, or what would be right. `mustBe` reads on after "it must be".

export type Judged<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mustBe: string };

export function accept<T>(value: T): Judged<T> {
  return { ok: true, value };
}

export function refuse(mustBe: string): { readonly ok: false; readonly mustBe: string } {
  return { ok: false, mustBe };
}
