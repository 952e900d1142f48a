// faults.mjs KINDS CELLS : the fault matrix in namespaces, duet beside keepalived. Both are texts of JSON: names of kinds (none: all),
// and words that a cell must have (none: all cells). Prints a line for each cell; the status is 1 when an address had two owners.

import { CELLS, KINDS, outageLimitMs, PROGRAMS } from "../../build/test/helpers/fault-cells.js";
import { openFaultPair } from "../../build/test/helpers/fault-pair.js";
import { twoOwnersMsOf } from "../../build/test/helpers/ownership.js";
import { openSegment } from "../../build/test/helpers/segment.js";

const [kindNames, words] = process.argv.slice(2).map((text) => JSON.parse(text));
const kinds = KINDS.filter(({ name }) => kindNames.length === 0 || kindNames.includes(name));
const segment = await openSegment({ ipv6: true });
segment.client.run("ip address add 2001:db8::9/64 dev eth0");

let twice = 0;
for (const kind of kinds) for (const program of PROGRAMS) await measure(program, kind);
segment.close();
console.log(`${twice} cells of duet in which an address had two owners`);
process.exit(twice === 0 ? 0 : 1);

async function measure(program, kind) {
  const isMeant = (cell) =>
    cell.program === program && cell.kind === kind && words.every((word) => has(cell, word));
  const cells = CELLS.filter(isMeant);
  if (cells.length === 0) return;
  const undo = [];
  const pair = await openFaultPair({ teardown: (step) => undo.push(step) }, segment, program, kind);
  for (const cell of cells) {
    const seen = await pair.suffer(cell);
    if (program === "duet" && twoOwnersMsOf(seen).otherMs > 0) twice += 1;
    console.log(lineOf(cell, seen));
  }
  for (const step of undo.reverse()) await step();
}

function lineOf(cell, seen) {
  const { program, kind, target, victims, fault } = cell;
  const { takenBackMs, otherMs } = twoOwnersMsOf(seen);
  const ms = (value) => `${String(Math.round(value)).padStart(5)} ms`;
  const limit = program === "duet" ? ` (idle:${ms(outageLimitMs(cell))})` : "";
  const words = [program.padEnd(10), kind.name.padEnd(22), target.padEnd(6), fault.padEnd(4)];
  const owners = seen.owners.map(({ side }) => side);
  const who = `${owners.slice(0, 5).join(" ")}${owners.length > 5 ? ` ... (${owners.length})` : ""}`;
  return `${words.join(" ")} ${victims.join("+").padEnd(13)} two owners${ms(otherMs)}, taken back${ms(takenBackMs)}, none${ms(seen.outageMs)}${limit}, ${who}`;
}

function has({ program, target, victims, fault }, word) {
  return [program, target, fault, victims.join("+")].includes(word);
}
