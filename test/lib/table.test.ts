import test from "ava";
import fc from "fast-check";
import { tableLines } from "../../src/lib/table.ts";

const columns = [
  { title: "Name", align: "left" },
  { title: "Weight", align: "right" },
  { title: "State", align: "left" },
] as const;

test("tableLines() aligns cells under their titles and leaves no trailing spaces", (t) => {
  const lines = tableLines(columns, [
    ["rs1", "2", "UP"],
    ["a-long-name", "100", "DOWN"],
  ]);
  t.deepEqual(lines, [
    "Name         Weight  State",
    "rs1               2  UP",
    "a-long-name     100  DOWN",
  ]);
});

test("tableLines() without rows gives the titles", (t) => {
  t.deepEqual(tableLines(columns, []), ["Name  Weight  State"]);
});

test("tableLines() ends a short row early", (t) => {
  t.deepEqual(tableLines(columns, [["rs1"]]).at(1), "rs1");
});

test("tableLines() starts a column at the same place in every line", (t) => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { maxLength: 20 }), (rows) => {
      const marked = rows.map(([first, second]) => [first, "x", second]);
      const lines = tableLines(columns, marked).slice(1);
      t.true(new Set(lines.map((line) => line.indexOf(" x "))).size <= 1 || rows.length === 0);
    }),
  );
});
