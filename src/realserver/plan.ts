// What makes the machine what was asked for, and what takes back what is asked for no longer. Pure.
//
// Settings come before the addresses they keep silent, and go after them: there is no moment in which the machine
// answers for a virtual address.

import { type Family, familyOf } from "../lib/ip.ts";
import {
  type Actual,
  type Change,
  deviceOf,
  effective,
  gatewayMetric,
  keyOf,
  type Memory,
  type Mode,
  prefixLengthOf,
  type Setting,
  settingPath,
  tunnelsOf,
  type Wanted,
} from "./model.ts";

export type Step = { readonly kind: "make" | "undo"; readonly change: Change };

type Need = { readonly change: Change; readonly isMet: boolean };

/** First all that is made, in order, then all that is undone, the last one first. */
export function plan({ wanted, changes }: Memory, actual: Actual): readonly Step[] {
  const needs = needsOf(wanted, actual);
  const known = new Map(changes.map((change) => [keyOf(change), change]));
  const made = needs
    .filter(({ isMet }) => !isMet)
    .map(({ change }): Step => ({ kind: "make", change: asBefore(change, known) }));
  const undone = changes
    .filter((change) => !isNeeded(change, needs))
    .map((change): Step => ({ kind: "undo", change }))
    .toReversed();
  return [...made, ...undone];
}

/** What a setting was before the first change of it, not before this one. */
function asBefore(change: Change, known: ReadonlyMap<string, Change>): Change {
  const earlier = known.get(keyOf(change));
  if (change.kind !== "sysctl" || earlier?.kind !== "sysctl") return change;
  return { ...change, before: earlier.before };
}

function isNeeded(change: Change, needs: readonly Need[]): boolean {
  // A route that was taken away is not there to be asked about: it stays away as long as the director's is wanted.
  if (change.kind === "away") {
    return needs.some(
      (need) => need.change.kind === "gateway" && familyOf(need.change.via) === change.family,
    );
  }
  return needs.some((need) => keyOf(need.change) === keyOf(change));
}

function needsOf(wanted: Wanted, actual: Actual): readonly Need[] {
  const held = (["dr", "tun"] as const).flatMap((mode) =>
    (wanted[mode]?.vips ?? []).map((vip) => ({ vip, device: deviceOf(mode, vip) })),
  );
  const { via = null } = wanted.nat ?? {};
  return [
    // Neighbour discovery answers for the addresses of the interface that was asked, and no others: IPv6 needs none of it.
    ...(held.some(({ vip }) => familyOf(vip) === 4) ? silence(actual) : []),
    ...(tunnelsOf(wanted).includes("tunl0") ? unfiltered("tunl0", actual) : []),
    ...tunnelsOf(wanted).map((device) => up(device, actual)),
    ...held.map(({ vip, device }) => address(vip, device, actual)),
    ...(via === null ? [] : gateway(via, actual)),
  ];
}

/** arp_ignore 2 and 8 are stricter than 1: they stay. */
function silence(actual: Actual): readonly Need[] {
  return ["all", "lo"].flatMap((device) => [
    ...sysctl(actual, device, "arp_ignore", "1", ["1", "2", "8"]),
    ...sysctl(actual, device, "arp_announce", "2"),
  ]);
}

/**
 * A packet out of a tunnel has its client's source address, and the way back there is another one, so no reverse path filter. The
 * greater of an interface's value and that of "all" counts, so every other interface gets the latter before it is lowered.
 */
function unfiltered(tunnel: string, actual: Actual): readonly Need[] {
  const others = [...actual.interfaces.map(({ name }) => name), "default"];
  const isNowhere = actual.settings.get(settingPath("all", "rp_filter")) === "0";
  return [
    // Written first, and even where it is 0: an interface whose setting was never written follows "default".
    ...sysctl(actual, tunnel, "rp_filter", "0", isNowhere ? ["0"] : []),
    ...others
      .filter((name) => name !== tunnel)
      .flatMap((name) =>
        sysctl(actual, name, "rp_filter", String(effective(actual, name, "rp_filter"))),
      ),
    ...sysctl(actual, "all", "rp_filter", "0"),
  ];
}

function sysctl(
  actual: Actual,
  device: string,
  setting: Setting,
  value: string,
  enough: readonly string[] = [value],
): readonly Need[] {
  const path = settingPath(device, setting);
  const before = actual.settings.get(path);
  if (before === undefined) return [];
  return [{ change: { kind: "sysctl", path, value, before }, isMet: enough.includes(before) }];
}

function up(device: string, { interfaces }: Actual): Need {
  const isMet = interfaces.some((each) => each.name === device && each.up);
  return { change: { kind: "up", device }, isMet };
}

function address(vip: string, device: string, { addresses }: Actual): Need {
  const isMet = addresses.some(
    (each) =>
      each.device === device && each.address === vip && each.prefixLength === prefixLengthOf(vip),
  );
  return { change: { kind: "address", device, address: vip }, isMet };
}

/** The director's route first, then those in its way: there is always a way out. One that somebody else made will do. */
function gateway(via: string, actual: Actual): readonly Need[] {
  const family: Family = familyOf(via) ?? 4;
  const defaults = actual.defaults.filter((route) => route.family === family);
  const [first] = defaults;
  const change: Change = { kind: "gateway", via };
  if (first?.via === via && !first.isOurs) return [{ change, isMet: true }];
  const isMet = defaults.some((route) => route.isOurs && route.via === via);
  const away = defaults
    .filter((route) => !route.isOurs && route.metric <= gatewayMetric(family))
    .map(
      (route): Need => ({
        change: { kind: "away", family, via: route.via, body: route.body },
        isMet: false,
      }),
    );
  return [{ change, isMet }, ...away];
}

/** What carries our mark without a memory of it: the file is gone, and with it what the settings were. */
export function recognised(mode: Mode, { addresses, defaults }: Actual): readonly Change[] {
  if (mode === "nat") {
    return defaults.flatMap(({ isOurs, via }) =>
      isOurs && via !== null ? { kind: "gateway", via } : [],
    );
  }
  return addresses.flatMap(({ isOurs, device, address }) =>
    isOurs && device === deviceOf(mode, address) ? { kind: "address", device, address } : [],
  );
}
