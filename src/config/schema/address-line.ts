// The line of virtual_ipaddress and its like, in keepalived's words.

import { familyOf, ipv4Number, netmaskOf } from "../../lib/ip.ts";
import {
  interfaceName,
  isInterfaceName,
  isUnicast,
  type Prefix,
  parsePrefix,
  prefix,
} from "./addresses.ts";
import { accept, type Judged, refuse } from "./judged.ts";
import { oneOf } from "./plain-types.ts";
import type { AddressLine } from "./row.ts";
import { type KeyType, textType, type ValueOf } from "./type.ts";
import { first, flag, lineType, madeOf, option } from "./words.ts";

/** A host and perhaps the length of its network; `isWhole`: none was written. */
const host: KeyType<Prefix & { readonly isWhole: boolean }> = {
  parse(text) {
    const found = parsePrefix(text);
    return found === undefined || !isUnicast(found.address) || found.prefixLength === 0
      ? refuse("the address of one host, with a LENGTH from 1 to 32 (IPv6: 128)")
      : accept({ ...found, isWhole: !text.includes("/") });
  },
  print: (value) => (value.isWhole ? value.address : prefix.print(value)),
  help: "ADDRESS[/LENGTH]",
};

const label: KeyType<string> = {
  ...interfaceName,
  parse: (text) =>
    isInterfaceName(text.replaceAll(":", "."))
      ? accept(text)
      : refuse(`1 to 15 letters without spaces and slashes`),
};
const broadcast = textType("broadcast", /^(?:[+-]|[\d.]+)$/, "an IPv4 address, or + or -");
const lifetime = textType("lifetime", /^(?:forever|\d{1,9})$/, "seconds or forever");

const addressWords = lineType({
  host: first("ADDRESS[/LENGTH]", host),
  dev: option("dev", "IF", interfaceName),
  scope: option("scope", "S", oneOf("global", "site", "link", "host", "nowhere")),
  label: option("label", "L", label),
  brd: option("brd broadcast", "A|+|-", broadcast),
  peer: option("peer", "A[/LENGTH]", prefix),
  noPrefixRoute: flag("noprefixroute"),
  home: flag("home"),
  dad: flag("-nodad"),
  lifetime: option("preferred_lft", "N|forever", lifetime),
  noTrack: flag("no_track"),
  useVmac: flag("use_vmac"),
});

export const addressLine: KeyType<AddressLine> = madeOf(addressWords, makeAddress, unmakeAddress, {
  numeric: "address",
});

type AddressWords = ValueOf<typeof addressWords>;

function makeAddress(words: AddressWords): Judged<AddressLine> {
  const { address: own, prefixLength, isWhole } = words.host;
  const family = familyOf(own);
  if (family === 6 && (words.label ?? words.brd) !== null) {
    return refuse("without label and brd: IPv6 addresses have neither");
  }
  if (family === 4 && (words.home || words.dad)) {
    return refuse("without home and -nodad: they are for IPv6 addresses");
  }
  if (words.peer !== null && familyOf(words.peer.address) !== family) {
    return refuse("with a peer of the same family");
  }
  if (words.peer !== null && (words.brd !== null || !isWhole)) {
    return refuse('without brd and without a length beside "peer ADDRESS/LENGTH"');
  }
  const brd = words.brd === null ? null : broadcastOf(words.brd, own, prefixLength);
  if (brd === undefined) {
    return refuse('and "brd" an IPv4 address, or + or - with a prefix length up to 30');
  }
  const { lifetime: lft } = words;
  return accept({
    address: own,
    prefixLength: words.peer?.prefixLength ?? prefixLength,
    scope: words.scope ?? "global",
    label: words.label,
    broadcast: brd,
    dev: words.dev,
    ...(words.peer !== null && { peer: words.peer.address }),
    ...(words.noPrefixRoute && { noPrefixRoute: true }),
    ...(words.home && { home: true }),
    ...(words.dad && { dad: true }),
    ...(lft !== null && { preferredLftS: lft === "forever" ? null : Number(lft) }),
    ...(words.noTrack && { noTrack: true }),
    ...(words.useVmac && { useVmac: true }),
  });
}

function unmakeAddress(line: AddressLine): AddressWords {
  const { address: own, prefixLength, scope, preferredLftS: lft } = line;
  return {
    host: { address: own, prefixLength, isWhole: line.peer !== undefined },
    dev: line.dev,
    scope: scope === "global" ? null : scope,
    label: line.label,
    brd: line.broadcast,
    peer: line.peer === undefined ? null : { address: line.peer, prefixLength },
    noPrefixRoute: line.noPrefixRoute ?? false,
    home: line.home ?? false,
    dad: line.dad ?? false,
    lifetime: lft === undefined ? null : String(lft ?? "forever"),
    noTrack: line.noTrack ?? false,
    useVmac: line.useVmac ?? false,
  };
}

/** `+` sets the host bits, `-` clears them, as ip-address(8); undefined = not possible. */
function broadcastOf(brd: string, address: string, prefixLength: number): string | undefined {
  if (brd !== "+" && brd !== "-") return familyOf(brd) === 4 ? brd : undefined;
  if (prefixLength > 30) return undefined;
  const mask = netmaskOf(prefixLength);
  const network = (ipv4Number(address) & mask) >>> 0;
  const number = brd === "-" ? network : (network | ~mask) >>> 0;
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}
