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
  };
}

export class Target {
  readonly kind: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly line: number;
  readonly #entries: Entry[] = [];
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
  set(key: string, value: string, line: number, what = `${key} ${value}`): boolean {
    if (!this.#isGood(key, value, line, what)) return false;
    const index = this.#entries.findIndex((entry) => entry.key === key);
    const entry = { key, value, line, list: false, bare: false };
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
    this.#entries.push({ key, value, line: this.line, list: false, bare: false });
  }

  add(key: string, value: string, line: number, what = `${key} "${value}"`): boolean {
    if (!this.#isGood(key, value, line, what)) return false;
    this.#entries.push({ key, value, line, list: true, bare: false });
    return true;
  }

  /** All that another one says, which was judged there. */
  takeOver({ entries }: Target): void {
    this.#entries.push(...entries);
  }

  remove(key: string): void {
    const index = this.#entries.findIndex((entry) => entry.key === key);
    if (index !== -1) this.#entries.splice(index, 1);
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  section(): RawSection {
    const { name, labels, line } = this;
    return { name, line, labels, entries: this.#entries };
  }

  #isGood(key: string, value: string, line: number, what: string): boolean {
    if (!isSectionName(this.kind)) return true;
    const spec = keysOf(this.kind)[spellingsOf(this.kind).get(key) ?? ""];
    if (spec === undefined) return true;
    const type = spec.type;
    // A name of a host is looked up later.
    if (type.hosts !== undefined) return true;
    const judged = parseValue(type, value);
    if (judged.ok) return true;
    const shown = type.secret ? key : what;
    this.#remarks.neverInForce(line, shown, `it must be ${judged.mustBe}`);
    return false;
  }
}
