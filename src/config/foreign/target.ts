// The sections that another program's file becomes, while they are written; and what is remarked meanwhile.

import { isSectionName, keysOf, spellingsOf } from "../keys.ts";
import type { Entry, LineProblem, RawSection } from "../schema/lines.ts";
import { parseValue } from "../schema/type.ts";

export type Remarks = {
  /** keepalived reports it, or not even that, and goes on without it. */
  readonly neverInForce: (line: number, what: string, why: string) => void;
  /** keepalived knows it, and here it has no effect. */
  readonly noEffect: (line: number, what: string, why: string) => void;
  /** It is carried over, and means something else. */
  readonly differs: (line: number, message: string) => void;
  /** It does what it did, and something beside it is otherwise here. */
  readonly aside: (line: number, message: string) => void;
  /** How many there are so far. */
  readonly count: () => number;
};

export function makeRemarks(problems: LineProblem[]): Remarks {
  return {
    neverInForce: (line, what, why) => {
      problems.push({ line, severity: "warning", message: `${what} was never in force: ${why}` });
    },
    noEffect: (line, what, why) => {
      problems.push({ line, severity: "note", message: `${what} has no effect here: ${why}` });
    },
    differs: (line, message) => {
      problems.push({ line, severity: "warning", message });
    },
    aside: (line, message) => {
      problems.push({ line, severity: "note", message });
    },
    count: () => problems.length,
  };
}

export class Target {
  readonly kind: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly line: number;
  #entries: Entry[] = [];
  readonly #remarks: Remarks;

  constructor(kind: string, labels: readonly string[], line: number, remarks: Remarks) {
    this.kind = kind;
    this.labels = labels;
    this.name = [kind, ...labels].join(".");
    this.line = line;
    this.#remarks = remarks;
  }

  has(key: string): boolean {
    return this.#entries.some((entry) => entry.key === key);
  }

  valueOf(key: string): string | null {
    return this.#entries.find((entry) => entry.key === key)?.value ?? null;
  }

  /** A value that is no good is left out, as keepalived does, and remarked; the last one of a key counts. */
  set(key: string, value: string, line: number, what?: string): boolean {
    const entry = this.#entryOf(key, value, line, false, what);
    if (entry === undefined) return false;
    const index = this.#entries.findIndex((each) => each.key === key);
    if (index === -1) this.#entries.push(entry);
    else {
      const { line: old, value: before } = this.#entries[index] ?? entry;
      if (before !== value)
        this.#remarks.neverInForce(old, `${key} ${before}`, `it is written again`);
      this.#entries[index] = entry;
    }
    return true;
  }

  /** The first one of a command counts: keepalived reports the others. */
  setFirst(key: string, value: string, line: number): void {
    if (this.has(key)) this.#remarks.neverInForce(line, key, "it is written before");
    else this.set(key, value, line);
  }

  /** What holds in keepalived when nothing is said. */
  setDefault(key: string, value: string): void {
    if (this.has(key)) return;
    const { line } = this;
    this.#entries.push({ key, value, line, list: false, bare: false, judged: undefined });
  }

  add(key: string, value: string, line: number, what?: string): boolean {
    const entry = this.#entryOf(key, value, line, true, what);
    if (entry !== undefined) this.#entries.push(entry);
    return entry !== undefined;
  }

  /** All that another one says, which was judged there; `shift`: so many lines further down. */
  takeOver({ entries }: Target, shift = 0): void {
    for (const entry of entries) {
      this.#entries.push(shift === 0 ? entry : { ...entry, line: entry.line + shift });
    }
  }

  /** These entries of it stand under another key from then on. */
  rename(entries: readonly Entry[], key: string): void {
    const named = new Set(entries);
    this.#entries = this.#entries.map((entry) =>
      named.has(entry) ? { ...entry, key, judged: undefined } : entry,
    );
  }

  remove(key: string): void {
    const index = this.#entries.findIndex((entry) => entry.key === key);
    if (index !== -1) this.#entries.splice(index, 1);
  }

  /** Nothing more comes: an array that grows has room for 17, and a copy has room for what is in it. */
  seal(): void {
    this.#entries = this.#entries.slice();
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  section(): RawSection {
    const { name, labels, line } = this;
    return { name, line, labels, entries: this.#entries };
  }

  /** undefined = the value is no good, which is remarked. */
  #entryOf(
    key: string,
    value: string,
    line: number,
    list: boolean,
    what: string | undefined,
  ): Entry | undefined {
    const type = isSectionName(this.kind)
      ? keysOf(this.kind)[spellingsOf(this.kind).get(key) ?? ""]?.type
      : undefined;
    // A name of a host is looked up later.
    const judged =
      type?.hosts === undefined && type !== undefined ? parseValue(type, value) : undefined;
    if (judged?.ok !== false) return { key, value, line, list, bare: false, judged };
    const told = what ?? (list ? `${key} "${value}"` : `${key} ${value}`);
    this.#remarks.neverInForce(line, type?.secret ? key : told, `it must be ${judged.mustBe}`);
    return undefined;
  }
}
