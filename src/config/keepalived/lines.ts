// Lines of several words that are written a little otherwise here.

import { familyOf, networkAddress } from "../../lib/ip.ts";
import type { Remarks, Target } from "../foreign/target.ts";
import { parsePrefix } from "../schema/addresses.ts";
import type { Statement } from "./tree.ts";

const OF_ONE_WORD = new Set([
  "home",
  "-nodad",
  "mngtmpaddr",
  "noprefixroute",
  "autojoin",
  "no_track",
  "use_vmac",
]);
const OF_TWO_WORDS = new Set([
  "brd",
  "broadcast",
  "dev",
  "scope",
  "label",
  "peer",
  "preferred_lft",
]);

/** An address with a length that is none: keepalived takes one beyond the limits for that of a host, and anything else for 0. */
export function withLength(text: string): { readonly address: string; readonly wrong: boolean } {
  const [address = "", length] = text.split("/");
  const family = familyOf(address);
  const number = Number(length);
  const isRight = /^\d+$/.test(length ?? "") && number >= 1 && number <= (family === 6 ? 128 : 32);
  const wrong = length !== undefined && family !== undefined && !isRight;
  return { address: wrong ? address : text, wrong };
}

/** What of an address line keepalived takes, and which words it reports and leaves out. */
export function addressText(words: readonly string[]): {
  readonly value: string;
  readonly ignored: readonly string[];
} {
  const [address = "", ...rest] = words;
  const taken = [address];
  const ignored: string[] = [];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? "";
    const value = rest[i + 1];
    if (OF_ONE_WORD.has(word)) taken.push(word);
    else if (OF_TWO_WORDS.has(word) && value !== undefined) {
      i++;
      // A mask of 32 has no broadcast address.
      const isHost = !address.includes("/") || /\/(31|32)$/.test(address);
      if (word.startsWith("br") && isHost) ignored.push(`${word} ${value}`);
      else taken.push(word === "broadcast" ? "brd" : word, value);
    } else ignored.push(word);
  }
  return { value: taken.join(" "), ignored };
}

const RULE_WORDS: Readonly<Record<string, string>> = {
  table: "lookup",
  preference: "priority",
  order: "priority",
};
/** Of ip-rule(8), and unknown to keepalived, which goes on without the rule. */
const RULE_WORDS_UNKNOWN = /^(pref|prio)$/;
/** What keepalived's rules and routes can, and those here cannot. */
const RULE_WORDS_BEYOND =
  /^(tos|dsfield|realms|goto|nop|type|blackhole|unreachable|prohibit|suppress_\w+|sup_\w+|tunnel-id|uidrange|l3mdev|protocol|ipproto|sport|dport)$/;
const ROUTE_WORDS_BEYOND =
  /^(tos|dsfield|vrf|advmss|hoplimit|rtt|rttvar|reordering|window|cwnd|initcwnd|initrwnd|ssthresh|realms|rto_min|quickack|congctl|features|expires|fastopen_no_cookie|ttl-propagate|encap)$/;

/** The kernel compares the bits of the length alone, so that the others may be any. */
function ruleText(words: readonly string[]): string {
  const plain = words.map((word) => RULE_WORDS[word] ?? word);
  return plain.map((word) => (word.includes("/") ? asNetwork(word) : word)).join(" ");
}

function asNetwork(word: string): string {
  const prefix = parsePrefix(word);
  if (prefix === undefined) return word;
  const { address, prefixLength } = prefix;
  return `${networkAddress(address, prefixLength)}/${prefixLength}`;
}

const ROUTE_TYPES = new Set(
  "unicast local broadcast brd anycast multicast prohibit unreachable blackhole throw".split(" "),
);
const ROUTE_FLAGS = new Set(["onlink", "no_track", "add", "append", "prepend", "inet", "inet6"]);

