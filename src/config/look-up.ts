// Asks this machine for the names of a configuration: getaddrinfo(3), which knows /etc/hosts and whatever else nsswitch.conf
// says, and /etc/services.

import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { nowMs, timeoutClock } from "../lib/clock.ts";
import type { HostAnswer, Names } from "./names.ts";

/** Of all names together. A start waits for it; a first name server that is dead costs 5 s alone (resolv.conf(5)). */
const LIMIT_MS = 10_000;

/** All addresses of a name. */
type Resolve = (host: string) => Promise<readonly string[]>;

export async function lookUp(
  hosts: readonly string[],
  { resolve = allAddresses, limitMs = LIMIT_MS, servicesFile = "/etc/services" } = {} as {
    readonly resolve?: Resolve;
    readonly limitMs?: number;
    readonly servicesFile?: string;
  },
): Promise<Names> {
  return {
    hosts: await resolveAll(hosts, resolve, limitMs),
    ports: parseServices(textOf(servicesFile)),
  };
}

async function resolveAll(
  hosts: readonly string[],
  resolve: Resolve,
  limitMs: number,
): Promise<Names["hosts"]> {
  const late: HostAnswer = { ok: false, reason: `there was no answer in ${limitMs / 1000} s` };
  const answers = new Map<string, HostAnswer>(hosts.map((host) => [host, late]));
  let ring = (): void => undefined;
  const limit = new Promise<void>((end) => {
    ring = end;
  });
  const alarm = timeoutClock.alarm(ring);
  alarm.set(nowMs() + limitMs);
  const asked = hosts.map(async (host) => {
    answers.set(host, await ask(host, resolve));
  });
  await Promise.race([Promise.all(asked), limit]);
  alarm.set(Infinity);
  // What comes later changes nothing any more.
  return new Map(answers);
}

async function ask(host: string, resolve: Resolve): Promise<HostAnswer> {
  try {
    return { ok: true, addresses: await resolve(host) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return { ok: false, reason: reasons.get(code) ?? code };
  }
}

const reasons: ReadonlyMap<string, string> = new Map([
  ["ENOTFOUND", "there is no such name"],
  ["EAI_AGAIN", "the name servers did not answer"],
]);

async function allAddresses(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** services(5): NAME PORT/PROTOCOL ALIASES... The first line of a name counts. */
function parseServices(text: string): ReadonlyMap<string, number> {
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
