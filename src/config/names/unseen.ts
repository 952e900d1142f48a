// Names of hosts in a file for another machine: what they are is asked there. Here an address stands for each, that nobody has.

import type { Names } from "./names.ts";

/** The same stand-ins for all files of one command, so that they can be compared. */
export type Unseen = {
  readonly namesFor: (hosts: readonly string[], ports: Names["ports"]) => Names;
  /** A text in which the names stand again. */
  readonly shown: (text: string) => string;
};

/** RFC 2544 (198.18.0.0/15, for measurements) and RFC 3849 (2001:db8::/32, for documentation). */
const IPV4 = [198, 18] as const;
const IPV6 = "2001:db8:ffff::";
const STAND_INS =
  /\b198\.1[89]\.\d{1,3}\.\d{1,3}\b|\b2001:db8:ffff::[\da-f]{1,4}(?::[\da-f]{1,4})?\b/g;
/** As many as the IPv4 network has room for. */
const HOSTS_MAX = 2 ** 17 - 1;

export function openUnseen(): Unseen {
  const known = new Map<string, readonly [string, string]>();
  const written = new Map<string, string>();
  const standInsOf = (host: string): readonly [string, string] => {
    const found = known.get(host) ?? standIns(Math.min(known.size + 1, HOSTS_MAX));
    known.set(host, found);
    for (const address of found) written.set(address, host);
    return found;
  };
  return {
    namesFor: (hosts, ports) => ({
      hosts: new Map(hosts.map((host) => [host, { ok: true, addresses: standInsOf(host) }])),
      ports,
      unseen: true,
    }),
    shown: (text) =>
      written.size === 0
        ? text
        : text.replaceAll(STAND_INS, (found) => written.get(found) ?? found),
  };
}

function standIns(number: number): readonly [string, string] {
  const [first, second] = IPV4;
  const [high, low] = [number >> 16, number & 0xffff];
  const inet6 = high === 0 ? low.toString(16) : `${high.toString(16)}:${low.toString(16)}`;
  return [`${first}.${second + high}.${low >> 8}.${low & 255}`, `${IPV6}${inet6}`];
}
