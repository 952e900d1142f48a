// What building takes from a section that the rules have judged.

/** Its first label. */
export function nameOf(section: { readonly labels: readonly string[] }): string {
  return section.labels[0] ?? "";
}

/** A draft without errors has it: anything else is a hole in the rules. */
export function needed<T>(value: T | undefined): T {
  if (value === undefined)
    throw new Error("Cannot happen: a key that the rules ask for is missing");
  return value;
}
