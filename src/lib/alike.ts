// One object in place of many that say the same, for configurations of thousands of servers that were read from JSON.

/** The same value; parts of it that are alike are one object. For what nobody changes. */
export function shareAlike<T>(value: T): T {
  return openSharing()(value) as T;
}

function openSharing(): (value: unknown) => unknown {
  const known = new Map<string, object>();
  const ids = new Map<object, number>();

  /** Of a part that is shared already; none is the beginning of another one. */
  function textOf(part: unknown): string {
    if (typeof part === "string") return `${part.length}"${part}`;
    return part instanceof Object ? `#${ids.get(part)},` : `${String(part)},`;
  }

  function share(value: unknown): unknown {
    if (!(value instanceof Object)) return value;
    const isArray = Array.isArray(value);
    const parts = Object.values(value).map(share);
    const names = Object.keys(value);
    let text = isArray ? "[" : `{${names.map(textOf).join("")}:`;
    for (const part of parts) text += textOf(part);
    const before = known.get(text);
    if (before !== undefined) return before;
    const own = isArray ? parts : Object.fromEntries(names.map((name, i) => [name, parts[i]]));
    known.set(text, own);
    ids.set(own, ids.size);
    return own;
  }

  return share;
}
