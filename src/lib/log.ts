// Logs: one JSON line an event on stderr (pino), or a readable line when stderr is a terminal.

import { fstatSync } from "node:fs";
import { type Level, type Logger, pino } from "pino";
import { type BackgroundWriter, openBackgroundWriter } from "./background-writer.ts";
import { wallTime } from "./clock.ts";
import { plainJson, plainText } from "./plain-text.ts";

export type Log = Logger;
export type LogLevel = Level | "silent";

export const LOG_LEVELS: readonly LogLevel[] = [
  "trace",
  "debug",
  "info",
  "warn",
  "error",
  "fatal",
  "silent",
];

/** What waits for a slow reader of stderr; beyond it lines are dropped, counted and said. */
const WAITING_MAX_BYTES = 2 ** 20;

export function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

/**
 * Child loggers carry the subject: `log.child({ instance })`. A reader that stalls must not stall the process, so
 * lines are written in the background; at exit what still waits is written first, so the last words are not lost.
 */
export function openLog(options: { readonly role: string; readonly level: LogLevel }): Log {
  const isTerminal = process.stderr.isTTY;
  const isJournal = isSameStream(process.env["JOURNAL_STREAM"], 2);
  const to = openBackgroundWriter({
    fd: 2,
    waitingMaxBytes: WAITING_MAX_BYTES,
    onDrained: (dropped) => log.warn({ dropped }, "log lines dropped: stderr is not read"),
  });
  writer = to;
  const log: Log = pino(
    {
      level: options.level,
      base: { role: options.role },
      timestamp: () => `,"time":"${wallTime()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write(line) {
        if (isJournal) to.write(`${priorityOf(line)}${plainJson(line)}`);
        else to.write(isTerminal ? `${readableLine(line)}\n` : plainJson(line));
      },
    },
  );
  return log;
}

/** "DEVICE:INODE" of what systemd has joined to its journal (systemd.exec(5)), which may have been redirected since. */
function isSameStream(stream: string | undefined, fd: number): boolean {
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(fd);
  return stream === `${dev}:${ino}`;
}

/** The journal takes the priority of a line from its beginning: "<3>" is an error. sd-daemon(3), syslog(3). */
function priorityOf(line: string): string {
  const level = /^{"level":"([a-z]+)"/.exec(line)?.[1] ?? "info";
  return `<${PRIORITIES[level] ?? 6}>`;
}

const PRIORITIES: Readonly<Record<string, number>> = {
  fatal: 2,
  error: 3,
  warn: 4,
  info: 6,
  debug: 7,
  trace: 7,
};

/** For a subject that may be called otherwise one day: each line goes to what `current` gives then. */
export function followingLog(current: () => Log): Log {
  return new Proxy(current(), { get: (_, key) => Reflect.get(current(), key) as unknown });
}

/** One process, one log. */
let writer: BackgroundWriter | undefined;

const FLUSH_LIMIT_MS = 300;

/** Resolves when all lines are written, or soon. For an exit that is not in a hurry. */
export async function flushLog(): Promise<void> {
  await writer?.idle(FLUSH_LIMIT_MS);
}

/** "12:00:00.000 INFO vrrp state changed instance=VI_1 from=BACKUP to=MASTER" */
export function readableLine(line: string): string {
  const { level, time, role, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`);
  const clock = String(time).slice(11, 23);
  const said = typeof msg === "string" ? [msg] : [];
  // Servers, scripts and other nodes have their say in here.
  return plainText([clock, String(level).toUpperCase(), String(role), ...said, ...pairs].join(" "));
}

function fieldText(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
}
