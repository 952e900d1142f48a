import test from "ava";
import fc from "fast-check";
import { keysOf, SECTION_NAMES, spellingsOf } from "../../src/config/keys.ts";
import { formatDuration, duration as time } from "../../src/config/schema/plain-types.ts";
import { editDistance, nearest } from "../../src/config/schema/suggest.ts";
import { parseValue } from "../../src/config/schema/type.ts";
import { SCHEDULERS } from "../../src/ipvs/model.ts";

const duration = time({ minMs: 0, maxMs: 1e12 });

for (const [text, ms] of [
  ["1", 1000],
  ["0", 0],
  ["0.29", 290],
  ["1s", 1000],
  ["250ms", 250],
  ["250 ms", 250],
  ["2m", 120_000],
  ["1.5h", 5_400_000],
] as const) {
  test(`parseValue() reads the duration ${text} as ${ms} ms`, (t) => {
    t.deepEqual(parseValue(duration, text), { ok: true, value: ms });
  });
}

for (const text of ["", "-1", "1x", "1e3", ".5", "s", "1 2", "9999999999", "0x10"]) {
  test(`parseValue() refuses the duration "${text}"`, (t) => {
    t.false(parseValue(duration, text).ok);
  });
}

test("formatDuration() is read back as it was (property)", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 86_400_000 }), (ms) => {
      t.deepEqual(parseValue(duration, formatDuration(ms)), { ok: true, value: ms });
    }),
  );
});

test("every default of the table is a value of its type, every example too", (t) => {
  for (const section of SECTION_NAMES) {
    for (const [key, spec] of Object.entries(keysOf(section))) {
      for (const text of [spec.default, spec.example]) {
        if (text !== undefined) t.true(parseValue(spec.type, text).ok, `${section}.${key} ${text}`);
      }
      const explained =
        spec.required ?? spec.list ?? spec.default ?? spec.otherwise ?? spec.inherits;
      if (spec.inherits !== undefined) t.truthy(keysOf("global")[spec.inherits], spec.inherits);
      t.truthy(explained, `${section}.${key} says what holds without it`);
      t.notRegex(spec.doc, /\.$/, `${section}.${key}`);
    }
  }
});

test("no spelling of a key stands for two keys of a section", (t) => {
  for (const section of SECTION_NAMES) {
    const all = Object.entries(keysOf(section)).flatMap(([key, { aliases = [] }]) => [
      key,
      ...aliases,
    ]);
    t.is(spellingsOf(section).size, all.length);
  }
});

test("lb_algo knows exactly the schedulers of the IPVS room", (t) => {
  t.deepEqual(keysOf("virtual_server")["lb_algo"]?.type.words, [...SCHEDULERS]);
});

test("editDistance() counts insertions, deletions, substitutions and swaps", (t) => {
  t.is(editDistance("priority", "priority"), 0);
  t.is(editDistance("priorty", "priority"), 1);
  t.is(editDistance("priorityy", "priority"), 1);
  t.is(editDistance("prioritx", "priority"), 1);
  t.is(editDistance("pirority", "priority"), 1);
  t.is(editDistance("", "abc"), 3);
});

test("nearest() finds the nearest word, and none when nothing is near", (t) => {
  t.is(nearest("prioriti", ["preempt", "priority"]), "priority");
  t.is(nearest("PRIORITY", ["preempt", "priority"]), "priority");
  t.is(nearest("banana", ["preempt", "priority"]), undefined);
  t.is(nearest("x".repeat(1000), ["x"]), undefined);
});
