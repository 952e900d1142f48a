import test from "ava";
import fc from "fast-check";
import { shareAlike } from "../../src/lib/alike.ts";

test("shareAlike() changes nothing", (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const read: unknown = JSON.parse(JSON.stringify(value));
      t.deepEqual(shareAlike(read), read);
    }),
  );
});

test("shareAlike() makes one object of those that say the same, and of no others", (t) => {
  const [a, b, c, d] = shareAlike([
    { name: "a", check: { type: "tcp", steps: [] } },
    { name: "b", check: { type: "tcp", steps: [] } },
    { name: "c", check: { type: "tcp", steps: [1] } },
    { name: "d", check: { type: "tcp", steps: ["1"] } },
  ]);
  t.is(a?.check, b?.check);
  t.not(a?.check, c?.check);
  t.deepEqual(d?.check.steps, ["1"]);
  t.notDeepEqual(c?.check, d?.check);
});
