// The address syntaxes of a configuration: endpoints, address lines, netmasks, interface names.
// `mustBe` says what would be right and reads on after "it must be".

import {
  canonicalAddress,
  familyOf,
  hostPort,
  ipv4Number,
  isMulticast,
  netmaskOf,
} from "../../lib/ip.ts";
import { extraWords, formatExtras, takeExtras } from "./address-extras.ts";
import { accept, type Judged, numberIn, refuse } from "./judged.ts";
import type { AddressLine, Endpoint, UnicastPeer } from "./row.ts";
import { didYouMean } from "./suggest.ts";
import { asItIs, type KeyType, option } from "./type.ts";

export const endpoint: KeyType<Endpoint> = {
  parse: (text) => parseEndpoint(text, "optional"),
  print: ({ address: host, port }) => (port === null ? host : hostPort(host, port)),
  help: "ADDRESS[:PORT] or HOST[:PORT]; PORT a number or a name of /etc/services",
  hosts: "endpoint",
};

export const address: KeyType<string> = {
  parse: parseAddress,
  print: asItIs,
  help: "IP address",
  numeric: "address",
};

export const addressOrHost: KeyType<string> = {
  parse: parseAddress,
  print: asItIs,
  help: "IP address or name of a host",
  hosts: "address",
};

/** Multicast; of either family where none is said. */
export function multicastGroup(family?: 4 | 6): KeyType<string> {
  return {
    parse: (text) => parseGroup(text, family),
    print: asItIs,
    help: "multicast address",
  };
}

export const addressLine: KeyType<AddressLine> = {
  parse: parseAddressLine,
  print: ({ dev, ...line }) => formatAddressLine(line, dev),
  numeric: "address",
  help: "ADDRESS[/LENGTH] [dev IF] [scope global|site|link|host|nowhere] [label L] [brd A|+|-]",
};

export const peer: KeyType<UnicastPeer> = {
  parse: parsePeer,
  print: ({ address: host, ttlMin, ttlMax }) =>
    [host, ...option("min_ttl", ttlMin), ...option("max_ttl", ttlMax)].join(" "),
  about: ({ address: host }) => host,
  numeric: "address",
  help: "ADDRESS [min_ttl N] [max_ttl N]",
};

export const netmask: KeyType<number | string> = {
  parse: parseNetmask,
  print: String,
  help: "netmask or prefix length",
};

export const interfaceName: KeyType<string> = {
  parse: (text) => (isInterfaceName(text) ? accept(text) : refuse(interfaceNameRule)),
  print: asItIs,
  help: "name of a network interface, up to 15 letters",
};

export function formatAddressLine(
  { address: host, prefixLength, ...line }: Omit<AddressLine, "dev">,
  dev: string | null,
): string {
  const words = [
    line.peer === undefined ? `${host}/${prefixLength}` : host,
    ...option("dev", dev),
    ...option("scope", line.scope === "global" ? null : line.scope),
    ...option("label", line.label),
    ...option("brd", line.broadcast),
  ];
  return [...words, ...formatExtras({ ...line, prefixLength })].join(" ");
}

/** 10.0.0.1:80, [2001:db8::1]:80; without a port only when it is optional. */
export function parseEndpoint(text: string, port: "required" | "optional"): Judged<Endpoint> {
  const right =
    port === "required"
      ? "ADDRESS:PORT, such as 10.0.0.1:80 or [2001:db8::1]:80"
      : "ADDRESS or ADDRESS:PORT, such as 10.0.0.1:80, [2001:db8::1]:80 or web1.example.com:http";
  const match =
    /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ??
    /^([\d.]+)(?::(\d{1,5}))?$/.exec(text) ??
    /^([\da-f:.]+)$/i.exec(text);
  const written = match?.[1];
  if (written === undefined || familyOf(written) !== (written.includes(":") ? 6 : 4)) {
    return refuse(right);
  }
  if (text.startsWith("[") && !written.includes(":")) return refuse(right);
  const address = canonicalAddress(written);
  if (address === undefined) return refuse(right);
  if (!isUnicast(address)) return refuse(`${right}, and an address of one host`);
  if (match?.[2] === undefined) {
    return port === "required" ? refuse(right) : accept({ address, port: null });
  }
  const number = Number(match[2]);
  if (number === 0 && port === "optional") return accept({ address, port: null }, PORT_ZERO);
  if (number < 1 || number > 65535) return refuse(`${right}, with a port from 1 to 65535`);
  return accept({ address, port: number });
}

