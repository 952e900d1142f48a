// The types of users, FIFOs and mail. Whether a user exists is for rules-scripts.ts: this looks at the text only.

import { accept, type Judged, refuse } from "../schema/judged.ts";
import { command } from "../schema/plain-types.ts";
import type { FifoWords, MailServer, Phase, UserWords } from "../schema/row.ts";
import { asItIs, type KeyType } from "../schema/type.ts";

export const user: KeyType<UserWords> = {
  parse: parseUser,
  print: formatUser,
  help: "USER [GROUP], names or numbers",
};

export const fifo: KeyType<FifoWords> = {
  parse: parseFifo,
  print: ({ path, owner }) => (owner === null ? path : `${path} ${formatUser(owner)}`),
  help: "PATH [USER [GROUP]]",
};

export const mailbox: KeyType<string> = {
  parse: parseMailbox,
  print: asItIs,
  help: "mail address: a@example.com or Name <a@example.com>; without @ a user of the mail server",
};

export const mailServer: KeyType<MailServer> = {
  parse: parseMailServer,
  print: ({ host, port }) => `${host} ${port}`,
  help: "HOST [PORT]",
};

export const phases: KeyType<readonly Phase[]> = {
  parse: parsePhases,
  print: formatPhases,
  help: "all, none, or some of starting, running, stopping, reloading",
};

function formatUser({ user: owner, group }: UserWords): string {
  return group === null ? owner : `${owner} ${group}`;
}

function parseUser(text: string): Judged<UserWords> {
  const words = userWords(text.split(/\s+/));
  return words === undefined ? refuse("USER [GROUP], each a name or a number") : accept(words);
}

function parseFifo(text: string): Judged<FifoWords> {
  const right = "PATH [USER [GROUP]], with a path that begins with /";
  const [path = "", ...rest] = text.split(/\s+/);
  if (!/^\/.{0,4000}[^/]$/.test(path)) return refuse(right);
  if (rest.length === 0) return accept({ path, owner: null });
  const owner = userWords(rest);
  return owner === undefined ? refuse(right) : accept({ path, owner });
}

function parseMailbox(text: string): Judged<string> {
  const [, address = text] = /^[^<>]{0,200}<([^<>]+)>$/.exec(text) ?? [];
  const right = "a mail address such as ops@example.com or Ops <ops@example.com>";
  if (/^[^\s@<>,;"]{1,64}@[\w.:[\]-]{1,253}$/.test(address)) return accept(text);
  if (!/^[\w.+-]{1,64}$/.test(address)) return refuse(right);
  return accept(text, "it has no @, so the mail server decides whom it means");
}

function parseMailServer(text: string): Judged<MailServer> {
  const right = "HOST [PORT], such as 127.0.0.1 or mail.example.com 587";
  // HOST:PORT is what mail programs write; an IPv6 address has more colons.
  const [, joined, joinedPort] = /^([^\s:]+):(\d{1,5})$/.exec(text) ?? [];
  if (joined !== undefined && joinedPort !== undefined) {
    const judged = parseMailServer(`${joined} ${joinedPort}`);
    return judged.ok
      ? accept(judged.value, `it is read as ${joined} ${joinedPort}, the port is a word of its own`)
      : judged;
  }
  const [host = "", port = "25", ...rest] = text.split(/\s+/);
  if (!/^[\w.:-]{1,253}$/.test(host) || !/^\d{1,5}$/.test(port) || rest.length > 0) {
    return refuse(right);
  }
  const number = Number(port);
  return number >= 1 && number <= 65_535 ? accept({ host, port: number }) : refuse(right);
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

function userWords([owner = "", group, ...rest]: readonly string[]): UserWords | undefined {
  const named = [owner, ...(group === undefined ? [] : [group])];
  if (rest.length > 0 || !named.every((name) => /^[\w.][\w.$-]{0,63}$/.test(name)))
    return undefined;
  return { user: owner, group: group ?? null };
}
