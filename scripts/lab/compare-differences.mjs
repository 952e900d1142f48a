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
