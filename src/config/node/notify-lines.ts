// The types of FIFOs and mail. Whether a user exists is for rules-scripts.ts: this looks at the text only.

import type { Phase } from "../../control/events.ts";
import { accept, type Judged, refuse } from "../schema/judged.ts";
import { command, integer } from "../schema/plain-types.ts";
import type { FifoWords, MailServer } from "../schema/row.ts";
import { asItIs, type KeyType, textType } from "../schema/type.ts";
import { identity } from "../schema/users.ts";
import { first, lineType, madeOf, perhaps } from "../schema/words.ts";

const pipe = textType("path", /^\/.{0,4000}[^/]$/, "a path that begins with /");

export const fifo: KeyType<FifoWords> = madeOf(
  lineType(
    {
      path: first("PATH", pipe),
      user: perhaps("USER", identity),
      group: perhaps("GROUP", identity),
    },
    { help: "PATH [USER [GROUP]]" },
  ),
  ({ path, user: name, group }) =>
    accept({ path, owner: name === null ? null : { user: name, group } }),
  ({ path, owner: words }) => ({ path, user: null, group: null, ...words }),
);

export const mailbox: KeyType<string> = {
  parse: parseMailbox,
  print: asItIs,
  help: "mail address: a@example.com or Name <a@example.com>; without @ a user of the mail server",
};

const mailWords = lineType({
  host: first("HOST", textType("host", /^[\w.:-]{1,253}$/, "a name or an address")),
  port: perhaps("PORT", integer(1, 65_535)),
});

export const mailServer: KeyType<MailServer> = madeOf(
  {
    ...mailWords,
    parse(text) {
      // HOST:PORT is what mail programs write; an IPv6 address has more colons.
      const [, host, port] = /^([^\s:]+):(\d{1,5})$/.exec(text) ?? [];
      const judged = mailWords.parse(host === undefined ? text : `${host} ${port}`);
      if (!judged.ok || host === undefined) return judged;
      return accept(judged.value, `it is read as ${host} ${port}, the port is a word of its own`);
    },
  },
  ({ host, port }) => accept({ host, port: port ?? 25 }),
  (server) => server,
);

export const phases: KeyType<readonly Phase[]> = {
  parse: parsePhases,
  print: formatPhases,
  help: "all, none, or some of starting, running, stopping, reloading",
};

function parseMailbox(text: string): Judged<string> {
  const [, address = text] = /^[^<>]{0,200}<([^<>]+)>$/.exec(text) ?? [];
  const right = "a mail address such as ops@example.com or Ops <ops@example.com>";
  if (/^[^\s@<>,;"]{1,64}@[\w.:[\]-]{1,253}$/.test(address)) return accept(text);
  if (!/^[\w.+-]{1,64}$/.test(address)) return refuse(right);
  return accept(text, "it has no @, so the mail server decides whom it means");
}

/** Of a row: a command that is run when something happens. */
export const hook = {
  type: command,
  firstCounts: true,
  otherwise: "none",
  level: "basic",
} as const;

export const PHASES: readonly Phase[] = ["starting", "running", "stopping", "reloading"];

function parsePhases(text: string): Judged<readonly Phase[]> {
  if (text === "all") return accept(PHASES);
  if (text === "none") return accept([]);
  const words = text.split(/\s*,\s*|\s+/);
  const isRight = words.every((word) => PHASES.some((phase) => phase === word));
  return isRight
    ? accept(PHASES.filter((phase) => words.includes(phase)))
    : refuse(`all, none, or some of ${PHASES.join(", ")}`);
}

function formatPhases(some: readonly Phase[]): string {
  if (some.length === PHASES.length) return "all";
  return some.length === 0 ? "none" : some.join(", ");
}
