import test from "ava";
import { isSameJson } from "../../src/lib/same-json.ts";

const VALUES: readonly unknown[] = [
  undefined,
  null,
  0,
  1,
  "1",
  "",
  false,
  [],
  {},
  [1],
  [1, 2],
  [2, 1],
  [[1], 2],
  { a: 1 },
  { a: 2 },
  { b: 1 },
  { a: 1, b: null },
  { a: { b: [1, { c: "x" }] } },
  { a: { b: [1, { c: "y" }] } },
  { 0: 1 },
];

test("values are the same when they are written alike, and only then", (t) => {
  for (const [i, one] of VALUES.entries()) {
    for (const [j, other] of VALUES.entries()) {
      t.is(isSameJson(structuredClone(one), other), i === j, `${i} ${j}`);
    }
  }
});

test("what went through JSON is the same as before", (t) => {
  const value = { a: undefined, b: Infinity, c: [1, { d: NaN, e: undefined }] };
  const told: unknown = JSON.parse(JSON.stringify(value));
  t.true(isSameJson(value, told));
  t.true(isSameJson(told, value));
  t.false(isSameJson(told, { ...value, a: 1 }));
  t.false(isSameJson({ ...value, a: 1 }, told));
});

test("the order of keys says nothing, that of a list does", (t) => {
  t.true(isSameJson({ a: 1, b: 2 }, { b: 2, a: 1 }));
  t.false(isSameJson([1, 2], [2, 1]));
});
