// Short hands for the rows of the table of keys.

import type { ValueType } from "./spec.ts";

export const INT32_MAX = 2 ** 31 - 1;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

type Limits = { minMs: number; maxMs: number; wholeSeconds?: true; bareMs?: true; pace?: true };

export function duration<const T extends Limits>(limits: T): { readonly kind: "duration" } & T {
  return { kind: "duration", ...limits };
}

export function integer(
  min: number,
  max: number,
  range?: string,
): Extract<ValueType, { readonly kind: "integer" }> {
  return range === undefined ? { kind: "integer", min, max } : { kind: "integer", min, max, range };
}

export function oneOf<const Word extends string>(
  ...words: readonly Word[]
): { readonly kind: "enum"; readonly words: readonly Word[] } {
  return { kind: "enum", words };
}

type Hook = {
  readonly type: { readonly kind: "command" };
  readonly firstCounts: true;
  readonly otherwise: string;
  readonly example: string;
  readonly level: "basic";
  readonly doc: string;
};

export function hook(doc: string, example: string): Hook {
  return {
    type: { kind: "command" },
    firstCounts: true,
    otherwise: "none",
    example,
    level: "basic",
    doc,
  };
}
