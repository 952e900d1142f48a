// Are two values the same once they are written as JSON? A running process tells its configuration as JSON, so a key that is
// undefined there is a key that is missing here. Nothing is written to find out, as there may be tens of thousands of servers. Pure.

/** The order of keys does not matter, as no reader of JSON asks for it. */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!isObject(one) || !isObject(other)) return textOf(one) === textOf(other);
  if (Array.isArray(one) || Array.isArray(other)) return isSameList(one, other);
  for (const key in one) if (!isSameJson(one[key], other[key])) return false;
  for (const key in other) if (other[key] !== undefined && one[key] === undefined) return false;
  return true;
}

function isSameList(one: unknown, other: unknown): boolean {
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((each, i) => isSameJson(each, other[i]));
}

type Keyed = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Keyed {
  return typeof value === "object" && value !== null;
}

/** Infinity and NaN are written as null. */
function textOf(value: unknown): string | undefined {
  return JSON.stringify(value);
}
