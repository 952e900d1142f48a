// bench-table.mjs FIGURES.json... : the table of a bench. Of several rounds the median is shown, and the range.

import { readFileSync } from "node:fs";

const figures = process.argv.slice(2).flatMap((file) => JSON.parse(readFileSync(file, "utf8")));
const rows = figures.map(({ what, unit, duet, keepalived }) => [
  what,
  unit,
  shown(duet),
  shown(keepalived),
  median(keepalived) > 0 ? (median(duet) / median(keepalived)).toFixed(2) : "-",
]);
const table = [["", "", "duet", "keepalived", "duet/keepalived"], ...rows];
const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
for (const row of table) {
  process.stdout.write(
    `${row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ")}\n`,
  );
}

function shown(values) {
  const range =
    values.length > 1 ? ` (${short(Math.min(...values))}..${short(Math.max(...values))})` : "";
  return short(median(values)) + range;
}

function short(value) {
  return value >= 100 ? String(Math.round(value)) : value.toFixed(value >= 10 ? 1 : 2);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
