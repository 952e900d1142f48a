// Route and rule lines, in the words of ip-route(8) and ip-rule(8) -> values with every default filled in.

import { addressBytes, canonicalAddress, type Family, familyOf } from "../../lib/ip.ts";
import type { Route } from "../../vip/model.ts";
import { interfaceName, type Prefix, parsePrefix } from "./addresses.ts";
import { accept, type Judged, refuse } from "./judged.ts";
import { integer, oneOf } from "./plain-types.ts";
import type { RuleLine } from "./row.ts";
import { asItIs, type KeyType } from "./type.ts";
import { first, flag, lineType, needed, option, perhaps } from "./words.ts";

const withoutHops: ReadonlySet<string> = new Set(["blackhole", "unreachable", "prohibit", "throw"]);

// /etc/iproute2 of Debian; other names have to be written as numbers.
const U32_MAX = 0xffffffff;
const tables = numbers({ default: 253, main: 254, local: 255 }, 1, U32_MAX);
const scopes = numbers({ global: 0, site: 200, link: 253, host: 254, nowhere: 255 }, 0, 255);
const protocols = numbers({ redirect: 1, kernel: 2, boot: 3, static: 4, ra: 9, dhcp: 16 }, 1, 255);
const u32 = integer(0, U32_MAX);

function numbers(
  names: Readonly<Record<string, number>>,
  min: number,
  max: number,
): KeyType<number> {
  const plain = integer(min, max, `${min} to ${max}, ${Object.keys(names).join(", ")}`);
  return {
    ...plain,
    parse: (text) => {
      const number = Object.hasOwn(names, text) ? names[text] : undefined;
      return number === undefined ? plain.parse(text) : accept(number);
    },
  };
}

const anyAddress: KeyType<string> = {
  parse(text) {
    const address = canonicalAddress(text);
    return address === undefined ? refuse("an address") : accept(address);
  },
  print: asItIs,
  help: "IP address",
};

/** As written: what `default` is depends on the family of the others. */
const destination: KeyType<string> = {
  parse: (text) =>
    networkOf(text, 4) === undefined ? refuse("the prefix of a network or default") : accept(text),
  print: asItIs,
  help: "PREFIX",
};

const side: KeyType<Prefix | "all"> = {
  parse(text) {
    if (text === "all" || text === "any" || text === "default") return accept("all");
    const network = networkOf(text, 4);
    return network === undefined ? refuse("the prefix of a network, or all") : accept(network);
  },
  print: (value) => (value === "all" ? value : `${value.address}/${value.prefixLength}`),
  help: "PREFIX",
};

type Mark = { readonly mark: number; readonly mask: number | null };

const mark: KeyType<Mark> = {
  parse(text) {
    const match = /^(0x[\da-f]{1,8}|\d{1,10})(?:\/(0x[\da-f]{1,8}|\d{1,10}))?$/i.exec(text);
    const number = Number(match?.[1] ?? U32_MAX + 1);
    const mask = match?.[2] === undefined ? null : Number(match[2]);
    return number > U32_MAX || (mask ?? 0) > U32_MAX
      ? refuse("N or N/MASK, such as 7 or 0x10/0xf0")
      : accept({ mark: number, mask });
  },
  print: ({ mark: number, mask }) => (mask === null ? String(number) : `${number}/${mask}`),
  help: "N[/MASK]",
};

const hop = {
  via: option("via", "A", anyAddress),
  dev: option("dev oif", "IF", interfaceName),
  onlink: flag("onlink"),
};

const nexthop = lineType({ ...hop, weight: option("weight", "N", integer(1, 256)) });

const routeWords = lineType(
  {
    type: perhaps("TYPE", oneOf("unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw")),
    destination: first("PREFIX", destination, "to"),
    ...hop,
    source: option("src", "A", anyAddress),
    metric: option("metric priority preference", "N", u32),
    table: option("table", "N", tables),
    scope: option("scope", "S", scopes),
    protocol: option("proto protocol", "P", protocols),
    mtu: option("mtu", "N", integer(68, 0xffffff)),
    noTrack: flag("no_track"),
  },
); // biome-ignore format: a list of words

export const routeLine: KeyType<Route> = {
  parse: parseRoute,
  print: ({ line }) => line,
  help: `${routeWords.help} [nexthop [via A] [dev IF] [weight N] [onlink] ...]`,
};

const ruleWords = lineType({
  not: flag("not"),
  from: option("from", "PREFIX", side),
  to: option("to", "PREFIX", side),
  fwmark: option("fwmark", "N[/MASK]", mark),
  iif: option("iif dev", "IF", interfaceName),
  oif: option("oif", "IF", interfaceName),
  table: needed("lookup table", "TABLE", tables),
  priority: option("priority preference pref order", "N", integer(1, U32_MAX)),
  noTrack: flag("no_track"),
});

