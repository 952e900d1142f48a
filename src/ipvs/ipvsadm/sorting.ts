// The order in which ipvsadm lists. Its comparisons subtract unsigned numbers into a signed one, so that addresses
// more than half the number space apart come out swapped, and it sorts by merging: both are repeated here, since
// what such a comparison sorts to depends on the way.

import { addressBytes, ipv4Number } from "../../lib/ip.ts";
import { AF, PROTOCOL } from "../attributes.ts";
import type { ListedDestination, ListedService } from "../model.ts";

export function sortedServices<Head extends Pick<ListedService, "key">>(
  services: readonly Head[],
): readonly Head[] {
  return sortedBy(services, ({ key }) => {
    if (key.kind === "fwmark") return [key.fwmark, AF[key.family]];
    const bytes = addressBytes(key.address);
    return [0, AF[bytes.length === 4 ? 4 : 6], PROTOCOL[key.protocol], ...wordsOf(bytes), key.port];
  });
}

/** IPv4 and IPv6 mixed: the first one of a comparison says how many words count. */
export function sortedDestinations(
  destinations: readonly ListedDestination[],
): readonly ListedDestination[] {
  return (
    soundlySorted(destinations) ??
    sortedBy(destinations, ({ address, port }) => [...wordsOf(addressBytes(address)), port])
  );
}

/** IPv4 addresses less than half the number space apart: every sort gives the same. undefined when they are not. */
function soundlySorted(
  destinations: readonly ListedDestination[],
): readonly ListedDestination[] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  const keyed: { readonly key: number; readonly destination: ListedDestination }[] = [];
  for (const destination of destinations) {
    if (destination.address.includes(":")) return undefined;
    const number = ipv4Number(destination.address);
    if (number < low) low = number;
    if (number > high) high = number;
    keyed.push({ key: number * PORTS + destination.port, destination });
  }
  if (high - low >= 2 ** 31) return undefined;
  return keyed.sort((a, b) => a.key - b.key).map(({ destination }) => destination);
}

const PORTS = 2 ** 16;

function wordsOf(bytes: Buffer): readonly number[] {
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) words.push(bytes.readUInt32BE(at));
  return words;
}

function sortedBy<T>(
  values: readonly T[],
  numbersOf: (value: T) => readonly number[],
): readonly T[] {
  const keyed = values.map((value) => ({ value, numbers: numbersOf(value) }));
  return mergeSorted(keyed, (a, b) => compare(a.numbers, b.numbers)).map(({ value }) => value);
}

/** The last number is the port; an address of fewer words ends in zeros. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length - 1; i += 1) {
    const other = i < b.length - 1 ? (b[i] ?? 0) : 0;
    const difference = ((a[i] ?? 0) - other) | 0;
    if (difference !== 0) return difference;
  }
  return (a.at(-1) ?? 0) - (b.at(-1) ?? 0);
}

function mergeSorted<T>(values: readonly T[], order: (a: T, b: T) => number): readonly T[] {
  if (values.length < 2) return values;
  const half = values.length >> 1;
  const left = mergeSorted(values.slice(0, half), order);
  const right = mergeSorted(values.slice(half), order);
  const merged: T[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    const [a, b] = [left[l], right[r]] as [T, T];
    if (order(a, b) <= 0) {
      merged.push(a);
      l += 1;
    } else {
      merged.push(b);
      r += 1;
    }
  }
  return [...merged, ...left.slice(l), ...right.slice(r)];
}
