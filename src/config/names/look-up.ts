// Asks this machine for the names of a configuration: getaddrinfo(3), which knows /etc/hosts and whatever else nsswitch.conf
// says, and /etc/services. A process of its own asks, for nothing else ends a getaddrinfo(3) that waits for a name server: in
// our own process it would keep us from ending for 20 s, and four of them would be all that are asked at once.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { nowMs, timeoutClock } from "../../lib/clock.ts";
import type { HostAnswer, Names } from "./names.ts";

/** Of all names together. A first name server that is dead costs 5 s (resolv.conf(5)), and the second one is to have its say. */
const LIMIT_MS = 7000;

/** Tells each answer as it comes; `ended` says why there will be no more. */
type Ask = (
  hosts: readonly string[],
  onAnswer: (host: string, answer: HostAnswer) => void,
) => { readonly ended: Promise<string>; readonly end: () => void };

export async function lookUp(
  hosts: readonly string[],
  { ask = askBeside, limitMs = LIMIT_MS, servicesFile = "/etc/services" } = {} as {
    readonly ask?: Ask;
    readonly limitMs?: number;
    readonly servicesFile?: string;
  },
): Promise<Names> {
  return {
    hosts: hosts.length === 0 ? new Map() : await askAll(hosts, ask, limitMs),
    ports: parseServices(textOf(servicesFile)),
  };
}

async function askAll(
  hosts: readonly string[],
  ask: Ask,
  limitMs: number,
): Promise<Names["hosts"]> {
  const answers = new Map<string, HostAnswer>();
  let ring = (): void => undefined;
  const limit = new Promise<string>((end) => {
    ring = () => end(`there was no answer in ${limitMs / 1000} s`);
  });
  const alarm = timeoutClock.alarm(() => ring());
  alarm.set(nowMs() + limitMs);
  const asked = ask(hosts, (host, answer) => answers.set(host, answer));
  const reason = await Promise.race([asked.ended, limit]);
  alarm.set(Infinity);
  asked.end();
  // What comes later changes nothing any more.
  return new Map(hosts.map((host) => [host, answers.get(host) ?? { ok: false, reason }]));
}

/** A name waits in a thread of its own, and libuv lets half of its threads wait for names. */
const THREADS_MAX = 256;

/** Reads a list of names, and writes a line for each answer: [name, code of the error or null, addresses]. */
const ASKER = `
const { lookup } = require("node:dns");
const { text } = require("node:stream/consumers");
void text(process.stdin).then((list) => {
  for (const host of JSON.parse(list)) lookup(host, { all: true }, (error, found = []) => {
    const line = [host, error && error.code, found.map(({ address }) => address)];
    process.stdout.write(JSON.stringify(line) + "\\n");
  });
});`;

type Line = readonly [host: string, code: string | null, addresses: readonly string[]];

const askBeside: Ask = (hosts, onAnswer) => {
  const child = spawn(process.execPath, ["--eval", ASKER], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...process.env, UV_THREADPOOL_SIZE: String(Math.min(2 * hosts.length, THREADS_MAX)) },
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    const lines = (text + piece).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      const [host, code, addresses] = JSON.parse(line) as Line;
      const reason = code === null ? undefined : (reasons.get(code) ?? code);
      onAnswer(host, reason === undefined ? { ok: true, addresses } : { ok: false, reason });
    }
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", ({ message }) => resolve(message));
    child.once("close", (code, signal) =>
      resolve(`who asks ended with ${signal ?? `exit status ${code}`}`),
    );
  });
  // It may be gone: its end says so.
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(hosts));
  return { ended, end: () => void child.kill("SIGKILL") };
};

const reasons: ReadonlyMap<string, string> = new Map([
  ["ENOTFOUND", "there is no such name"],
  ["EAI_AGAIN", "the name servers did not answer"],
]);

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** services(5): NAME PORT/PROTOCOL ALIASES... The first line of a name counts. */
export function parseServices(text: string): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [name = "", place = "", ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    const [, port, protocol] = /^(\d{1,5})\/(\w+)$/.exec(place) ?? [];
    if (port === undefined) continue;
    for (const each of [name, ...aliases]) {
      const key = `${each}/${protocol}`;
      if (!ports.has(key)) ports.set(key, Number(port));
    }
  }
  return ports;
}
