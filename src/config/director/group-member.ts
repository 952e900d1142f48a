// Members of a virtual_server_group: addresses and ranges of them, firewall marks.

import { canonicalAddress, familyOf, isMulticast } from "../../lib/ip.ts";
import { accept, type Judged, numberIn, refuse } from "../schema/judged.ts";
import type { GroupMember } from "../schema/row.ts";
import type { KeyType } from "../schema/type.ts";

export const groupMember: KeyType<GroupMember> = {
  parse: parseGroupMember,
  print: formatGroupMember,
  numeric: "place",
  help: "ADDRESS [PORT] | A.B.C.D-E [PORT] | A-B [PORT] | A/LENGTH [PORT] | fwmark N [inet|inet6]",
};

/** Every address is a service of the kernel. */
const ADDRESSES_MAX = 4096;

/** ADDRESS [PORT], a range of addresses [PORT], or fwmark N [inet|inet6]. */
export function parseGroupMember(text: string): Judged<GroupMember> {
  const right =
    "ADDRESS [PORT], a range such as 10.0.0.1-20, 10.0.0.1-10.0.0.20 or 10.0.0.0/28 [PORT], or fwmark N [inet|inet6]";
  const words = text.split(/\s+/);
  if (words[0] === "fwmark") return parseMark(words.slice(1), right);
  const [range = "", written, ...rest] = words;
  if (rest.length > 0) return refuse(right);
  const port = written === undefined ? null : numberIn(written, 0, 65535);
  if (port === undefined) return refuse(`${right}, with a port from 1 to 65535`);
  const ends = endsOf(range);
  if (ends === undefined) return refuse(right);
  const [first, last] = ends;
  const count = last - first + 1n;
  if (count < 1n) return refuse(`${right}, and a range that goes upwards`);
  if (count > ADDRESSES_MAX) {
    return refuse(`${right}, of up to ${ADDRESSES_MAX} addresses (it has ${count})`);
  }
  const family = range.includes(":") ? 6 : 4;
  const addresses = Array.from({ length: Number(count) }, (_, i) =>
    addressOf(first + BigInt(i), family),
  );
  return accept({ kind: "addresses", addresses, port: port === 0 ? null : port });
}

function formatGroupMember(member: GroupMember): string {
  if (member.kind === "fwmark") {
    const family = member.family === null ? [] : [member.family === 6 ? "inet6" : "inet"];
    return ["fwmark", member.fwmark, ...family].join(" ");
  }
  const { addresses, port } = member;
  const range = [...new Set([addresses[0], addresses.at(-1)])].join("-");
  return port === null ? range : `${range} ${port}`;
}

function parseMark(words: readonly string[], right: string): Judged<GroupMember> {
  const [number, family, ...rest] = words;
  const fwmark = numberIn(number, 1, 2 ** 32 - 1);
  if (fwmark === undefined || rest.length > 0) return refuse(right);
  if (family !== undefined && family !== "inet" && family !== "inet6") return refuse(right);
  const families = { inet: 4, inet6: 6 } as const;
  return accept({ kind: "fwmark", fwmark, family: family === undefined ? null : families[family] });
}

/** First and last address of A, A-E (the last part alone), A-B and A/LENGTH. */
function endsOf(range: string): readonly [bigint, bigint] | undefined {
  const [left = "", right, ...more] = range.split("-");
  if (more.length > 0) return undefined;
  const [written = "", length, ...rest] = left.split("/");
  const family = familyOf(written);
  if (family === undefined || rest.length > 0 || !isUnicast(written)) return undefined;
  const first = numberOf(written);
  const bits = family === 6 ? 128 : 32;
  if (length !== undefined) {
    const prefix = numberIn(length, 1, bits);
    if (prefix === undefined || right !== undefined) return undefined;
    return networkEnds(first, bits - prefix, family);
  }
  if (right === undefined) return [first, first];
  if (familyOf(right) === family) return [first, numberOf(right)];
  // keepalived's end: of IPv4 the last number, of IPv6 the last group, in its base.
  const [mask, wording, base] =
    family === 6
      ? ([0xffffn, /^[\da-f]{1,4}$/i, "0x"] as const)
      : ([0xffn, /^\d{1,3}$/, ""] as const);
  if (!wording.test(right)) return undefined;
  const end = BigInt(base + right);
  return end > mask ? undefined : [first, (first & ~mask) | end];
}

/** The hosts of a network: of IPv4 without the network's own address and the broadcast. */
function networkEnds(
  address: bigint,
  hostBits: number,
  family: 4 | 6,
): readonly [bigint, bigint] | undefined {
  const hosts = (1n << BigInt(hostBits)) - 1n;
  if ((address & hosts) !== 0n && hostBits > 0) return undefined;
  const skip = family === 4 && hostBits > 1 ? 1n : 0n;
  return [address + skip, address + hosts - skip];
}

function isUnicast(text: string): boolean {
  const address = canonicalAddress(text) ?? "";
  return !isMulticast(address) && address !== "::" && !address.startsWith("0.");
}

function numberOf(address: string): bigint {
  const text = canonicalAddress(address) ?? "";
  if (!text.includes(":")) {
    return text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  }
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].reduce(
    (sum, part) => sum * 65536n + BigInt(`0x${part}`),
    0n,
  );
}

function addressOf(number: bigint, family: 4 | 6): string {
  const size = family === 4 ? 8n : 16n;
  const parts = Array.from({ length: family === 4 ? 4 : 8 }, (_, i) => {
    const part = (number >> (size * BigInt((family === 4 ? 3 : 7) - i))) & ((1n << size) - 1n);
    return part.toString(family === 4 ? 10 : 16);
  });
  const text = parts.join(family === 4 ? "." : ":");
  return canonicalAddress(text) ?? text;
}
