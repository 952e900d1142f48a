// What only one of two programs has, and which word of duet says why: a note whose line, or whose text, names the same thing,
// else one about the block of the file where that thing is written.

/**
 * theirs, ours: from the time and place of a look to the lines that were seen.
 * Returns { whens, who, line, explanation: null | { line, message } } for each line that only one has.
 */
export function differencesOf({ text, theirs, ours, notes }) {
  const differences = new Map();
  const differs = (when, who, line) => {
    const same = differences.get(`${who} ${line}`);
    if (same === undefined) differences.set(`${who} ${line}`, { whens: [when], who, line });
    else if (!same.whens.includes(when)) same.whens.push(when);
  };
  for (const [when, lines] of theirs) {
    const other = ours.get(when) ?? [];
    for (const line of without(lines, other)) differs(when, "the other", line);
    for (const line of without(other, lines)) differs(when, "duet", line);
  }
  const blocks = blocksOf(text);
  return [...differences.values()].map((one) => ({
    ...one,
    explanation: explanationOf(one.line, notes, text.split("\n"), blocks),
  }));
}

/** One for one: a call that one program makes twice and the other once is a difference. */
function without(lines, others) {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

/** What notes about such lines speak of. */
const SUBJECTS = [
  { of: /^state /, note: /priority|master|BACKUP/i },
  { of: /^link | (on|dev) vrrp/, note: /^use_(vmac|ipvlan):/ },
];

function explanationOf(line, all, rows, blocks) {
  const subject = SUBJECTS.find(({ of }) => of.test(line));
  const isAbout = ({ message }) => subject?.note.test(message) === true;
  const notes = [...all.filter(isAbout), ...all.filter((one) => !isAbout(one))];
  const names = namesIn(line);
  const mentions = (text) => names.some((name) => wordsOf(text).has(name));
  if (line.startsWith("ipvs ")) return ofService(line, all, rows) ?? null;
  const direct =
    notes.find(({ line: at }) => mentions(rows[at - 1] ?? "")) ??
    notes.find(({ message }) => mentions(message));
  if (direct !== undefined) return direct;
  const own = blocks.filter(({ from, to }) => rows.slice(from, to + 1).some(mentions));
  const isOwn = ({ line: at }) => own.some(({ from, to }) => at - 1 >= from && at - 1 <= to);
  // The blocks of addresses, routes and rules of the machine hold many that have nothing to do with each other.
  const isOfMachine = rows[own[0]?.from]?.startsWith("static_") === true;
  const ofBlock = isOfMachine ? undefined : notes.find(isOwn);
  // The name of a link is not always written.
  return ofBlock ?? (subject?.of.test("link ") === true ? notes.find(isAbout) : undefined) ?? null;
}

/** A note about the real server of a line of ipvsadm, else one about its virtual server. */
function ofService(line, notes, rows) {
  const starts = rows.flatMap((row, i) => (PLACE.test(row) ? [i] : []));
  const parts = starts.map((from, i) => ({ from, to: starts[i + 1] ?? rows.length }));
  const named = ({ from }, place) => {
    const words = wordsOf(rows[from]);
    return [place, place.replace(/:\d+$/, "")].some((word) =>
      [...wordsOf(word)].every((one) => words.has(one)),
    );
  };
  const isReal = ({ from }) => /^\s*real/.test(rows[from]);
  const [virtual, real] = [/-[tuf] (\S+)/, /-r (\S+)/].map((word) => word.exec(line)?.[1]);
  const at = parts.findIndex((part) => !isReal(part) && named(part, virtual));
  if (at === -1) return undefined;
  const next = parts.findIndex((part, i) => i > at && !isReal(part));
  const reals = parts.slice(at + 1, next === -1 ? parts.length : next);
  const own = real === undefined ? undefined : reals.find((part) => named(part, real));
  return [own, parts[at]]
    .flatMap((part) => (part === undefined ? [] : [part]))
    .map(({ from, to }) => notes.find(({ line: where }) => where - 1 >= from && where - 1 < to))
    .find((found) => found !== undefined);
}

const PLACE = /^\s*(?:virtual|real)(?:_server\s|6?\s*=)/;

/** What tells one thing from another: an address, the name of an instance, the path of a program, a long number. */
function namesIn(line) {
  const [kind, ...words] = line.split(" ");
  if (kind === "state") return words.slice(0, 1);
  if (kind === "FIFO") return [...line.matchAll(/"(.*?)"/g)].map(([, name]) => name);
  const special = [...wordsOf(words.join(" "))].filter((word) => /[.:]|^\/|^\d{5,}$/.test(word));
  return special.length > 0
    ? special
    : [...wordsOf(words.join(" "))].filter((word) => /^\d+$/.test(word));
}

function wordsOf(text) {
  const words = text.split(/[\s[\]"',;={}()]+/).map((word) => word.replace(/:$/, ""));
  return new Set(
    words.flatMap((word) => [word, word.replace(/\/\d+$/, "")]).filter((word) => word !== ""),
  );
}

/** Blocks of the top level. */
function blocksOf(text) {
  const rows = text.split("\n");
  const blocks = [];
  let depth = 0;
  let from = 0;
  for (const [i, row] of rows.entries()) {
    const opens = row.split("{").length - 1;
    const closes = row.split("}").length - 1;
    if (depth === 0 && opens > 0) from = i;
    if (depth + opens > 0 && depth + opens - closes <= 0) blocks.push({ from, to: i });
    depth = Math.max(0, depth + opens - closes);
  }
  return blocks;
}