const PORT_ZERO = "port 0 is no port, and the same as none: leave it out";

/** One address of one host. keepalived takes a prefix length behind it, and makes nothing of it. */
function parseAddress(text: string): Judged<string> {
  const right = "the address of one host, such as 10.0.0.1 or 2001:db8::1";
  const [written = "", length, ...rest] = text.split("/");
  const address = canonicalAddress(written);
  if (address === undefined || !isUnicast(address) || rest.length > 0) return refuse(right);
  if (length === undefined) return accept(address);
  if (numberIn(length, 1, address.includes(":") ? 128 : 32) === undefined) return refuse(right);
  return accept(address, `the /${length} is ignored: this is one address, ${address}`);
}

/** A multicast group that adverts can go to: RFC 5798 §5.1.2.2 keeps IPv6's on the link. */
function parseGroup(text: string, family?: 4 | 6): Judged<string> {
  const group = canonicalAddress(text) ?? "";
  const of = familyOf(group);
  const fits = of !== undefined && isMulticast(group) && (family === undefined || of === family);
  if (fits && (of === 4 || /^ff[0-9a-f]2:/.test(group))) return accept(group);
  const examples = { 4: "such as 224.0.0.18", 6: "that stays on the link, such as ff02::12" };
  const example =
    family === undefined ? `${examples[4]}, or an IPv6 one ${examples[6]}` : examples[family];
  return refuse(`a multicast address ${example}`);
}

/** keepalived's line of virtual_ipaddress. */
function parseAddressLine(text: string): Judged<AddressLine> {
  const [first = "", ...words] = text.split(/\s+/);
  const [written = "", length, ...rest] = first.split("/");
  const family = familyOf(written);
  if (family === undefined || rest.length > 0) {
    return refuse("ADDRESS[/LENGTH] [dev IF] [scope S] [label L] [brd A|+|-]");
  }
  const address = canonicalAddress(written);
  if (address === undefined || !isUnicast(address)) return refuse("the address of one host");
  const lengthMax = family === 6 ? 128 : 32;
  const prefixLength = length === undefined ? lengthMax : wholeNumber(length);
  if (prefixLength === undefined || prefixLength < 1 || prefixLength > lengthMax) {
    return refuse(`followed by a prefix length from 1 to ${lengthMax}`);
  }
  const taken = takeExtras(words, family);
  if (!taken.ok) return taken;
  const { rest: plain, extras, peerLength } = taken.value;
  const options = parseOptions(plain);
  if (!options.ok) return options;
  const { dev = null, scope = "global", label = null, brd } = options.value;
  if (dev !== null && !isInterfaceName(dev)) return refuse(`"dev IF": ${interfaceNameRule}`);
  if (!isScope(scope))
    return refuse(`"scope" one of ${scopes.join(", ")}${didYouMean(scope, scopes)}`);
  if (label !== null && !isInterfaceName(label.replaceAll(":", "."))) {
    return refuse(`"label L" with 1 to ${nameLengthMax} letters without spaces and slashes`);
  }
  if (family === 6 && (label !== null || brd !== undefined)) {
    return refuse("without label and brd: IPv6 addresses have neither");
  }
  if (extras.peer !== undefined && (brd !== undefined || length !== undefined)) {
    return refuse('written without brd and without a length beside "peer ADDRESS/LENGTH"');
  }
  const broadcast = brd === undefined ? null : broadcastOf(brd, written, prefixLength);
  if (broadcast === undefined) {
    return refuse('"brd" with an IPv4 address, or + or - with a prefix length up to 30');
  }
  const held = { address, prefixLength: peerLength ?? prefixLength, scope, label, broadcast };
  return accept({ ...held, dev, ...extras });
}

