// What the two nodes hold as MASTER: the same addresses, routes and rules, each by one instance.

import type { VrrpInstanceConfig } from "../model.ts";
import type { Located } from "../schema/row.ts";
import { nameOf } from "../schema/section.ts";
import {
  type Couple,
  headOf,
  type Instance,
  instancesOf,
  type Node,
  type Place,
  placeText,
  type Tell,
} from "./node.ts";

type Key = "virtual_ipaddress" | "virtual_ipaddress_excluded";
const KEYS = ["virtual_ipaddress", "virtual_ipaddress_excluded"] as const;

type Line = {
  readonly key: Key;
  readonly address: string;
  readonly prefix: number;
  readonly at: Place;
};

function linesOf({ node, section }: Instance): readonly Line[] {
  return KEYS.flatMap((key) =>
    section.values[key].map(({ value, line }) => ({
      key,
      address: value.address,
      prefix: value.prefixLength,
      at: node.placeOf(line),
    })),
  );
}

export function judgeAddresses(couple: Couple<Instance>, tell: Tell): void {
  const { a, b } = couple;
  const [ours, theirs] = [a, b].map(
    (one) => new Map(linesOf(one).map((line) => [line.address, line])),
  );
  if (ours === undefined || theirs === undefined) return;
  for (const line of ours.values()) {
    const other = theirs.get(line.address);
    if (other === undefined) tellMissing(line, a, b, tell);
    else judgeLine(line, other, a, tell);
  }
  for (const line of theirs.values()) if (!ours.has(line.address)) tellMissing(line, b, a, tell);
  judgeLines(couple, "virtual_routes", tell);
  judgeLines(couple, "virtual_rules", tell);
}

function tellMissing(line: Line, one: Instance, without: Instance, tell: Tell): void {
  // Another instance of that node has it: two owners, which judgeOwners() tells.
  const { vrrpInstances } = without.node.config;
  if (vrrpInstances.flatMap(heldAddresses).includes(line.address)) return;
  const other = headOf(without);
  tell({
    at: line.at,
    other,
    severity: "error",
    message: `${line.key} ${line.address} of [${one.section.title}] is not in [${without.section.title}] of the other node (${placeText(other)}): nobody takes it over`,
  });
}

export function heldAddresses({ vips, holds }: VrrpInstanceConfig): readonly string[] {
  return [...vips, ...holds.excluded].map(({ address }) => address);
}

function judgeLine(line: Line, other: Line, { section }: Instance, tell: Tell): void {
  const [at, severity] = [line.at, "warning"] as const;
  if (line.prefix !== other.prefix) {
    tell({
      at,
      other: other.at,
      severity,
      message: `${line.key} ${line.address} of [${section.title}] has the prefix /${line.prefix}, and /${other.prefix} at ${placeText(other.at)}: what is reached directly depends on who is MASTER`,
    });
  }
  if (line.key === other.key) return;
  tell({
    at,
    other: other.at,
    severity,
    message: `${line.address} of [${section.title}] is in ${line.key}, and in ${other.key} at ${placeText(other.at)}: adverts tell other addresses than the backup expects`,
  });
}

/** Interfaces and source addresses may be called otherwise on the other node. */
const OWN_WORDS = /\b(?:dev|src|from|iif|oif|preferred_lft)\s+\S+/g;

function judgeLines(
  { a, b }: Couple<Instance>,
  key: "virtual_routes" | "virtual_rules",
  tell: Tell,
): void {
  const held = key === "virtual_routes" ? "routes" : "rules";
  const textOf = ({ line }: { readonly line: string }): string =>
    line.replaceAll(OWN_WORDS, "").replaceAll(/\s+/g, " ").trim();
  const [ours, theirs] = [a, b].map(({ made }) => new Set(made.holds[held].map(textOf)));
  for (const [one, other, known] of [
    [a, b, theirs],
    [b, a, ours],
  ] as const) {
    const written: readonly Located<unknown>[] = one.section.values[key];
    const lost = one.made.holds[held].findIndex((each) => known?.has(textOf(each)) === false);
    const line = one.made.holds[held][lost];
    if (line === undefined) continue;
    const place = headOf(other);
    tell({
      at: one.node.placeOf(written[lost]?.line ?? one.section.line),
      other: place,
      severity: "warning",
      message: `${key} "${line.line}" of [${one.section.title}] is not in [${other.section.title}] of the other node (${placeText(place)})`,
    });
  }
}

/** One address in two virtual routers: each has its own master. */
export function judgeOwners(
  a: Node,
  b: Node,
  couples: readonly Couple<Instance>[],
  tell: Tell,
): void {
  const partners = new Map(couples.map((one) => [one.a.section, one.b.section]));
  const holders = new Map<string, { readonly one: Instance; readonly line: Line }>();
  for (const one of instancesOf(b)) {
    for (const line of linesOf(one)) holders.set(line.address, { one, line });
  }
  for (const one of instancesOf(a)) {
    for (const line of linesOf(one)) {
      const holder = holders.get(line.address);
      if (holder === undefined || partners.get(one.section) === holder.one.section) continue;
      tell({
        at: line.at,
        other: holder.line.at,
        severity: "error",
        message: `${line.address} is held by ${describe(one)}, and on the other node by ${describe(holder.one)} (${placeText(holder.line.at)}): two virtual routers have a master each, and the address two owners`,
      });
    }
  }
}

function describe({ section, made }: Instance): string {
  return `${nameOf(section)} (virtual_router_id ${made.vrrp.vrid}, IPv${made.way.family})`;
}
