// How long an expression can take at most, without running it. JavaScript's engine backtracks: /(a+)+$/ needs 2^n steps on n
// letters, /foo.*bar/ n^2. What has no unbounded repetition has a limit that can be told from its text. Pure.
//
//   steps <= (letters of the text + 1) x ways to match from one place x letters of the longest way

/** Infinity = it cannot be told. */
export function stepsMax(source: string, textLength: number): number {
  const cost = parse(source);
  return cost === undefined ? Infinity : (textLength + 1) * cost.ways * (cost.length + 1);
}

/** From one place of the text: how many ways there are to match, and how far the longest goes. */
type Cost = { readonly ways: number; readonly length: number };

const NOTHING: Cost = { ways: 1, length: 0 };

/** undefined = something is in it whose cost depends on the text. */
function parse(source: string): Cost | undefined {
  let at = 0;

  /** Up to the end, or the parenthesis that closes the group. */
  function alternatives(): Cost | undefined {
    let all = sequence();
    while (all !== undefined && source[at] === "|") {
      at += 1;
      const next = sequence();
      all = next && { ways: all.ways + next.ways, length: Math.max(all.length, next.length) };
    }
    return all;
  }

  function sequence(): Cost | undefined {
    let all: Cost = NOTHING;
    while (at < source.length && source[at] !== "|" && source[at] !== ")") {
      const one = atom();
      const times = one && repeated(one);
      if (times === undefined) return undefined;
      all = { ways: all.ways * times.ways, length: all.length + times.length };
    }
    return all;
  }

  function atom(): Cost | undefined {
    const [plain = ""] =
      /^(?:\\[^1-9k]|\[(?:\\.|[^\]\\])*\]|[^\\[(])/su.exec(source.slice(at)) ?? [];
    if (plain !== "") {
      at += plain.length;
      return { ways: 1, length: plain.length };
    }
    // Not a look around, whose own ways come to nothing and are tried all the same.
    const [open = ""] = /^\((?:\?:|\?<[^=!>]+>|(?!\?))/.exec(source.slice(at)) ?? [];
    if (open === "") return undefined;
    at += open.length;
    const inside = alternatives();
    at += 1;
    return inside;
  }

  function repeated(one: Cost): Cost | undefined {
    const [text = "", count, most] =
      /^(?:[*+]|\?|\{(\d+)(,\d*)?\})\??/.exec(source.slice(at)) ?? [];
    at += text.length;
    if (text === "") return one;
    if (text.startsWith("?")) return { ...one, ways: one.ways + 1 };
    const least = Number(count);
    const greatest = most === undefined ? least : Number(most.slice(1) || Number.NaN);
    if (!Number.isFinite(greatest)) return undefined;
    const length = one.length * greatest;
    const lengths = greatest - least + 1;
    return { ways: one.ways ** greatest * lengths, length };
  }

  const whole = alternatives();
  return at < source.length ? undefined : whole;
}
