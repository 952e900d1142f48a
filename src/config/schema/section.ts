// A section as it was read: its values, and the lines that they stand on.

import type { KeyName, SectionName, Values } from "../keys.ts";

export type Section<S extends SectionName> = {
  readonly kind: S;
  /** As written between the brackets. */
  readonly title: string;
  readonly labels: readonly string[];
  readonly line: number;
  readonly values: Values<S>;
  /** Where each key that was given stands (the first one of a list), also when its value was no good. */
  readonly lines: Readonly<Record<string, number>>;
};

/** [global] is always there, with its defaults when no line is. */
export type Draft = { readonly global: Section<"global"> } & {
  readonly [S in Exclude<SectionName, "global">]: readonly Section<S>[];
};

/** Of all kinds, one kind after the other. */
export function sectionsOf(draft: Draft): readonly Section<SectionName>[] {
  return Object.values(draft).flat();
}

/** The line of a key, or of its section when the key is not there. */
export function lineOf<S extends SectionName>(section: Section<S>, key: KeyName<S>): number {
  return section.lines[key] ?? section.line;
}

export function isGiven<S extends SectionName>(section: Section<S>, key: KeyName<S>): boolean {
  return section.lines[key] !== undefined;
}

/** Its first label. */
export function nameOf(section: { readonly labels: readonly string[] }): string {
  return section.labels[0] ?? "";
}
