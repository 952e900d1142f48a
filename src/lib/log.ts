// Logs: one JSON line an event on stderr (pino), or a readable line when stderr is a terminal.

import { writeSync } from "node:fs";
import { type DestinationStream, destination, type Level, type Logger, pino } from "pino";

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

/** Child loggers carry the subject: `log.child({ instance })`. Writes are synchronous: the last words are not lost. */
export function openLog(options: { readonly role: string; readonly level: LogLevel }): Log {
  const stream = process.stderr.isTTY ? terminalStream() : destination({ fd: 2, sync: true });
  return pino(
    {
      level: options.level,
      base: { role: options.role },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
}

/** "12:00:00.000 INFO vrrp state changed instance=VI_1 from=BACKUP to=MASTER" */
export function readableLine(line: string): string {
  const { level, time, role, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`);
  const clock = String(time).slice(11, 23);
  return [clock, String(level).toUpperCase(), String(role), String(msg), ...pairs].join(" ");
}

function fieldText(value: unknown): string {
  return typeof value === "string" && !/[\s"=]/.test(value) ? value : JSON.stringify(value);
}

function terminalStream(): DestinationStream {
  return { write: (line) => void writeSync(2, `${readableLine(line)}\n`) };
}
