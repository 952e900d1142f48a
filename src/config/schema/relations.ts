// What rows say of keys beside each other, as data, and of the sections that they name: one wording for each kind of relation.

import type { Report } from "./lines.ts";
import type { KeySpec, Located, SectionSpec } from "./row.ts";
import { didYouMean } from "./suggest.ts";

type Rows = Readonly<Record<string, KeySpec>>;

/** A section, as far as relations look at it. */
type Written = {
  readonly kind: string;
  readonly title: string;
  readonly labels: readonly string[];
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
  readonly lines: Readonly<Record<string, number>>;
};

/** Of the keys of one section. */
export function judgeRelations(rows: Rows, section: Written, report: Report): void {
  for (const [key, row] of relatedOf(rows)) {
    if (row.atMost !== undefined) judgeOrder(key, row.atMost, section, report);
    const line = section.lines[key];
    // What was no good has been told.
    if (line === undefined || !hasValue(section.values[key])) continue;
    judgeNeeds(key, line, { rows, section, report });
    const { excludes = [], opposes, sameFamily } = row;
    for (const other of [excludes].flat()) {
      if (!isOn(other, section)) continue;
      report(
        laterOf(section, key, other),
        `Cannot use ${other} and ${key} in one ${section.kind}: leave one of them out`,
      );
    }
    const [own, others] = [section.values[key], section.values[opposes ?? ""]];
    if (opposes !== undefined && own !== undefined && own === others) {
      report(
        laterOf(section, key, opposes),
        `Cannot use ${opposes} and ${key} that contradict each other: leave one of them out`,
      );
    }
    const near = section.values[sameFamily ?? ""];
    if (own !== undefined && near !== undefined && isInet6(own) !== isInet6(near)) {
      report(
        line,
        `Cannot use ${key} ${wordOf(own)} with ${sameFamily} ${wordOf(near)}: they must be of one family`,
      );
    }
  }
}

type Around = { readonly rows: Rows; readonly section: Written; readonly report: Report };

function judgeNeeds(key: string, line: number, { rows, section, report }: Around): void {
  const { requires, ignoredWith } = rows[key] ?? {};
  const spelled = (name: string): string => `${name}${rows[name]?.list ? "[]" : ""}`;
  if (requires !== undefined && !requires.keys.some((other) => stands(other, rows, section))) {
    const effect = requires.ignored ? ", it is ignored" : "";
    report(
      line,
      `Cannot use ${key} without ${requires.keys.map(spelled).join(" or ")}${effect}: ${requires.why}`,
      requires.ignored ? "warning" : "error",
    );
  }
  const other = ignoredWith?.keys.find((each) => isOn(each, section));
  if (ignoredWith === undefined || other === undefined) return;
  report(
    line,
    `Cannot use ${key} with ${spelled(other)}, it is ignored: ${ignoredWith.why}`,
    "warning",
  );
}

function judgeOrder(key: string, other: string, section: Written, report: Report): void {
  if (section.lines[key] === undefined && section.lines[other] === undefined) return;
  const [least, most] = [section.values[key], section.values[other]];
  if (typeof least !== "number" || typeof most !== "number" || least <= most) return;
  report(
    laterOf(section, key, other),
    `Cannot use ${key} ${least} with ${other} ${most}: it must not be more`,
  );
}

/** Written here and not switched off, or said by somebody whom this section inherits from. */
function stands(key: string, rows: Rows, section: Written): boolean {
  if (section.lines[key] !== undefined) return isOn(key, section);
  return rows[key]?.inherits !== undefined && hasValue(section.values[key]);
}

function hasValue(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function isOn(key: string, { lines, values }: Written): boolean {
  const value = values[key];
  const isOff = value === false || (value as { readonly on?: unknown } | undefined)?.on === false;
  return lines[key] !== undefined && !isOff;
}

function laterOf({ lines, line }: Written, ...keys: readonly string[]): number {
  return Math.max(...keys.map((key) => lines[key] ?? line));
}

function isInet6(value: unknown): boolean {
  return String(value).includes(":");
}

/** Tells who has something twice. */
export type Owners = (
  id: string,
  what: string,
  owner: Pick<Written, "title">,
  line: number,
) => void;

export function openOwners(report: Report): Owners {
  const owners = new Map<string, { readonly title: string; readonly line: number }>();
  return (id, what, { title }, line) => {
    const other = owners.get(id);
    if (other === undefined) {
      owners.set(id, { title, line });
      return;
    }
    const where =
      other.title === title ? `line ${other.line}` : `[${other.title}] (line ${other.line})`;
    report(line, `Cannot use ${what} twice: ${where} has it already`);
  };
}

/** Of the names of sections, and of what only one may have. `used`: titles that somebody needs without naming them. */
export function judgeNames(
  sections: readonly Written[],
  kinds: Readonly<Record<string, SectionSpec>>,
  used: readonly string[],
  report: Report,
): void {
  const names = new Map<string, Set<string>>(Object.keys(kinds).map((kind) => [kind, new Set()]));
  for (const { kind, labels } of sections) names.get(kind)?.add(labels[0] ?? "");
  const needed = new Set(used);
  const everywhere = new Map<KeySpec, Owners>();
  for (const section of sections) {
    for (const [key, row] of namedOf(kinds[section.kind]?.keys ?? {})) {
      const { refers, unique, type } = row;
      let owners = unique === "everywhere" ? everywhere.get(row) : undefined;
      if (unique !== undefined) owners ??= openOwners(report);
      if (unique === "everywhere" && owners !== undefined) everywhere.set(row, owners);
      for (const { value, line } of itemsOf(section, key)) {
        const about = type.about === undefined ? value : type.about(value);
        if (about === null) continue;
        const id = wordOf(about);
        const known = names.get(refers ?? "");
        if (known !== undefined) needed.add(`${refers}.${id}`);
        if (known?.has(id) === false) {
          const hint = didYouMean(id, known);
          report(line, `Cannot use ${key} "${id}": there is no [${refers}.${id}]${hint}`);
        } else owners?.(id, `${key} ${id}`, section, line);
      }
    }
  }
  for (const { kind, title, labels, line } of sections) {
    const unused = kinds[kind]?.unused;
    if (unused === undefined || needed.has(`${kind}.${labels[0]}`)) continue;
    report(line, `Cannot make use of [${title}]: ${unused}`, "warning");
  }
}

/** What is written for a key in this section itself. */
function itemsOf({ values, lines }: Written, key: string): readonly Located<unknown>[] {
  const [value, line] = [values[key], lines[key]];
  if (value === undefined || line === undefined) return [];
  return Array.isArray(value) ? (value as readonly Located<unknown>[]) : [{ value, line }];
}

type Related = readonly (readonly [string, KeySpec])[];

/** Thousands of sections have the same rows. */
function remembered(choose: (row: KeySpec) => unknown): (rows: Rows) => Related {
  const known = new WeakMap<Rows, Related>();
  return (rows) => {
    const found = known.get(rows) ?? Object.entries(rows).filter(([, row]) => choose(row));
    known.set(rows, found);
    return found;
  };
}

const relatedOf = remembered(
  ({ requires, excludes, ignoredWith, opposes, sameFamily, atMost }) =>
    requires ?? excludes ?? ignoredWith ?? opposes ?? sameFamily ?? atMost,
);
const namedOf = remembered(({ refers, unique }) => refers ?? unique);

/** What names, addresses and numbers are as text. */
function wordOf(value: unknown): string {
  return typeof value === "string" ? value : String(Number(value));
}
