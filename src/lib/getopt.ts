// Command lines as getopt_long(3) reads them, for the programs that duet stands in for: "-nlD", "-f FILE", "-fFILE",
// "--use-file=FILE", a long option by its beginning, and options after what is none.

export type OptionSpec = {
  readonly long: string;
  readonly short?: string;
  /** What stands behind it; "may" = only in the same word. */
  readonly value?: "must" | "may";
};

export type Argument<Spec> =
  | { readonly kind: "option"; readonly spec: Spec; readonly value: string | null }
  /** What is no option. */
  | { readonly kind: "word"; readonly word: string }
  /** `option` as it was written. */
  | { readonly kind: "unknown" | "missing"; readonly option: string };

/** In the order in which they stand there. */
export function getopt<Spec extends OptionSpec>(
  args: readonly string[],
  specs: readonly Spec[],
): readonly Argument<Spec>[] {
  const found: Argument<Spec>[] = [];
  const waiting = [...args];
  const take = (spec: Spec, option: string, glued: string | undefined): void => {
    const value = glued ?? (spec.value === "must" ? waiting.shift() : undefined) ?? null;
    if (spec.value === "must" && value === null) found.push({ kind: "missing", option });
    else found.push({ kind: "option", spec, value });
  };
  const takeShort = (letters: string): void => {
    const letter = letters.charAt(0);
    const rest = letters.slice(1);
    const spec = specs.find(({ short }) => short === letter);
    if (spec === undefined) found.push({ kind: "unknown", option: `-${letter}` });
    else if (spec.value !== undefined) return take(spec, `-${letter}`, rest || undefined);
    else take(spec, `-${letter}`, undefined);
    if (rest !== "") takeShort(rest);
  };
  for (let arg = waiting.shift(); arg !== undefined; arg = waiting.shift()) {
    if (arg === "--") return [...found, ...waiting.map(wordOf)];
    if (arg === "-" || !arg.startsWith("-")) found.push(wordOf(arg));
    else if (!arg.startsWith("--")) takeShort(arg.slice(1));
    else {
      const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
      const spec = longOption(name, specs);
      if (spec === undefined || (value !== undefined && spec.value === undefined)) {
        found.push({ kind: "unknown", option: arg });
      } else take(spec, `--${spec.long}`, value);
    }
  }
  return found;
}

function wordOf(word: string): { readonly kind: "word"; readonly word: string } {
  return { kind: "word", word };
}

/** By its name, or by a beginning that no other one has. */
function longOption<Spec extends OptionSpec>(
  name: string,
  specs: readonly Spec[],
): Spec | undefined {
  const begun = specs.filter(({ long }) => long.startsWith(name));
  return specs.find(({ long }) => long === name) ?? (begun.length === 1 ? begun[0] : undefined);
}
