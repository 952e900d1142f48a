// A statement of keepalived.conf as a line of a section, by the table of keywords.

import type { Remarks, Target } from "../foreign/target.ts";
import { nearest } from "../schema/suggest.ts";
import type { Carried, Keywords } from "./keywords.ts";
import type { Statement } from "./tree.ts";

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
  } else if (carried.as === "nothing") {
    remarks.noEffect(line, keyword, carried.why);
  } else if (hasItsBraces(statement, carried, remarks)) {
    if (carried.as === "own") own(statement, keyword);
    else carryKey(statement, carried, target, remarks);
  }
}

/** Without its braces a block is nothing. */
function hasItsBraces(
  { words, hasBlock, line, text }: Statement,
  carried: Carried,
  remarks: Remarks,
): boolean {
  const [keyword = "", ...rest] = words;
  const isBlock = carried.as === "list" || (carried.as === "own" && carried.block === true);
  if (isBlock && !hasBlock) {
    remarks.neverInForce(line, `"${text}"`, 'a "{" is missing behind it');
    return false;
  }
  if (isBlock && rest.length > 0 && keyword !== "real_server") {
    const why = "what belongs to it stands between its braces";
    remarks.neverInForce(line, `"${rest.join(" ")}" behind ${keyword}`, why);
  }
  return true;
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
      const [first] = values;
      const value = carried.bare ? "yes" : booleanOf(first);
      if (value !== undefined) target.set(key, value, line);
      else remarks.neverInForce(line, statement.text, "it must be on or off");
      if (!carried.bare || booleanOf(first) === "yes") return;
      const why = `${keyword} means yes, whatever stands behind it`;
      remarks.neverInForce(line, `"${values.join(" ")}" behind ${keyword}`, why);
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
