// A command line as words, the way a shell quotes them and nothing else of a shell: no variables, no globs.

export type Words =
  | { readonly ok: true; readonly words: readonly string[] }
  | { readonly ok: false; readonly reason: string };

/** `a 'b c' "d \"e\"" f\ g` -> a, b c, d "e", f g */
export function splitWords(line: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let quote: "'" | '"' | undefined;
  for (let i = 0; i < line.length; i += 1) {
    const char = line.charAt(i);
    if (char === "\\" && quote !== "'") {
      const next = line.charAt(i + 1);
      if (next === "") return { ok: false, reason: "it ends in a backslash" };
      // POSIX: between double quotes a backslash escapes only what is special there.
      const kept = quote === '"' && !'"\\$`'.includes(next) ? "\\" : "";
      word = `${word ?? ""}${kept}${next}`;
      i += 1;
    } else if (quote !== undefined) {
      if (char === quote) quote = undefined;
      else word = `${word ?? ""}${char}`;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = `${word ?? ""}${char}`;
  }
  if (quote !== undefined) return { ok: false, reason: `a ${quote} is not closed` };
  if (word !== undefined) words.push(word);
  return { ok: true, words };
}
