// Route and rule lines, in the words of ip-route(8) and ip-rule(8) -> values with every default filled in.

import { addressBytes, canonicalAddress, type Family, familyOf } from "../../lib/ip.ts";
import type { Route } from "../../vip/model.ts";
import { parsePrefix } from "./address-extras.ts";
import { interfaceNameRule, isInterfaceName } from "./addresses.ts";
import { accept, type Judged, refuse } from "./judged.ts";
import type { RuleLine } from "./row.ts";
import { didYouMean } from "./suggest.ts";
import type { KeyType } from "./type.ts";

const types = [
  "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw",
] as const; // biome-ignore format: a list of words
const withoutHops: ReadonlySet<string> = new Set(["blackhole", "unreachable", "prohibit", "throw"]);

// /etc/iproute2 of Debian; other names have to be written as numbers.
type Numbers = Readonly<Record<string, number>>;
const tables: Numbers = { default: 253, main: 254, local: 255 };
const scopes: Numbers = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 };
const protocols: Numbers = { redirect: 1, kernel: 2, boot: 3, static: 4, ra: 9, dhcp: 16 };

const U32_MAX = 0xffffffff;
const MTU_MAX = 0xffffff;
const HOPS_MAX = 64;

const routeWords = [
  "via", "dev", "src", "metric", "table", "scope", "proto", "mtu", "onlink", "no_track", "nexthop",
] as const; // biome-ignore format: a list of words
const ruleWords = [
  "not", "from", "to", "fwmark", "iif", "oif", "lookup", "priority", "no_track",
] as const; // biome-ignore format: a list of words
const spellings: Readonly<Record<string, string>> = {
  oif: "dev",
  priority: "metric",
  preference: "metric",
  protocol: "proto",
};
const ruleSpellings: Readonly<Record<string, string>> = {
  table: "lookup",
  preference: "priority",
  pref: "priority",
  order: "priority",
  dev: "iif",
};

type Hop = Route["hops"][number];

export const routeLine: KeyType<Route> = {
  parse: parseRouteLine,
  print: ({ line }) => line,
  help: "route, in the words of ip-route(8)",
};

export const ruleLine: KeyType<RuleLine> = {
  parse: parseRuleLine,
  print: ({ line }) => line,
  help: "rule, in the words of ip-rule(8)",
};

export function parseRouteLine(text: string): Judged<Route> {
  const words = text.trim().split(/\s+/);
  const type = types.find((each) => each === words[0]) ?? "unicast";
  let at = words[0] === type ? 1 : 0;
  if (words[at] === "to") at += 1;
  const written = words[at] ?? "";
  const cut = words.indexOf("nexthop", at + 1);
  const options = parseWords(words.slice(at + 1, cut === -1 ? undefined : cut), routeWords, {
    spellings,
    alone: ["onlink", "no_track"],
  });
  if (!options.ok) return options;
  const said = options.value;
  const multipath = cut === -1 ? accept([]) : parseHops(words.slice(cut));
  if (!multipath.ok) return multipath;

  const single = parseHop(said);
  if (!single.ok) return single;
  const hops = cut === -1 ? (single.value === null ? [] : [single.value]) : multipath.value;
  if (cut !== -1 && single.value !== null) {
    return refuse("written either with via and dev or with nexthop, not with both");
  }
  if (withoutHops.has(type) !== (hops.length === 0)) {
    return refuse(
      hops.length === 0
        ? 'followed by "via ADDRESS", "dev IF" or "nexthop ..."'
        : `without via, dev and nexthop: a route of type ${type} leads nowhere`,
    );
  }

  const source = said["src"] === undefined ? null : canonicalAddress(said["src"]);
  if (source === undefined) return refuse('"src" with an address of this machine');
  const vias = hops.flatMap(({ via }) => (via === null ? [] : [via]));
  const families = new Set([...vias, ...(source === null ? [] : [source])].map(familyOf));
  const [near = 4] = families;
  const prefix = parseDestination(written, near);
  if (prefix === undefined) {
    return refuse(
      "[TYPE] [to] PREFIX and then its options, with the prefix of a network or default",
    );
  }
  const family = familyOf(prefix.address) ?? 4;
  if ([...families].some((each) => each !== family)) {
    return refuse("written with addresses of one family");
  }

  const table = numberOf(said["table"], tables, 1, U32_MAX);
  if (table === undefined) return refuse(`"table" with 1 to ${U32_MAX}, main, local or default`);
  const scope = numberOf(said["scope"], scopes, 0, 255);
  if (scope === undefined) return refuse(`"scope" one of ${Object.keys(scopes).join(", ")}`);
  const protocol = numberOf(said["proto"], protocols, 1, 255);
  if (protocol === undefined) {
    return refuse(`"proto" with 1 to 255 or one of ${Object.keys(protocols).join(", ")}`);
  }
  const metric = numberOf(said["metric"], {}, 0, U32_MAX);
  if (metric === undefined) return refuse(`"metric" with 0 to ${U32_MAX}`);
  const mtu = numberOf(said["mtu"], {}, 68, MTU_MAX);
  if (mtu === undefined) return refuse(`"mtu" with 68 to ${MTU_MAX}`);
  return accept({
    type,
    destination: prefix.address,
    prefixLength: prefix.prefixLength,
    source,
    table: table ?? (type === "local" || type === "broadcast" ? 255 : 254),
    scope: family === 6 ? 0 : (scope ?? scopeOf(type, vias.length > 0)),
    metric,
    protocol,
    mtu,
    hops,
    line: words.join(" "),
    ...(said["no_track"] === undefined ? {} : { noTrack: true }),
  });
}

