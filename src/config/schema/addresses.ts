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
import { accept, type Judged, numberIn, refuse } from "./judged.ts";
import { integer } from "./plain-types.ts";
import type { Endpoint } from "./row.ts";
import { asItIs, type KeyType } from "./type.ts";
import { first, lineType, option } from "./words.ts";

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

/** Of any scope. */
export const multicastAddress: KeyType<string> = {
  parse(text) {
    const group = canonicalAddress(text);
    return group !== undefined && isMulticast(group)
      ? accept(group)
      : refuse("a multicast address");
  },
  print: asItIs,
  help: "multicast address",
};

export const netmask: KeyType<number | string> = {
  parse: parseNetmask,
  print: String,
  help: "netmask or prefix length",
};

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

export const interfaceName: KeyType<string> = {
  parse: (text) => (isInterfaceName(text) ? accept(text) : refuse(interfaceNameRule)),
  print: asItIs,
  help: `name of a network interface, up to ${nameLengthMax} letters`,
};

const TTL_MAX = 255;
const ttl = integer(0, TTL_MAX);

export const peer = lineType(
  {
    address: first("ADDRESS", address),
    ttlMin: option("min_ttl", "N", ttl),
    ttlMax: option("max_ttl", "N", ttl),
  },
  {
    judge: ({ ttlMin, ttlMax }) =>
      (ttlMin ?? 0) > (ttlMax ?? TTL_MAX) && "and min_ttl no more than max_ttl",
    about: ({ address: host }) => host,
    numeric: "address",
  },
);

export type Prefix = { readonly address: string; readonly prefixLength: number };

/** ADDRESS[/LENGTH]; host bits may be set. */
export const prefix: KeyType<Prefix> = {
  parse(text) {
    const found = parsePrefix(text);
    return found === undefined ? refuse("an address, and then perhaps /LENGTH") : accept(found);
  },
  print: printPrefix,
  help: "ADDRESS[/LENGTH]",
};

function printPrefix({ address: host, prefixLength }: Prefix): string {
  return `${host}/${prefixLength}`;
}

export function parsePrefix(text: string): Prefix | undefined {
  const [written = "", length, ...more] = text.split("/");
  const host = canonicalAddress(written);
  const max = familyOf(host ?? "") === 6 ? 128 : 32;
  const prefixLength = length === undefined ? max : numberIn(length, 0, max);
  if (host === undefined || prefixLength === undefined || more.length > 0) return undefined;
  return { address: host, prefixLength };
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
  const length = numberIn(text.startsWith("/") ? text.slice(1) : text, 1, 128);
  return length === undefined ? refuse(right) : accept(length);
}

export function isUnicast(address: string): boolean {
  if (address.includes(":")) return address !== "::" && !address.startsWith("ff");
  const first = Number(address.split(".")[0]);
  return first > 0 && first < 224;
}

/** Of an address that is one. */
export function familyIn(address: string): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}
