// The end of every switch over a union: a forgotten case is a compile error, and an impossible value is loud.

export function unreachable(value: never): never {
  throw new Error(`Cannot happen: unexpected value ${JSON.stringify(value)}`);
}