export function parseRuleLine(text: string): Judged<RuleLine> {
  const words = text.trim().split(/\s+/);
  const options = parseWords(words, ruleWords, {
    spellings: ruleSpellings,
    alone: ["not", "no_track"],
  });
  if (!options.ok) return options;
  const said = options.value;
  const from = parseSide(said["from"]);
  const to = parseSide(said["to"]);
  if (from === undefined || to === undefined) {
    return refuse('"from" and "to" with the prefix of a network, or all');
  }
  const families = new Set([from, to].flatMap((side) => familyOf(side?.address ?? "") ?? []));
  if (families.size > 1) return refuse("written with addresses of one family");
  const fwmark = parseMark(said["fwmark"]);
  if (fwmark === undefined) return refuse('"fwmark" with N or N/MASK, such as 7 or 0x10/0xf0');
  for (const name of [said["iif"], said["oif"]]) {
    if (name !== undefined && !isInterfaceName(name)) {
      return refuse(`"iif" and "oif" with an interface: ${interfaceNameRule}`);
    }
  }
  const table = numberOf(said["lookup"], tables, 1, U32_MAX);
  if (table === undefined || table === null) {
    return refuse(`written with "lookup TABLE": 1 to ${U32_MAX}, main, local or default`);
  }
  const priority = numberOf(said["priority"], {}, 1, U32_MAX);
  if (priority === undefined) return refuse(`"priority" with 1 to ${U32_MAX}`);
  const [family = 4] = families;
  return accept({
    family,
    not: said["not"] !== undefined,
    from,
    to,
    fwmark,
    iif: said["iif"] ?? null,
    oif: said["oif"] ?? null,
    table,
    priority,
    line: words.join(" "),
    ...(said["no_track"] === undefined ? {} : { noTrack: true }),
  });
}

type Said = Readonly<Record<string, string>>;

/** Pairs of a word and its value; the words of `alone` have none. */
function parseWords(
  words: readonly string[],
  known: readonly string[],
  {
    spellings: other,
    alone,
  }: { readonly spellings: Readonly<Record<string, string>>; readonly alone: readonly string[] },
): Judged<Said> {
  const said: Record<string, string> = {};
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? "";
    const name = other[word] ?? word;
    if (!known.includes(name)) {
      return refuse(`made of ${known.join(", ")}, not "${word}"${didYouMean(word, known)}`);
    }
    if (said[name] !== undefined) return refuse(`written with one "${word}"`);
    const value = alone.includes(name) ? "yes" : words[++i];
    if (value === undefined) return refuse(`written with a word after "${word}"`);
    said[name] = value;
  }
  return accept(said);
}

