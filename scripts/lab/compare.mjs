// compare.mjs pairs|services FILE... : see scripts/compare, which starts this in a mount and network namespace of its own. Files
// with virtual servers are run on one node, the others on a pair.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { differencesOf } from "./compare-differences.mjs";
import { closeAllPlaces, openPlace } from "./compare-place.mjs";
import { startDuet, startKeepalived } from "./compare-programs.mjs";
import { openServices } from "./compare-services.mjs";
import { note } from "./tell.mjs";
import { endAll, OUT } from "./topology.mjs";

const [what, ...files] = process.argv.slice(2);
const areServices = what === "services";
/** Most of the time everybody waits for timers. */
const AT_A_TIME = Number(process.env["COMPARE_AT_A_TIME"] ?? 2);
const READ_EVERY_MS = 1000;
/** So many equal reads in a row, once every timer of the file has had its time. */
const CALM_READS = 2;
const PATIENCE_MS = 60_000;
/** A timer that is longer does not end while anybody looks. */
const LONGEST_S = 10;

const totals = { same: 0, explained: 0, unexplained: 0, failed: 0 };
const waiting = files.entries();

async function main() {
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  note(
    `\n${files.length} files: ${totals.same} the same, ${totals.explained} with differences that duet explains, ${totals.unexplained} with others, ${totals.failed} not compared. Logs: ${OUT}`,
  );
}

async function work(_, lane) {
  const compare = areServices ? await openServices(files, `lane${lane}`) : comparePair;
  for (const [i, file] of waiting) {
    try {
      tell(file, await compare(file, `${i}-${basename(file)}`));
    } catch (error) {
      totals.failed += 1;
      note(`${file}: FAILED: ${error.stack}\n${error.stderr ?? ""}`);
    }
  }
}

async function comparePair(file, name) {
  const text = readFileSync(file, "utf8");
  const [theirs, ours] = await Promise.all(
    Object.entries({ theirs: startKeepalived, ours: startDuet }).map(([who, begin]) =>
      live(text, (place, node) =>
        begin(place, node, file, { log: `${name}.${who}.${node}`, vrrpOnly: true }),
      ),
    ),
  );
  return differencesOf({ file, text, theirs: theirs.seen, ours: ours.seen, notes: ours.notes });
}

/** The nodes start one after the other, the first ends, then the second. Returns what was seen after each step. */
async function live(text, begin) {
  const nodes = ["a", "b"];
  const place = openPlace(text);
  const settleMs = longestTimerMs(text);
  const programs = [];
  const seen = new Map();
  const look = async (when) => {
    await settled(() => Promise.all(nodes.map((node) => place.seen(node))), settleMs);
    for (const [i, node] of nodes.entries()) {
      const program = programs[i];
      const states = program === undefined || program.ended ? [] : await program.states();
      seen.set(`${when}, node ${node}`, [...(await place.seen(node)), ...states]);
    }
  };
  try {
    for (const node of nodes) {
      const program = begin(place, node);
      const runs = await program.ready();
      programs.push({ ...program, ended: !runs });
      await look(node === "a" ? "alone" : "as a pair");
    }
    for (const [i, program] of programs.entries()) {
      await program.end();
      program.ended = true;
      if (i === 0) await look("when a has ended");
    }
    for (const node of nodes) {
      seen.set(
        `calls, node ${node}`,
        place.calls(node).map((line) => `call ${line}`),
      );
      seen.set(
        `FIFOs, node ${node}`,
        place.fifoLines(node).map((line) => `FIFO ${line}`),
      );
    }
    return { seen, notes: programs.flatMap(({ notes }) => notes()) };
  } finally {
    place.close();
  }
}

/** Three intervals make a master, and a script is run at its interval. */
function longestTimerMs(text) {
  const within = (seconds) => seconds.filter((one) => one <= LONGEST_S);
  const adverts = within(valuesOf(text, "advert_int")).map((one) => 3 * one + 1);
  return 1000 * (1 + Math.max(4, ...adverts) + Math.max(1, ...within(valuesOf(text, "interval"))));
}

function valuesOf(text, keys) {
  const found = text.matchAll(new RegExp(`\\b(?:${keys})[\\s=]+([\\d.]+)`, "g"));
  return Array.from(found, ([, value]) => Number(value));
}

async function settled(read, atLeastMs) {
  const startMs = performance.now();
  let before = "";
  let calm = 0;
  await delay(atLeastMs);
  while (calm < CALM_READS) {
    const now = JSON.stringify(await read());
    calm = now === before ? calm + 1 : 0;
    before = now;
    if (performance.now() - startMs > PATIENCE_MS + atLeastMs) return;
    await delay(READ_EVERY_MS);
  }
}

function tell(file, differences) {
  const unexplained = differences.filter(({ explanation }) => explanation === null);
  if (differences.length === 0) totals.same += 1;
  else if (unexplained.length === 0) totals.explained += 1;
  else totals.unexplained += 1;
  note(
    `${file}: ${differences.length === 0 ? "same" : `${differences.length} differences, ${unexplained.length} unexplained`}`,
  );
  for (const { whens, who, line, explanation } of differences) {
    note(`    only ${who} has "${line}" (${whens.join("; ")})`);
    note(
      explanation === null
        ? "      NO WORD OF DUET ABOUT IT"
        : `      line ${explanation.line}: ${explanation.message}`,
    );
  }
}

process.once("SIGTERM", () => {
  closeAllPlaces();
  process.exit(143);
});
await main();
await endAll();
process.exit(totals.unexplained + totals.failed === 0 ? 0 : 1);
