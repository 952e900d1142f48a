// The sections that a keepalived.conf becomes, while they are written; and what is remarked meanwhile.

import { isSectionName, keysOf, spellingsOf } from "../keys.ts";
import type { Entry, LineProblem, RawSection } from "../schema/lines.ts";
import { nearest } from "../schema/suggest.ts";
import { parseValue } from "../schema/type.ts";
import type { Carried, Keywords } from "./keywords.ts";
import type { Statement } from "./language.ts";

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
  readonly line: number;
  readonly #entries: Entry[] = [];
  readonly #remarks: Remarks;

  constructor(kind: string, labels: readonly string[], line: number, remarks: Remarks) {
    this.kind = kind;
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

  remove(key: string): void {
    const index = this.#entries.findIndex((entry) => entry.key === key);
    if (index !== -1) this.#entries.splice(index, 1);
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  section(): RawSection {
    const { name, line } = this;
    return { name, line, firstLine: undefined, entries: this.#entries };
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

const BOOLEANS: ReadonlyMap<string, string> = new Map([
  ["on", "yes"],
  ["true", "yes"],
  ["yes", "yes"],
  ["off", "no"],
  ["false", "no"],
  ["no", "no"],
]);

/** keepalived's BOOL; alone it means yes. */
export function booleanOf(word: string | undefined): string | undefined {
  return word === undefined ? "yes" : BOOLEANS.get(word);
}

/**
 * Carries a statement over that the table knows how to; `own` gets the others. What no table has is remarked.
 * `where`: "vrrp_instance VI_1", for people.
 */
export function carry(
  statement: Statement,
  words: Keywords,
  where: string,
  target: Target,
  remarks: Remarks,
  own: (statement: Statement, keyword: string) => void,
): void {
  const [keyword = ""] = statement.words;
  const carried = words.get(keyword);
  const { line } = statement;
  if (carried === undefined) {
    remarks.neverInForce(
      line,
      `"${keyword}"`,
      `${where} has no such keyword${hint(keyword, words)}`,
    );
  } else if (carried.as === "own") {
    own(statement, keyword);
  } else if (carried.as === "nothing") {
    remarks.noEffect(line, keyword, carried.why);
  } else {
    carryKey(statement, carried, target, remarks);
  }
}

function hint(keyword: string, words: Keywords): string {
  const near = nearest(keyword, words.keys());
  return near === undefined ? "" : ` (did you mean "${near}"?)`;
}

function carryKey(
  statement: Statement,
  carried: Exclude<Carried, { readonly as: "own" | "nothing" }>,
  target: Target,
  remarks: Remarks,
): void {
  const { words, line } = statement;
  const [keyword = "", ...values] = words;
  const key = carried.key ?? keyword;
  switch (carried.as) {
    case "value": {
      const [value, ...rest] = values;
      if (value === undefined) remarks.neverInForce(line, keyword, "it has no value");
      else target.set(key, value, line);
      if (rest.length === 0) return;
      remarks.neverInForce(line, `"${rest.join(" ")}" behind ${keyword}`, "it has one value");
      return;
    }
    case "line": {
      if (values.length === 0) remarks.neverInForce(line, keyword, "it has no value");
      else target.set(key, values.join(" "), line);
      return;
    }
    case "flag": {
      const value = booleanOf(values[0]);
      if (value !== undefined) target.set(key, value, line);
      // keepalived takes the bare word and reports what stands behind it.
      else target.set(key, "yes", line);
      return;
    }
    case "list": {
      for (const item of statement.block ?? []) target.add(key, item.words.join(" "), item.line);
      return;
    }
    case "script":
      carryScript(statement, key, target, remarks);
  }
}

/** COMMAND [USER [GROUP]]: the command is one word, in quotes where it has arguments. */
export function carryScript(
  { words, quoted, line, text }: Statement,
  key: string,
  target: Target,
  remarks: Remarks,
): void {
  const [keyword = "", command, ...who] = words;
  if (command === undefined || command === "") {
    remarks.neverInForce(line, keyword, "it has no command");
    return;
  }
  const arguments_ = !quoted.has(1) && who.length > 0 && !isIdentity(who);
  if (arguments_) {
    remarks.differs(
      line,
      `${keyword}: "${text}" has arguments without quotes, and keepalived takes them for a user and a group: ${keyword} "${[command, ...who].join(" ")}"`,
    );
    return;
  }
  target.setFirst(key, shellOf(command), line);
  if (who.length > 0) {
    const user = who
      .join(" ")
      .replace(/^:|\s:/g, " ")
      .trim();
    const before = target.valueOf("script_user");
    if (before !== null && before !== user) {
      remarks.differs(
        line,
        `${keyword} runs as ${before}, as the others of its section, and not as ${user}`,
      );
    } else if (before === null) target.set("script_user", user, line);
  }
}

function isIdentity(words: readonly string[]): boolean {
  return words.length <= 2 && words.every((word) => /^:?[a-z_][\w.-]*\$?$/i.test(word));
}

/** "</dev/tcp/HOST/PORT" is a file that keepalived opens by a shell. */
function shellOf(command: string): string {
  return command.startsWith("</") ? `/bin/bash -c '${command}'` : command;
}
