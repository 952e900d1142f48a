// One mail in place of many. Pure.

export type Mail = {
  readonly subject: string;
  readonly text: string;
  /** What a digest counts it as: "Realserver DOWN". */
  readonly about: string;
  /** What a digest says of it. */
  readonly line: string;
  /** Name of this node. */
  readonly node: string;
};

const LINE_MAX_CHARS = 300;

/** `mails`: the newest, at least one; `counts`: all, by what they are about. */
export function digestOf(mails: readonly Mail[], counts: ReadonlyMap<string, number>): Mail {
  const count = [...counts.values()].reduce((sum, each) => sum + each, 0);
  const node = mails.at(-1)?.node ?? "";
  const about = [...counts].map(([what, times]) => `${times} ${what}`).join(", ");
  const lines = mails.map(({ line }) =>
    line.length > LINE_MAX_CHARS ? `${line.slice(0, LINE_MAX_CHARS)}…` : line,
  );
  const unsaid = count - mails.length;
  const head = unsaid === 0 ? `${count} events:` : `${count} events, the last ${mails.length}:`;
  return {
    subject: `[${node}] ${count} events: ${about}`,
    text: `${[head, ...lines, "", "How it is now: duet status", `Node: ${node}`].join("\n")}\n`,
    about: "digest",
    line: `${count} events: ${about}`,
    node,
  };
}