/** The destination first, whatever stood before it; "gw" and "or" are old words for "via" and further hops. */
function routeText(words: readonly string[]): string {
  const at = words.indexOf("nexthop");
  const own = at === -1 ? words : words.slice(0, at);
  const type: string[] = [];
  let destination = "";
  const rest: string[] = [];
  const hops: string[] = [];
  for (let i = 0; i < own.length; i++) {
    const word = own[i] ?? "";
    const value = own[i + 1] ?? "";
    if (word === "to") destination = own[++i] ?? "";
    else if (word === "gw") rest.push("via", own[++i] ?? "");
    else if (word === "or") hops.push(own[++i] ?? "");
    else if (ROUTE_TYPES.has(word)) type.push(word === "brd" ? "broadcast" : word);
    else if (ROUTE_FLAGS.has(word)) rest.push(word);
    else if (destination === "" && /^(default|[\d.]+|[\da-f:]*:[\da-f:.]*)(\/\d+)?$/i.test(word)) {
      destination = word;
    } else {
      rest.push(word, value);
      i++;
    }
  }
  const via = rest.indexOf("via");
  const first = hops.length === 0 || via === -1 ? [] : rest.splice(via, 2).slice(1);
  const nexthops = [...first, ...hops].flatMap((hop) => ["nexthop", "via", hop]);
  const taken = [...type, destination, ...rest, ...nexthops, ...words.slice(own.length)];
  return taken
    .filter((word) => word !== "" && !/^(add|append|prepend|inet6?)$/.test(word))
    .join(" ");
}

/** `track_group NAME` taken out of a line; undefined = it is not there, "" = it has no name. */
export function withoutTrackGroup(words: readonly string[]): {
  readonly rest: readonly string[];
  readonly group: string | undefined;
} {
  const at = words.indexOf("track_group");
  if (at === -1) return { rest: words, group: undefined };
  return { rest: [...words.slice(0, at), ...words.slice(at + 2)], group: words[at + 1] ?? "" };
}

/** A line of a block of addresses, routes or rules as it is written here, where it can be. */
export function addLine(
  target: Target,
  block: string,
  { words, line, text }: Pick<Statement, "words" | "line" | "text">,
  remarks: Remarks,
  trackGroup?: string,
): void {
  const tracked = trackGroup === undefined ? "" : ` track_group ${trackGroup}`;
  const add = (value: string): unknown => target.add(block, value + tracked, line, text);
  const isRoute = block.endsWith("_routes");
  if (!isRoute && !block.endsWith("_rules")) {
    add(words.join(" "));
    return;
  }
  const unknown = words.find((word) =>
    isRoute ? word === "proto" : RULE_WORDS_UNKNOWN.test(word),
  );
  const beyond = words.find((word) =>
    (isRoute ? ROUTE_WORDS_BEYOND : RULE_WORDS_BEYOND).test(word),
  );
  if (unknown !== undefined) {
    const right = isRoute ? "protocol" : "priority";
    const what = isRoute ? "route" : "rule";
    remarks.neverInForce(
      line,
      `"${text}"`,
      `keepalived knows no "${unknown}" of a ${what} and goes on without it (write ${right})`,
    );
  } else if (beyond !== undefined) {
    const all = isRoute ? "Routes" : "Rules";
    remarks.differs(line, `"${text}" is left out: ${all} with "${beyond}" are not made here`);
  } else if (isRoute) {
    add(asTracked(asGlobal(routeText(words)), line, remarks));
  } else add(ruleText(words));
}

/** keepalived gives every route the widest scope, where ip-route(8) has one without a gateway on the link. */
function asGlobal(route: string): string {
  const isSaid = /(^| )(via|scope) /.test(route);
  const isOther = /^(local|broadcast|anycast|multicast|blackhole|unreachable|prohibit|throw) /;
  const isInet6 = /(^| )[\da-f]*:/i.test(route);
  if (isSaid || isOther.test(route) || isInet6) return route;
  return route.replace(/(?= nexthop )|$/, " scope global");
}

/** keepalived sees by the protocol that a route is its own. */
function asTracked(route: string, line: number, remarks: Remarks): string {
  const said = / protocol (\S+)/.exec(route);
  if (said === null || / no_track\b/.test(route)) return route;
  remarks.neverInForce(line, `protocol ${said[1]}`, "it takes no_track beside it");
  return route.replace(said[0], "");
}
