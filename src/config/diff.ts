// What differs between two configurations, section by section and key by key, as INI would write them. Nothing of a Config is
// without a row (print.ts), so nothing that differs is left out. Values that are secret are not told. Pure.

import { isSameJson } from "../lib/same-json.ts";
import { isSectionName, keysOf } from "./keys.ts";
import type { Config, VirtualServerConfig } from "./model.ts";
import { type PrintedSection, printedSections } from "./print.ts";

export type SectionDifference = {
  /** As in INI: "virtual_server.web". */
  readonly title: string;
  readonly what: "added" | "removed" | "changed";
  /** "weight 2 -> 3", "virtual_ipaddress +10.0.0.9/24"; none when the whole section came or went. */
  readonly keys: readonly KeyDifference[];
};

export type KeyDifference = { readonly key: string; readonly text: string };

export function configDifferences(before: Config, after: Config): readonly SectionDifference[] {
  const [old, next] = withoutAlike(before, after);
  const [oldSections, nextSections] = [sectionsOf(old), sectionsOf(next)];
  const differences: SectionDifference[] = [];
  for (const [title, rows] of nextSections) {
    const was = oldSections.get(title);
    if (was === undefined) differences.push({ title, what: "added", keys: [] });
    else {
      const keys = keyDifferences(title, was, rows);
      if (keys.length > 0) differences.push({ title, what: "changed", keys });
    }
  }
  for (const title of oldSections.keys()) {
    if (!nextSections.has(title)) differences.push({ title, what: "removed", keys: [] });
  }
  return differences;
}

/**
 * Of thousands of virtual servers few differ: the others are not printed to be compared, unless they have a check or a group
 * in common with one that is, as how they are written depends on each other.
 */
function withoutAlike(before: Config, after: Config): readonly [Config, Config] {
  const old = byName(before);
  const same = new Set(
    after.virtualServers.flatMap((each) =>
      isSameJson(old.get(each.name), each) ? [each.name] : [],
    ),
  );
  const isAlike = ({ name }: VirtualServerConfig): boolean => same.has(name);
  const [alike, alikeAfter] = [before, after].map((all) => all.virtualServers.filter(isAlike));
  if (alike?.some(({ name }, i) => name !== alikeAfter?.[i]?.name)) return [before, after];
  const differing = [before, after].flatMap((all) =>
    all.virtualServers.filter((each) => !isAlike(each)),
  );
  const names = new Set([...differing, ...tiedTo(differing, alike ?? [])].map(({ name }) => name));
  const only = (config: Config): Config => ({
    ...config,
    virtualServers: config.virtualServers.filter(({ name }) => names.has(name)),
  });
  return [only(before), only(after)];
}

function byName({ virtualServers }: Config): ReadonlyMap<string, VirtualServerConfig> {
  return new Map(virtualServers.map((each) => [each.name, each]));
}

/** Those that have a check or a group in common with one of the others, or with one that has. */
function tiedTo(
  differing: readonly VirtualServerConfig[],
  alike: readonly VirtualServerConfig[],
): readonly VirtualServerConfig[] {
  const shared = new Set(differing.flatMap(sharedTitles));
  const tied: VirtualServerConfig[] = [];
  let left = alike;
  for (;;) {
    const isTied = (each: VirtualServerConfig): boolean =>
      sharedTitles(each).some((title) => shared.has(title));
    const found = left.filter(isTied);
    if (found.length === 0) return tied;
    tied.push(...found);
    const isFound = new Set(found);
    left = left.filter((each) => !isFound.has(each));
    for (const title of found.flatMap(sharedTitles)) shared.add(title);
  }
}

/** Sections that other virtual servers may have too. */
function sharedTitles({ group, realServers }: VirtualServerConfig): readonly string[] {
  const checks = realServers.flatMap(({ checks: own }) => own.map(({ name }) => `check.${name}`));
  return [...new Set(checks), ...(group === null ? [] : [`virtual_server_group.${group}`])];
}

type Values = ReadonlyMap<string, readonly string[]>;

function sectionsOf(config: Config): ReadonlyMap<string, Values> {
  return new Map(
    printedSections(config).map((section: PrintedSection) => [section[0], valuesOf(section)]),
  );
}

function valuesOf([, rows]: PrintedSection): Values {
  const values = new Map<string, string[]>();
  for (const [key, value] of rows) {
    if (value === null) continue;
    const known = values.get(key);
    if (known === undefined) values.set(key, [String(value)]);
    else known.push(String(value));
  }
  return values;
}

function keyDifferences(title: string, before: Values, after: Values): readonly KeyDifference[] {
  const keys = [...new Set([...after.keys(), ...before.keys()])];
  return keys.flatMap((written): readonly KeyDifference[] => {
    const [from = [], to = []] = [before.get(written), after.get(written)];
    if (from.length === to.length && from.every((value, i) => value === to[i])) return [];
    const key = written.replace("[]", "");
    return [{ key, text: `${key} ${differenceText(written, from, to, isHidden(title, key))}` }];
  });
}

function differenceText(
  key: string,
  from: readonly string[],
  to: readonly string[],
  isSecret: boolean,
): string {
  if (isSecret) return from.length === 0 ? "set" : to.length === 0 ? "removed" : "changed";
  if (!key.endsWith("[]")) return `${from[0] ?? "none"} -> ${to[0] ?? "none"}`;
  const [inFrom, inTo] = [new Set(from), new Set(to)];
  const moves = [
    ...from.filter((value) => !inTo.has(value)).map((value) => `-${value}`),
    ...to.filter((value) => !inFrom.has(value)).map((value) => `+${value}`),
  ];
  return moves.length === 0 ? "in another order" : moves.join(", ");
}

/** What a check says may be a password too. */
const SPOKEN = new Set(["auth_hmac_key", "header", "send"]);

function isHidden(title: string, key: string): boolean {
  const [kind = ""] = title.split(".");
  if (SPOKEN.has(key)) return true;
  return isSectionName(kind) && keysOf(kind)[key]?.type.secret === true;
}
