// faults.mjs KINDS CELLS : the fault matrix in namespaces, duet beside keepalived. Both are texts of JSON: names of kinds (none: all),
// and words that a cell must have (none: all cells). Prints a line for each cell; the status is 1 when an address had two owners.

import { CELLS, KINDS, outageLimitMs, PROGRAMS } from "../../build/test/helpers/fault-cells.js";
import { openFaultPair } from "../../build/test/helpers/fault-pair.js";
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
  const undo = [];
  const pair = await openFaultPair({ teardown: (step) => undo.push(step) }, segment, program, kind);
  for (const cell of CELLS) {
    if (cell.program !== program || cell.kind !== kind || !words.every((word) => has(cell, word)))
      continue;
    const { twoOwnersMs, outageMs, owners } = await pair.suffer(cell);
    if (program === "duet" && twoOwnersMs > 0) twice += 1;
    const { target, victims, fault } = cell;
    const limit = program === "duet" ? ` (idle: ${Math.round(outageLimitMs(cell))})` : "";
    console.log(
      `${program.padEnd(10)} ${kind.name.padEnd(22)} ${target.padEnd(6)} ${fault.padEnd(4)} ${victims.join("+").padEnd(13)}` +
        ` two owners ${String(Math.round(twoOwnersMs)).padStart(5)} ms, none ${String(Math.round(outageMs)).padStart(5)} ms${limit}, ${owners.join(" ")}`,
    );
  }
  for (const step of undo.reverse()) await step();
}

function has({ program, target, victims, fault }, word) {
  return [program, target, fault, victims.join("+")].includes(word);
}
