// Two places on one wire, and the text of a configuration for a daemon in one of them.

import type { TestFn } from "ava";
import { here, type Place } from "./daemon-place.ts";
import { enterNewNetwork, type Neighbour, type NetworkOptions, openNeighbour } from "./netns.ts";

export const HERE = { device: "here0", address: "10.9.0.1" } as const;
export const THERE = { device: "there0", address: "10.9.0.2" } as const;

export type Pair = { readonly here: Place; readonly there: Neighbour };

/** Once a test file: the process moves into a namespace of its own. */
export async function openPair(test: TestFn, options: NetworkOptions = {}): Promise<Pair> {
  enterNewNetwork(options);
  const there = await openNeighbour(HERE.device, THERE.device, options);
  test.after.always("the neighbour goes", () => there.close());
  here.run(`ip address add ${HERE.address}/24 dev ${HERE.device}`);
  there.run(`ip address add ${THERE.address}/24 dev ${THERE.device}`);
  return { here, there };
}

export type InstanceText = {
  readonly name?: string;
  readonly interface?: string;
  readonly vrid: number;
  readonly priority: number;
  readonly version?: 2 | 3;
  readonly advertS?: number;
  readonly vips: readonly string[];
  /** Further lines. */
  readonly more?: readonly string[];
};

/** A vrrp_instance section of native INI; version 3 with 10 adverts a second where nothing else is said. */
export function instanceText(settings: InstanceText): string {
  const { name = "VI", vrid, priority, vips } = settings;
  const { version = 3, advertS = 0.1, more = [] } = settings;
  const lines = [
    `[vrrp_instance.${name}]`,
    `interface = ${settings.interface ?? HERE.device}`,
    `virtual_router_id = ${vrid}`,
    `priority = ${priority}`,
    `version = ${version}`,
    `advert_int = ${advertS}`,
    ...vips.map((vip) => `virtual_ipaddress[] = ${vip}`),
    ...more,
  ];
  return `${lines.join("\n")}\n`;
}

/** With 2 adverts a second: a master of 10 that gets no processor for 0.3 s lets go, rightly, which is no matter of most tests. */
export function calmInstanceText(settings: InstanceText): string {
  return instanceText({ advertS: 0.5, ...settings });
}

/** Here the kernel keeps no lease of milliseconds of instanceText(): what has the name of its table is somebody else's. */
export function withoutMilliseconds(
  t: { readonly teardown: (undo: () => void) => void },
  { here: place }: Pick<Pair, "here">,
): void {
  const name = "inet duet_lease_100ms";
  // One of an earlier daemon would be taken over.
  for (const verb of ["add", "delete", "add"]) place.run(`/usr/sbin/nft ${verb} table ${name}`);
  t.teardown(() => void place.run(`/usr/sbin/nft delete table ${name}`));
}

/** Adverts stop passing between the two, or pass again, while the links stay up: both hold what is theirs. */
export function split({ there }: Pair, on: boolean): void {
  if (!on) return void there.run("/usr/sbin/nft delete table ip split");
  there.run("/usr/sbin/nft add table ip split");
  for (const hook of ["prerouting", "output"]) {
    there.run(
      `/usr/sbin/nft add chain ip split ${hook} { type filter hook ${hook} priority -300 ; }`,
    );
    there.run(`/usr/sbin/nft add rule ip split ${hook} ip protocol 112 drop`);
  }
}
