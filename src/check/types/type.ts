// What a type of check is: its keys, what they come to, the way back, and its rules, part by part; and what it says to a
// server where that is a dialogue. Data and pure code alone, for config/ reads it too: what opens sockets is in probes/.

import { type Fields, fieldsOf, type Row, rowsOf } from "../../config/schema/fields.ts";
import type { HeldBy, KeySpec, UserWords } from "../../config/schema/row.ts";
import type { Identity } from "../../lib/accounts.ts";
import type { Protocol } from "../dialogues/dialogue.ts";
import type { Outcome } from "../probes/attempt.ts";

export type CheckKind = {
  /** What is a success, as `duet help type` tells it. */
  readonly doc: string;
  readonly parts: readonly Part[];
  /** What it builds is another one for each real server. */
  readonly ofServer?: true;
  /** It asks no port of the real server. */
  readonly portless?: true;
  /** The dialogue that is its probe; without one its probe is in the table of probes/index.ts. */
  readonly lines?: Protocol<never>;
  readonly packets?: {
    readonly dialogue: (check: never) => Generator<unknown, Outcome, never>;
    /** TLS from the first byte on, where there is any and no starttls; without this the dialogue begins it. */
    readonly tlsFirst?: true;
    readonly bye: Buffer;
  };
};

/** Some keys that belong together, of one type or of several. */
export type Part = {
  readonly keys: Rows;
  /** Of a section without errors: fields of the check. */
  readonly build: (section: never, around: Around) => object;
  /** The lines that build() makes the same of. */
  readonly rows: (check: never) => readonly Row[];
  /** What its keys are to each other, beside what their rows say of that. */
  readonly judge?: (section: never, report: Report) => void;
};

export type Rows = Readonly<Record<string, KeySpec>>;

/** A section, as far as one part looks at it; `Beside`: keys of other parts. */
export type Written<R extends Rows, Beside = object> = {
  readonly title: string;
  readonly line: number;
  readonly values: { readonly [K in keyof R]: HeldBy<R[K]> } & Beside;
  readonly lines: Readonly<Record<string, number>>;
};

export type Report = (line: number, message: string) => void;

/** What a check stands in. */
export type Around = {
  /** What ldirectord appends to a script: address (or mark) and port of the virtual and of the real server. */
  readonly ldirectordArguments: () => readonly string[];
  readonly identityOf: (words: UserWords | undefined) => Identity | null;
  readonly scriptSecurity: boolean;
  /** The BFD session that it is about. */
  readonly session: () => string;
};

/** What the parts of a type build. */
export type FieldsOf<K extends CheckKind> = Together<ReturnType<K["parts"][number]["build"]>>;

export type KeysOf<K extends CheckKind> = K["parts"][number]["keys"];

export type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** Keys that are fields as they are. */
export function plain<const R extends Rows>(
  keys: R,
): {
  readonly keys: R;
  readonly build: (section: Written<R>) => Fields<R>;
  readonly rows: (check: Fields<R>) => readonly Row[];
} {
  return {
    keys,
    build: ({ values }) => fieldsOf(keys, values),
    rows: (check) => rowsOf(keys, check),
  };
}

/** The line of a key, or of its section when the key is not there. */
export function lineOf(
  { line, lines }: Pick<Written<Rows>, "line" | "lines">,
  key: string,
): number {
  return lines[key] ?? line;
}

export function isGiven({ lines }: Pick<Written<Rows>, "lines">, key: string): boolean {
  return lines[key] !== undefined;
}
