// IP addresses: text in the model, bytes on the wire and in netlink. IPv6 text is RFC 5952's.

import { isIPv4, SocketAddress } from "node:net";

export type Family = 4 | 6;

/** 4 or 6, or undefined when `text` is no address. */
export function familyOf(text: string): Family | undefined {
  if (!text.includes(":")) return isIPv4(text) ? 4 : undefined;
  return isInet6(text) ? 6 : undefined;
}

/** RFC 4291 §2.2. Node's isIPv6() is one pattern, and costs every process 15 ms to get it ready. */
function isInet6(text: string): boolean {
  const [left = "", right, more] = text.split("::");
  const groups = [left, right ?? ""].flatMap((part) => (part === "" ? [] : part.split(":")));
  const last = groups.at(-1) ?? "";
  const endsWithInet4 = text.endsWith(last) && isIPv4(last);
  const hex = endsWithInet4 ? groups.slice(0, -1) : groups;
  const count = groups.length + Number(endsWithInet4);
  const isWhole = right === undefined ? count === 8 && left !== "" : count <= 7;
  return isWhole && more === undefined && hex.every((group) => /^[\da-f]{1,4}$/i.test(group));
}

/** The canonical spelling of an address, so that texts can be compared; undefined when it is none. */
export function canonicalAddress(text: string): string | undefined {
  const family = familyOf(text);
  if (family === undefined || family === 4) return family && text;
  return new SocketAddress({ address: text, family: "ipv6" }).address;
}

/** 4 or 16 bytes in network order. Throws RangeError for a text that is no address. */
export function addressBytes(text: string): Buffer {
  const family = familyOf(text);
  if (family === 4) return ipv4Bytes(text);
  if (family === 6) return ipv6Bytes(text);
  throw new RangeError(`Cannot use "${text}" as an IP address`);
}

/** The text of 4 or 16 bytes in network order. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return formatIpv4(bytes, 0);
  const groups = Buffer.from(bytes).toString("hex").match(/.{4}/g) ?? [];
  return canonicalAddress(groups.join(":")) ?? groups.join(":");
}

/** The same of the four bytes at `at`: as often as a packet comes, so it makes nothing but the text. */
export function formatIpv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** The text of an IPv4 address as a number in network order; it has been looked at before. */
export function ipv4Number(text: string): number {
  let number = 0;
  let byte = 0;
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - DIGIT_0;
    if (digit < 0) {
      number = number * 256 + byte;
      byte = 0;
    } else byte = byte * 10 + digit;
  }
  return number * 256 + byte;
}

const DIGIT_0 = 48;

/** A group, of the canonical spelling of an address: RFC 1112 §4, RFC 4291 §2.7. */
export function isMulticast(address: string): boolean {
  if (address.includes(":")) return address.startsWith("ff");
  const first = Number(address.slice(0, address.indexOf(".")));
  return first >= 224 && first < 240;
}

/** Unsigned, byte by byte, most significant first: what RFC 5798 §6.4.3 means by "greater than". */
export function compareAddresses(a: string, b: string): number {
  return Buffer.compare(addressBytes(a), addressBytes(b));
}

/** The address with the bits behind the prefix cleared. */
export function networkAddress(address: string, prefixLength: number): string {
  const bytes = addressBytes(address);
  for (const [i, byte] of bytes.entries()) {
    const bits = Math.min(8, Math.max(0, prefixLength - 8 * i));
    bytes[i] = byte & (0xff << (8 - bits));
  }
  return formatAddress(bytes);
}

/** Two addresses of one family. */
export function isSameNetwork(a: string, b: string, prefixLength: number): boolean {
  const [left, right] = [addressBytes(a), addressBytes(b)];
  const whole = prefixLength >> 3;
  const rest = 8 - (prefixLength & 7);
  return (
    left.compare(right, 0, whole, 0, whole) === 0 &&
    (left[whole] ?? 0) >> rest === (right[whole] ?? 0) >> rest
  );
}

/** The netmask of an IPv4 prefix length as a number in network order, 24 -> 0xffffff00. */
export function netmaskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffffffff << (32 - prefixLength)) >>> 0;
}

/** Letter by letter: tables have thousands of them. */
function ipv4Bytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  let at = 0;
  let number = 0;
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0) number = number * 10 + digit;
    else {
      bytes[at] = number;
      at += 1;
      number = 0;
    }
  }
  bytes[at] = number;
  return bytes;
}

function ipv6Bytes(text: string): Buffer {
  const tail = /:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  const hex = tail === undefined ? text : text.replace(tail, hexGroups(tail));
  const [left = "", right] = hex.split("::");
  const head = left === "" ? [] : left.split(":");
  const rest = right === undefined || right === "" ? [] : right.split(":");
  const zeros = right === undefined ? 0 : 8 - head.length - rest.length;
  const bytes = Buffer.alloc(16);
  [...head, ...Array<string>(zeros).fill("0"), ...rest].forEach((group, i) => {
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * i);
  });
  return bytes;
}

function hexGroups(ipv4: string): string {
  const bytes = Buffer.from(ipv4.split(".").map(Number));
  return `${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
}

/** "10.0.0.1:80" or "[2001:db8::1]:80". */
export function hostPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