const TTL_MAX = 255;

/** ADDRESS [min_ttl N] [max_ttl N] */
function parsePeer(text: string): Judged<UnicastPeer> {
  const right = "ADDRESS [min_ttl N] [max_ttl N], with 0 to 255";
  const [written = "", ...words] = text.split(/\s+/);
  const address = parseAddress(written);
  if (!address.ok) return refuse(right);
  const limits = { min_ttl: null as number | null, max_ttl: null as number | null };
  for (let i = 0; i < words.length; i += 2) {
    const [word = "", number = ""] = words.slice(i, i + 2);
    if ((word !== "min_ttl" && word !== "max_ttl") || limits[word] !== null) return refuse(right);
    if (!/^\d{1,3}$/.test(number) || Number(number) > TTL_MAX) return refuse(right);
    limits[word] = Number(number);
  }
  const { min_ttl: ttlMin, max_ttl: ttlMax } = limits;
  if ((ttlMin ?? 0) > (ttlMax ?? TTL_MAX))
    return refuse(`${right}, and min_ttl no more than max_ttl`);
  return accept({ address: address.value, ttlMin, ttlMax }, address.effect);
}

/**
 * 255.255.255.0, 24 or /24 -> 24; a mask that is no prefix, such as "255.0.255.0", as it is written. IPv6 lengths too: which
 * family it is for shows later.
 */
function parseNetmask(text: string): Judged<number | string> {
  const right = "a netmask such as 255.255.255.0 or a prefix length from 1 to 32 (IPv6: 128)";
  if (familyOf(text) === 4) {
    const mask = ipv4Number(text);
    for (let length = 1; length <= 32; length++)
      if (netmaskOf(length) === mask) return accept(length);
    return mask === 0 ? refuse(right) : accept(text);
  }
  const length = wholeNumber(text.startsWith("/") ? text.slice(1) : text);
  if (length === undefined || length < 1 || length > 128) return refuse(right);
  return accept(length);
}

// include/uapi/linux/if.h: IFNAMSIZ is 16 with the zero that ends the name.
const nameLengthMax = 15;
export const interfaceNameRule = `1 to ${nameLengthMax} letters without spaces, slashes and colons`;

/** dev_valid_name() of net/core/dev.c. */
export function isInterfaceName(name: string): boolean {
  return (
    name !== "." &&
    name !== ".." &&
    !/[\s/:]/.test(name) &&
    name !== "" &&
    Buffer.byteLength(name) <= nameLengthMax
  );
}

type Options = { dev?: string; scope?: string; label?: string; brd?: string };

function parseOptions(words: readonly string[]): Judged<Options> {
  const options: Options = {};
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i] ?? "";
    const name = word === "broadcast" ? "brd" : word;
    const value = words[i + 1];
    if (!isOption(name)) {
      return refuse(
        `followed by ${[...optionNames, ...extraWords].join(", ")}, not "${word}"${didYouMean(word, [...optionNames, ...extraWords])}`,
      );
    }
    if (value === undefined) return refuse(`written with a word after "${word}"`);
    if (options[name] !== undefined) return refuse(`written with one "${word}"`);
    options[name] = value;
  }
  return accept(options);
}

const optionNames = ["dev", "scope", "label", "brd"] as const;

function isOption(word: string): word is (typeof optionNames)[number] {
  return optionNames.some((name) => name === word);
}

const scopes = ["global", "site", "link", "host", "nowhere"] as const;

function isScope(word: string): word is (typeof scopes)[number] {
  return scopes.some((scope) => scope === word);
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

function isUnicast(address: string): boolean {
  if (address.includes(":")) return address !== "::" && !address.startsWith("ff");
  const first = Number(address.split(".")[0]);
  return first > 0 && first < 224;
}

function wholeNumber(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
