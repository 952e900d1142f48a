// With the first address of an IPv4 network on an interface the kernel takes the others off, unless it is to promote them
// (net/ipv4/devinet.c). Those may be the machine's: an address that DHCP brought after ours was put on. So it is to do so
// while ours are there; the setting outlives us, for an address that goes when its lease is over.

import { readSysctl, writeSysctl } from "../../kernel/sysctl.ts";
import type { Thing } from "../model.ts";

export const promotePath = (name: string): string => `net/ipv4/conf/${name}/promote_secondaries`;

/** The interfaces on which one of these may be the first of a network. */
export function interfacesWithNetwork(things: readonly Thing[]): ReadonlySet<string> {
  return new Set(
    things.flatMap((thing) =>
      thing.kind === "address" && isOfNetwork(thing.vip) ? [thing.vip.interface] : [],
    ),
  );
}

/** Takes addresses off that another run left, whose setting is gone. */
export function keepingSecondaries<T>(
  going: readonly (Address & { readonly interface: string })[],
  takeOff: () => T,
): T {
  const names = new Set(going.filter(isOfNetwork).map((address) => address.interface));
  const changed = Array.from(names, promotePath).filter(
    (path) => readSysctl(path) === "0" && set(path, "1"),
  );
  try {
    return takeOff();
  } finally {
    for (const path of changed) set(path, "0");
  }
}

type Address = { readonly address: string; readonly prefixLength: number };

function isOfNetwork({ address, prefixLength }: Address): boolean {
  return !address.includes(":") && prefixLength < 32;
}

/** false = /proc/sys is not ours to write: it is as without this. */
function set(path: string, value: string): boolean {
  try {
    writeSysctl(path, value);
    return true;
  } catch {
    return false;
  }
}