/** nexthop via A dev IF weight N nexthop ... */
function parseHops(words: readonly string[]): Judged<readonly Hop[]> {
  const hops: Hop[] = [];
  const groups = words.join(" ").split(/(?:^| )nexthop(?: |$)/).slice(1); // biome-ignore format: one thought
  if (groups.length > HOPS_MAX) return refuse(`written with up to ${HOPS_MAX} hops`);
  for (const group of groups) {
    const said = parseWords(group.split(" ").filter((word) => word !== ""), ["via", "dev", "weight", "onlink"], {
      spellings,
      alone: ["onlink"],
    }); // biome-ignore format: one thought
    if (!said.ok) return said;
    const hop = parseHop(said.value);
    if (!hop.ok) return hop;
    if (hop.value === null) return refuse('followed by "via ADDRESS" or "dev IF" after "nexthop"');
    hops.push(hop.value);
  }
  return accept(hops);
}

function parseHop(said: Said): Judged<Hop | null> {
  const { via: gateway, dev } = said as { readonly via?: string; readonly dev?: string };
  const via = gateway === undefined ? null : canonicalAddress(gateway);
  if (via === undefined) return refuse('"via" with the address of a router');
  if (dev !== undefined && !isInterfaceName(dev)) return refuse(`"dev IF": ${interfaceNameRule}`);
  const weight = numberOf(said["weight"], {}, 1, 256);
  if (weight === undefined) return refuse('"weight" with 1 to 256');
  const onlink = said["onlink"] !== undefined;
  if (onlink && (via === null || dev === undefined)) return refuse('"onlink" beside via and dev');
  if (via === null && dev === undefined) return accept(null);
  return accept({ via, interface: dev ?? null, weight: weight ?? 1, onlink });
}

type Prefix = { readonly address: string; readonly prefixLength: number };

/** undefined = no prefix, or one with bits behind its length. */
function parseDestination(text: string, near: Family): Prefix | undefined {
  if (text === "default") return { address: near === 6 ? "::" : "0.0.0.0", prefixLength: 0 };
  const prefix = parsePrefix(text);
  return prefix !== undefined && isNetwork(prefix) ? prefix : undefined;
}

/** null = all. */
function parseSide(text: string | undefined): Prefix | null | undefined {
  if (text === undefined || text === "all" || text === "any" || text === "default") return null;
  return parseDestination(text, 4);
}

function isNetwork({ address, prefixLength }: Prefix): boolean {
  return /^1*0*$/.test("1".repeat(prefixLength) + bitsOf(address).slice(prefixLength));
}

function bitsOf(address: string): string {
  return Array.from(addressBytes(address), (byte) => byte.toString(2).padStart(8, "0")).join("");
}

function parseMark(
  text: string | undefined,
): { readonly mark: number; readonly mask: number | null } | null | undefined {
  if (text === undefined) return null;
  const match = /^(0x[\da-f]{1,8}|\d{1,10})(?:\/(0x[\da-f]{1,8}|\d{1,10}))?$/i.exec(text);
  if (match === null) return undefined;
  const mark = Number(match[1]);
  const mask = match[2] === undefined ? null : Number(match[2]);
  return mark > U32_MAX || (mask ?? 0) > U32_MAX ? undefined : { mark, mask };
}

/** null = not written, undefined = no good. */
function numberOf(
  text: string | undefined,
  names: Numbers,
  min: number,
  max: number,
): number | null | undefined {
  if (text === undefined) return null;
  const number = Object.hasOwn(names, text) ? names[text] : undefined;
  if (number !== undefined) return number;
  if (!/^\d{1,10}$/.test(text)) return undefined;
  return Number(text) < min || Number(text) > max ? undefined : Number(text);
}

/** As ip-route(8) chooses. */
function scopeOf(type: Route["type"], hasGateway: boolean): number {
  if (type === "local") return 254;
  if (type === "broadcast" || type === "multicast" || type === "anycast") return 253;
  return type === "unicast" && !hasGateway ? 253 : 0;
}
