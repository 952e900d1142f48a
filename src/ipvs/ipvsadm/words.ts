// The command line as words: how popt, which ipvsadm uses, tells options, their values and other arguments apart.
//
//   -Ln  -At x  -Atx  -At=x  --tcp-service x  --tcp-service=x  -p  -p 30  --
//
// No abbreviations: popt knows none. Nothing is judged here but the spelling.

import { OPTIONS, type OptionSpec } from "./options.ts";

export type Word = {
  readonly option: OptionSpec;
  /** undefined: it takes none, or none was given. */
  readonly value: string | undefined;
  /** The argument last read, for error texts. */
  readonly argument: string;
};

export type Words = {
  readonly words: readonly Word[];
  /** What is no option, in order. */
  readonly rest: readonly string[];
  /** What ended the reading after `words`. */
  readonly error: { readonly argument: string; readonly text: string } | null;
};

const byLong = new Map(OPTIONS.map((option) => [option.long, option]));
const byShort = new Map(OPTIONS.map((option) => [option.short ?? "", option]));
byShort.delete("");

export function readWords(argv: readonly string[]): Words {
  const words: Word[] = [];
  const rest: string[] = [];
  let next = 0;

  /** The value that an option finds in the arguments behind it. */
  function following(option: OptionSpec): string | undefined {
    if (option.takes === "maybe" && argv[next]?.startsWith("-")) return undefined;
    const value = argv[next];
    if (value !== undefined) next += 1;
    return value;
  }

  /** What is wrong, or undefined. */
  function readLong(argument: string): string | undefined {
    const [, name = "", attached] = /^--([^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
    const option = byLong.get(name);
    if (option === undefined) return "unknown option";
    if (option.takes === "nothing") {
      if (attached !== undefined) return "option does not take an argument";
      words.push({ option, value: undefined, argument });
      return undefined;
    }
    return readValue(option, attached, argument);
  }

  function readShorts(argument: string): string | undefined {
    for (let letters = argument.slice(1); letters !== ""; ) {
      const option = byShort.get(letters.slice(0, 1));
      letters = letters.slice(1);
      if (option === undefined) return "unknown option";
      if (option.takes !== "nothing") {
        const attached = letters === "" ? undefined : letters.replace(/^=/, "");
        return readValue(option, attached, argument);
      }
      if (letters.startsWith("=")) return "option does not take an argument";
      words.push({ option, value: undefined, argument });
    }
    return undefined;
  }

  function readValue(
    option: OptionSpec,
    attached: string | undefined,
    argument: string,
  ): string | undefined {
    const value = attached ?? following(option);
    if (value === undefined && option.takes === "value") return "missing argument";
    words.push({ option, value, argument: argv[next - 1] ?? argument });
    return undefined;
  }

  while (next < argv.length) {
    const argument = argv[next] ?? "";
    next += 1;
    if (argument === "--") {
      rest.push(...argv.slice(next));
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      rest.push(argument);
      continue;
    }
    const text = argument.startsWith("--") ? readLong(argument) : readShorts(argument);
    if (text !== undefined) return { words, rest, error: { argument, text } };
  }
  return { words, rest, error: null };
}
