// Names of hosts in a file for another machine: what they are is asked there. Here an address stands for each, that nobody has.

import type { Names } from "./names.ts";

/** RFC 2544 (198.18.0.0/15, for measurements) and RFC 3849 (2001:db8::/32, for documentation). */
const IPV4 = [198, 18] as const;
const IPV6 = "2001:db8:ffff::";
/** As many as the IPv4 network has room for. */
const HOSTS_MAX = 2 ** 17;

const STAND_INS =
  /\b198\.1[89]\.\d{1,3}\.\d{1,3}\b|\b2001:db8:ffff::[\da-f]{1,4}(?::[\da-f]{1,4})?\b/g;

export function unseenNames(
  hosts: readonly string[],
  { ports }: Names,
): { readonly names: Names; readonly shown: (text: string) => string } {
  const written = new Map<string, string>();
  const answers = hosts.slice(0, HOSTS_MAX - 1).map((host, index) => {
    const addresses = standInsFor(index + 1);
    for (const address of addresses) written.set(address, host);
    return [host, { ok: true, addresses }] as const;
  });
  const shown = (text: string): string =>
    written.size === 0 ? text : text.replaceAll(STAND_INS, (found) => written.get(found) ?? found);
  return { names: { hosts: new Map(answers), ports, unseen: true }, shown };
}

function standInsFor(number: number): readonly [string, string] {
  const [first, second] = IPV4;
  const [high, low] = [number >> 16, number & 0xffff];
  const inet6 = high === 0 ? low.toString(16) : `${high.toString(16)}:${low.toString(16)}`;
  return [`${first}.${second + high}.${low >> 8}.${low & 255}`, `${IPV6}${inet6}`];
}
