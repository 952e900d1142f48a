// A part of the fault matrix (scripts/faults): an address never has two owners, whichever processes of its master die or stop.

import test from "ava";
import { KINDS } from "../helpers/fault-cells.ts";
import { openFaultPair } from "../helpers/fault-pair.ts";
import { twoOwnersMsOf } from "../helpers/ownership.ts";
import { openSegment } from "../helpers/segment.ts";

const segment = await openSegment({ ipv6: true });
test.after.always("the segment goes", () => segment.close());

// The peer that takes over earliest, and does not give back.
const kind = KINDS.find(({ name }) => name === "nopreempt, peer of 254");

test.serial("one owner when processes of the master are killed or stopped", async (t) => {
  if (kind === undefined) return t.fail("the kind is in the matrix");
  const pair = await openFaultPair(t, segment, "duet", kind);
  for (const [fault, victims] of [
    ["kill", ["vrrp"]],
    ["kill", ["guardian", "vrrp"]],
    ["segv", ["guardian"]],
    ["stop", ["vrrp"]],
  ] as const) {
    const seen = await pair.suffer({ target: "master", victims, fault });
    const what = `${fault} ${victims.join("+")}`;
    t.log(`${what}: ${Math.round(seen.outageMs)} ms without an answer`);
    t.deepEqual(twoOwnersMsOf(seen), { takenBackMs: 0, otherMs: 0 }, what);
    t.deepEqual(new Set(seen.owners.map(({ side }) => side)).size, 2, `${what}: it moved`);
  }
});
