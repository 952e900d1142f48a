// bench-table.mjs FIGURES.json... : the table of a bench. Of several rounds the median is shown, and the range.

import { readFileSync } from "node:fs";

const figures = process.argv.slice(2).flatMap((file) => JSON.parse(readFileSync(file, "utf8")));
for (const peer of ["keepalived", "ipvsadm", "ldirectord"]) {
  const beside = figures.filter((figure) => figure[peer] !== undefined);
  if (beside.length > 0) process.stdout.write(tableOf(beside, peer));
}

function tableOf(beside, peer) {
  const rows = beside.map(({ what, unit, duet, [peer]: other }) => [
    what,
    unit,
    shown(duet),
    shown(other),
    median(other) > 0 ? (median(duet) / median(other)).toFixed(2) : "-",
  ]);
  const table = [["", "", "duet", peer, `duet/${peer}`], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const padded = (row) =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])));
  return table.map((row) => `${padded(row).join("  ")}\n`).join("");
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
