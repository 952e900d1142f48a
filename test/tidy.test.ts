// The house rules that a reader of the sources can check: what is banned where, how long a file is, and that
// nothing lies about unused.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import test from "ava";

type Ban = {
  readonly what: string;
  readonly pattern: RegExp;
  /** Files, and folders with their slash, in which it is allowed. */
  readonly except: readonly string[];
  readonly instead: string;
};

const clock = "src/lib/clock.ts";

const bans: readonly Ban[] = [
  {
    what: "console",
    pattern: /\bconsole\./,
    except: ["src/cli/"],
    instead: "take a Log, or write to process.stdout in cli/",
  },
  {
    what: "the wall clock",
    pattern: /\bDate\.now\(|\bnew Date\(\)/,
    except: [clock, "src/kernel/"],
    instead: "nowMs or wallTime of lib/clock.ts",
  },
  {
    what: "performance.now",
    pattern: /\bperformance\.now\(/,
    except: [clock, "src/kernel/"],
    instead: "nowMs of lib/clock.ts",
  },
  {
    what: "timers",
    pattern: /\bset(Timeout|Interval)\(/,
    except: [clock, "src/kernel/"],
    instead: "an Alarm of a Clock, or delayMs",
  },
  {
    what: "chance",
    pattern: /\bMath\.random\(/,
    except: [clock, "src/kernel/"],
    instead: "an argument",
  },
  {
    what: "a task without an issue",
    pattern: /\b(TODO|FIXME|XXX)\b(?! *\(?#\d+)/,
    except: [],
    instead: "TODO #123, or do it",
  },
  {
    what: "any",
    pattern: /: any\b|\bas any\b|<any>/,
    except: [],
    instead: "unknown, and a check",
  },
  {
    what: "a default export",
    pattern: /^export default /m,
    except: [],
    instead: "a named export",
  },
];

const LINES_MAX = 300;

const sources = filesBelow("src").filter((file) => file.endsWith(".ts"));
const texts = new Map(sources.map((file) => [file, readFileSync(file, "utf8")]));

for (const { what, pattern, except, instead } of bans) {
  test(`src has no use for ${what}`, (t) => {
    for (const [file, text] of texts) {
      if (except.some((place) => file.startsWith(place))) continue;
      const at = withoutComments(text, what).search(pattern);
      t.is(at, -1, `${file} uses ${what}; use ${instead}`);
    }
  });
}

test(`no file of src is longer than ${LINES_MAX} lines`, (t) => {
  const long = [...texts].filter(([, text]) => linesOf(text) > LINES_MAX);
  t.deepEqual(
    long.map(([file, text]) => `${file}: ${linesOf(text)} lines`),
    [],
  );
});

test("every file of src is used: imported by another, or main.ts", (t) => {
  const imported = new Set([...texts].flatMap(([file, text]) => importsOf(file, text)));
  const unused = sources.filter((file) => file !== "src/main.ts" && !imported.has(file));
  t.deepEqual(unused, []);
});

test("every file of src begins by saying what it is", (t) => {
  const silent = [...texts].filter(([, text]) => !/^(#!.*\n)?(\/\/|\/\*\*)/.test(text));
  t.deepEqual(
    silent.map(([file]) => file),
    [],
  );
});

test("nothing here tells on which machine it was written", (t) => {
  const workplace = new RegExp(
    ["/wo" + "rk/", "sha" + "red/(facts|examples)", "/tmp" + "/br"].join("|"),
  );
  const files = ["src", "test", "scripts", "conf"]
    .flatMap(filesBelow)
    .concat(readdirSync(".").filter((file) => /\.(md|json)$/.test(file)));
  for (const file of files) {
    t.notRegex(readFileSync(file, "utf8"), workplace, file);
  }
});

function linesOf(text: string): number {
  return text.trimEnd().split("\n").length;
}

/** Comments may name what is banned, and say why; a task is banned in comments first of all. */
function withoutComments(text: string, what: string): string {
  if (what.startsWith("a task")) return text;
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}

function importsOf(file: string, text: string): readonly string[] {
  const paths = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...paths].map(([, path = ""]) => relative(".", resolve(dirname(file), path)));
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