export const ruleLine: KeyType<RuleLine> = {
  parse: parseRule,
  print: ({ line }) => line,
  help: ruleWords.help,
};

const HOPS_MAX = 64;

type Hop = Route["hops"][number];

function parseRoute(text: string): Judged<Route> {
  const [line = "", ...more] = text
    .trim()
    .split(/\s+/)
    .join(" ")
    .split(/ ?\bnexthop(?: |$)/);
  const words = routeWords.parse(line);
  if (!words.ok) return words;
  const said = words.value;
  const wrong = (mustBe: string): ReturnType<typeof refuse> =>
    refuse(`${routeLine.help}, ${mustBe}`);
  if (more.length > HOPS_MAX) return wrong(`with up to ${HOPS_MAX} hops`);
  const hops: Hop[] = [];
  for (const [i, part] of [line, ...more].entries()) {
    const judged = i === 0 ? accept({ ...said, weight: null }) : nexthop.parse(part);
    if (!judged.ok) return wrong(`after "nexthop" ${judged.mustBe}`);
    const { via, dev, weight, onlink } = judged.value;
    if (onlink && (via === null || dev === null)) return wrong('with "onlink" beside via and dev');
    if (via === null && dev === null) {
      if (i === 0) continue;
      return wrong('with "via ADDRESS" or "dev IF" after "nexthop"');
    }
    hops.push({ via, interface: dev, weight: weight ?? 1, onlink });
  }
  if (more.length > 0 && hops.length > more.length) {
    return wrong("either with via and dev or with nexthop, not with both");
  }
  const type = said.type ?? "unicast";
  if (withoutHops.has(type) !== (hops.length === 0)) {
    return wrong(
      hops.length === 0
        ? 'followed by "via ADDRESS", "dev IF" or "nexthop ..."'
        : `without via, dev and nexthop: a route of type ${type} leads nowhere`,
    );
  }
  const vias = hops.flatMap(({ via }) => (via === null ? [] : [via]));
  const others = new Set([...vias, ...(said.source === null ? [] : [said.source])].map(familyOf));
  const [near = 4] = others;
  const network = networkOf(said.destination, near) ?? { address: "", prefixLength: 0 };
  const family = familyOf(network.address) ?? 4;
  if ([...others].some((each) => each !== family)) return wrong("with addresses of one family");
  const { metric, protocol, mtu, source, scope, table } = said;
  return accept({
    type,
    destination: network.address,
    prefixLength: network.prefixLength,
    source,
    table: table ?? (type === "local" || type === "broadcast" ? 255 : 254),
    scope: family === 6 ? 0 : (scope ?? scopeOf(type, vias.length > 0)),
    metric,
    protocol,
    mtu,
    hops,
    line: text.trim().split(/\s+/).join(" "),
    ...(said.noTrack && { noTrack: true }),
  });
}

function parseRule(text: string): Judged<RuleLine> {
  const words = ruleWords.parse(text.trim());
  if (!words.ok) return words;
  const { noTrack, from: written, to: target, ...said } = words.value;
  const [from, to] = [written, target].map((each) => (each === "all" ? null : each));
  const families = new Set([from, to].flatMap((each) => familyOf(each?.address ?? "") ?? []));
  if (families.size > 1) return refuse(`${ruleWords.help}, with addresses of one family`);
  const [family = 4] = families;
  return accept({
    ...said,
    family,
    from: from ?? null,
    to: to ?? null,
    line: text.trim().split(/\s+/).join(" "),
    ...(noTrack && { noTrack: true }),
  });
}

/** undefined = no prefix, or one with bits behind its length. */
function networkOf(text: string, near: Family): Prefix | undefined {
  if (text === "default") return { address: near === 6 ? "::" : "0.0.0.0", prefixLength: 0 };
  const prefix = parsePrefix(text);
  return prefix !== undefined && isNetwork(prefix) ? prefix : undefined;
}

function isNetwork({ address, prefixLength }: Prefix): boolean {
  return /^1*0*$/.test("1".repeat(prefixLength) + bitsOf(address).slice(prefixLength));
}

function bitsOf(address: string): string {
  return Array.from(addressBytes(address), (byte) => byte.toString(2).padStart(8, "0")).join("");
}

/** As ip-route(8) chooses. */
function scopeOf(type: Route["type"], hasGateway: boolean): number {
  if (type === "local") return 254;
  if (type === "broadcast" || type === "multicast" || type === "anycast") return 253;
  return type === "unicast" && !hasGateway ? 253 : 0;
}
