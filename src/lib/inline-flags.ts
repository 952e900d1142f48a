// Flags at the start of an expression, as PCRE has them and JavaScript does not: "(?i)ok". Pure.

const AT_START = /^\(\?([ims]+)\)/;

/** What is left of it, with those flags beside the others. */
export function withInlineFlags(
  source: string,
  flags = "",
): { readonly source: string; readonly flags: string } {
  const [whole = "", letters = ""] = AT_START.exec(source) ?? [];
  return {
    source: source.slice(whole.length),
    flags: [...new Set(flags + letters)].join(""),
  };
}
