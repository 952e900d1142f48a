// The files that a pattern of include means: glob(3), with braces.

import { readdirSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";

export function filesLike(pattern: string, folder: string): readonly string[] {
  const full = isAbsolute(pattern) ? pattern : join(folder, pattern);
  return [...new Set(unfold(full).flatMap((one) => matching(one)))].filter(isFile);
}

/** Those among its paths that may come to mean other files. */
export function patternsOf(pattern: string, folder: string): readonly string[] {
  const full = isAbsolute(pattern) ? pattern : join(folder, pattern);
  return unfold(full).filter((one) => WILD.test(one));
}

/** "a{b,c}d" -> "abd", "acd". */
function unfold(pattern: string): readonly string[] {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(pattern);
  if (found === null) return [pattern];
  const [, before = "", inside = "", after = ""] = found;
  return inside.split(",").flatMap((one) => unfold(`${before}${one}${after}`));
}

function matching(path: string): readonly string[] {
  if (!WILD.test(path)) return [path];
  const folder = dirname(path);
  const last = expressionOf(basename(path));
  return matching(folder).flatMap((each) =>
    namesIn(each)
      .filter((name) => last.test(name))
      .map((name) => join(each, name)),
  );
}

export const WILD = /[*?[]/;

/** Of one name. */
export function expressionOf(pattern: string): RegExp {
  const text = pattern.replace(/[.+^${}()|\\]/g, "\\$&").replace(/\[!/g, "[^");
  const found = text.replace(/\*/g, "[^/]*").replace(/\?/g, "[^/]");
  try {
    // A leading dot is matched by a dot alone.
    return new RegExp(`^${/^[*?[]/.test(pattern) ? "(?!\\.)" : ""}${found}$`, "s");
  } catch {
    // "[" without its "]", or a range that goes backwards, is like no name.
    return /^$/;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
