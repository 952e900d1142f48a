import test from "ava";
import { ownershipOf, twoOwnersMsOf } from "../helpers/ownership.ts";

const questions = [0, 5, 10, 15, 20, 25];

test("ownershipOf() tells who answered and how long nobody did", (t) => {
  const seen = ownershipOf(questions, { left: [0.1, 5.1], right: [20.2] });
  t.deepEqual(seen, {
    twoOwners: [],
    outageMs: 10,
    owners: [
      { side: "left", atMs: 0 },
      { side: "right", atMs: 20 },
    ],
  });
});

test("ownershipOf() finds what both answered, and tells a taking back from the rest", (t) => {
  const seen = ownershipOf(questions, { left: [0.1, 5.1, 20.1], right: [5.2, 10.1, 15.1] });
  t.deepEqual(seen.twoOwners, [{ atMs: 5, ms: 5 }]);
  t.deepEqual(twoOwnersMsOf(seen), { takenBackMs: 5, otherMs: 0 });
  const moved = ownershipOf(questions, { left: [0.1, 5.1], right: [5.2, 10.1, 15.1, 20.1] });
  t.deepEqual(twoOwnersMsOf(moved), { takenBackMs: 0, otherMs: 5 });
});
