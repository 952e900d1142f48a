// Lines of several words that are written a little otherwise here.

import { familyOf } from "../../lib/ip.ts";

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
  "track_group",
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
  pref: "priority",
};

function ruleText(words: readonly string[]): string {
  return words.map((word) => RULE_WORDS[word] ?? word).join(" ");
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

/** A line of a block of addresses, routes or rules as it is written here. */
export function lineText(block: string, words: readonly string[]): string {
  if (block.endsWith("_routes")) return routeText(words);
  return block.endsWith("_rules") ? ruleText(words) : words.join(" ");
}
