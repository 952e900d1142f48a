// Text tables for people: columns as wide as their widest cell, two spaces between them.

export type Column = {
  readonly title: string;
  readonly align: "left" | "right";
};

/** The lines of a table under its titles. A row with too few cells ends early; none has trailing spaces. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  return all.map((row) =>
    row
      .slice(0, columns.length)
      .map((cell, i) => padded(cell, widths[i] ?? 0, columns[i]?.align ?? "left"))
      .join("  ")
      .trimEnd(),
  );
}

function padded(cell: string, width: number, align: Column["align"]): string {
  return align === "left" ? cell.padEnd(width) : cell.padStart(width);
}
