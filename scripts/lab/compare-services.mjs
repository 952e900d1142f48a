// Files with virtual servers: both programs run at once, each at a node of its own, and their tables are looked at until they are
// the same for good. A pair of places serves one file after the other: on the lab kernel each new process costs a second.

import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { differencesOf } from "./compare-differences.mjs";
import { openPlace } from "./compare-place.mjs";
import {
  ipvsTableOf,
  startDirector,
  startDuet,
  startKeepalived,
  startLdirectord,
} from "./compare-programs.mjs";
import { openServers } from "./compare-servers.mjs";

const READ_EVERY_MS = 500;
/** What still differs so long after every check had its time differs. A machine on which a start is slow gets more of it. */
const PATIENCE_MS = 10_000;
const PATIENCE_STARTS = 2;

/** Returns how to compare one of the files. */
export async function openServices(files, name) {
  const texts = files.map((file) => readFileSync(file, "utf8"));
  const sides = { theirs: openPlace(texts.join("\n")), ours: openPlace(texts.join("\n")) };
  const serve = await Promise.all(
    Object.entries(sides).map(([who, place]) =>
      openServers(place, texts, `${name}.${who}.servers`),
    ),
  );
  return async function compareServices(file, ofFile) {
    const text = readFileSync(file, "utf8");
    for (const place of Object.values(sides)) place.prepare(text);
    await Promise.all(serve.map((each) => each(text)));
    try {
      return await compareThere(sides, file, text, ofFile);
    } finally {
      // What is still there after a failure must not meet the next file.
      for (const place of Object.values(sides)) clear(place);
    }
  };
}

async function compareThere(sides, file, text, name) {
  const startMs = performance.now();
  const runs = await Promise.all(
    Object.entries(sides).map(async ([who, place]) => {
      const log = `${name}.${who}`;
      const program = starterFor(file, who, text)(place, "a", file, { log, vrrpOnly: false });
      return { place, program, runs: await program.ready(), seen: new Map() };
    }),
  );
  const patienceMs = PATIENCE_MS + PATIENCE_STARTS * (performance.now() - startMs);
  const looks = { isWhole: isWhole(text), atLeastMs: longestCheckMs(text), patienceMs };
  await settled(runs, looks);
  for (const run of runs) await endAndLook(run, looks);
  const [theirs, ours] = runs.map(({ seen }) => seen);
  return differencesOf({ text, theirs, ours, notes: runs[1].program.notes() });
}

function clear(place) {
  place.killAll("a");
  place.runAt("a", "ipvsadm", "-C");
}

function starterFor(file, who, text) {
  if (who === "ours") return isWhole(text) ? startDuet : startDirector;
  return file.endsWith(".cf") ? startLdirectord : startKeepalived;
}

/** With instances, or scripts that are called, there is more to see than a table. */
function isWhole(text) {
  return /^\s*vrrp_instance|^\s*(?:notify\w*|quorum_(?:up|down)|fallbackcommand)\b/m.test(text);
}

/** Until both have the same, once every check has had its time; else until nobody can hope for it any more. */
async function settled(runs, { isWhole: whole, atLeastMs, patienceMs }) {
  const startMs = performance.now();
  for (;;) {
    await delay(READ_EVERY_MS);
    const forMs = performance.now() - startMs;
    if (forMs < atLeastMs) continue;
    const isLate = forMs > atLeastMs + patienceMs || runs.some(({ program }) => program.hasEnded());
    const [theirs, ours] = runs.map(({ program }) => ipvsTableOf(program.pid).sort().join("\n"));
    if (theirs !== ours && !isLate) continue;
    for (const run of runs) run.seen.set("while it runs", await lookAt(run, whole));
    const [one, other] = runs.map(({ seen }) => seen.get("while it runs").join("\n"));
    if (one === other || isLate) return;
  }
}

async function lookAt({ place, program, runs }, whole) {
  return [...(await place.seen("a", whole)), ...(whole && runs ? await program.states() : [])];
}

async function endAndLook({ place, program, seen }, { isWhole: whole }) {
  await program.end();
  seen.set("when it has ended", await place.seen("a", whole));
  seen.set(
    "calls",
    place.calls("a").map((line) => `call ${line}`),
  );
}

/** A round of checks with what is between their tries, the first at once or within an interval. */
function longestCheckMs(text) {
  const tries = Math.max(1, ...valuesOf(text, "nb_get_retry|retry|failurecount"));
  if (/^\s*virtual6?\s*=/m.test(text)) {
    const [interval = 10] = valuesOf(text, "checkinterval");
    return 1000 * (2 + interval * (1 + tries) + Math.max(5, ...valuesOf(text, "checktimeout")));
  }
  // One that does not say it has keepalived's minute; a server alone can say it too.
  const services = text.match(/^\s*virtual_server\s/gm).length;
  const loops = valuesOf(text, "delay_loop");
  const longest = Math.max(...loops, loops.length < services ? 60 : 0);
  const pauses = Math.max(3, ...valuesOf(text, "delay_before_retry"));
  return 1000 * (2 + longest + tries * pauses);
}

function valuesOf(text, keys) {
  const found = text.matchAll(new RegExp(`\\b(?:${keys})[\\s=]+([\\d.]+)`, "g"));
  return Array.from(found, ([, value]) => Number(value));
}
