// IP addresses on interfaces. linux/if_addr.h. Requests are values, so that many go in one batch and the
// guardian can keep ready-made ones.

import { release } from "node:os";
import { addressBytes, familyOf, formatAddress } from "../lib/ip.ts";
import { type MessageWriter, readAttributes, textOf, u32Of } from "./attributes.ts";
import {
  type Netlink,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
  NLM_F_REQUEST,
  type Request,
} from "./netlink.ts";
import type { NetlinkMessage } from "./netlink-messages.ts";
import { AF_INET, AF_INET6 } from "./numbers.ts";

export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
const RTM_GETADDR = 22;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;
const IFA_PROTO = 11;
const IFA_F_SECONDARY = 0x01;
const IFA_F_NODAD = 0x02;
const IFA_F_DADFAILED = 0x08;
const IFA_F_HOMEADDRESS = 0x10;
const IFA_F_TENTATIVE = 0x40;
const IFA_F_NOPREFIXROUTE = 0x200;
const FLAGS_OF_USER = IFA_F_HOMEADDRESS | IFA_F_NOPREFIXROUTE;
const IFADDRMSG_BYTES = 8;
const CACHEINFO_BYTES = 16;
const FOR_EVER_S = 0xffffffff;

/**
 * IFA_PROTO of the addresses duet puts on (Linux 5.18; older kernels ignore it), so that left-overs of a crashed run
 * are recognised. 0 to 3 are the kernel's, 18 (0x12) is keepalived's.
 */
export const DUET_PROTO = 0xd7;

/** The same of a real server's addresses (`duet realserver`), which are no director's left-overs. */
export const REAL_SERVER_PROTO = 0xd8;

/** No lease of duet is longer. */
export const LEASE_MAX_S = 60;

export type Address = {
  readonly interfaceIndex: number;
  readonly address: string;
  readonly prefixLength: number;
  /** RT_SCOPE_*: 0 global, 253 link, 254 host. */
  readonly scope: number;
  readonly secondary: boolean;
  /** IPv6: not proven to be unique (RFC 4862 §5.4), so nothing can be sent from it. */
  readonly tentative: boolean;
  readonly label: string | null;
  /** Who put it on; null = that was not said, or the kernel is older than 5.18. */
  readonly proto: number | null;
  /** It goes within LEASE_MAX_S when nobody renews it. */
  readonly brief: boolean;
  /** IPv6: what becomes of the kernel's route of its prefix, which all addresses of that prefix share; null = it has none. */
  readonly route: "expires" | "lasts" | null;
};

/** "unknown": the kernel keeps no marks. */
export type Whose = "duet" | "machine" | "unknown";

export type NewAddress = {
  readonly interfaceIndex: number;
  readonly address: string;
  readonly prefixLength: number;
  readonly scope: number;
  readonly label: string | null;
  readonly broadcast: string | null;
  /** The kernel takes it off by itself after so many seconds without renewal; null = never. */
  readonly leaseS: number | null;
  /** The other end of a point-to-point link. */
  readonly peer?: string;
  readonly noPrefixRoute?: true;
  readonly home?: true;
  /** IPv6: with duplicate address detection. */
  readonly dad?: true;
  /** When it stops being a source of new connections; null = not before it goes. */
  readonly preferredLftS?: number | null;
  /** IFA_PROTO; DUET_PROTO when it is not given. */
  readonly mark?: number;
};

export function listAddresses(netlink: Netlink): readonly Address[] {
  return readAddresses(netlink).map(({ address }) => address);
}

/** With all that the kernel says of each. */
export type ReadAddress = { readonly address: Address; readonly body: Buffer };

export function readAddresses(netlink: Netlink): readonly ReadAddress[] {
  const everything = (writer: MessageWriter): void => writer.raw(Buffer.alloc(IFADDRMSG_BYTES));
  return netlink.dump({ type: RTM_GETADDR, flags: 0, body: everything }).flatMap((message) => {
    const address = decodeAddress(message);
    return address === undefined ? [] : [{ address, body: message.body }];
  });
}

/** As exactly as it was read: one with a peer is not found by its own address alone. */
export function removeReadAddress({ body }: Pick<ReadAddress, "body">): Request {
  return { type: RTM_DELADDR, flags: 0, body: (writer) => writer.raw(body) };
}

/** Does this kernel tell who put an address on? Linux 5.18 and later, and whoever took that over. */
export function keepsMarks(addresses: readonly Address[]): boolean {
  const [major = 0, minor = 0] = release().split(".").map(Number.parseFloat);
  const isNew = major > 5 || (major === 5 && minor >= 18);
  return isNew || addresses.some(({ proto }) => proto !== null);
}

/** `marks`: of keepsMarks(). Without them a lease tells: nobody else makes one so short. */
export function whoseIs({ proto, brief }: Address, marks: boolean): Whose {
  if (proto === DUET_PROTO) return "duet";
  if (marks) return "machine";
  return brief ? "duet" : "unknown";
}

/**
 * Of two addresses with the same place only one can be there: a request about one is about the other. In IPv6 that is so
 * whatever their prefixes.
 */
export function addressPlace({
  interfaceIndex,
  address,
  prefixLength,
}: Pick<Address, "interfaceIndex" | "address" | "prefixLength">): string {
  const place = `${interfaceIndex} ${address}`;
  return familyOf(address) === 6 ? place : `${place}/${prefixLength}`;
}

/** The address of an RTM_NEWADDR or RTM_DELADDR message. */
export function decodeAddress({ body }: Pick<NetlinkMessage, "body">): Address | undefined {
  if (body.length < IFADDRMSG_BYTES) return undefined;
  const attributes = readAttributes(body, IFADDRMSG_BYTES);
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (bytes === undefined) return undefined;
  const flags = u32Of(attributes.get(IFA_FLAGS)) ?? body[2] ?? 0;
  const validS = validSOf(attributes.get(IFA_CACHEINFO));
  return {
    interfaceIndex: body.readUInt32LE(4),
    address: formatAddress(bytes),
    prefixLength: body[1] ?? 0,
    scope: body[3] ?? 0,
    secondary: (flags & IFA_F_SECONDARY) !== 0,
    tentative: (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) !== 0,
    label: textOf(attributes.get(IFA_LABEL)) ?? null,
    proto: attributes.get(IFA_PROTO)?.[0] ?? null,
    brief: validS <= LEASE_MAX_S,
    route: body[0] === AF_INET6 ? routeOf(flags, validS) : null,
  };
}

function routeOf(flags: number, validS: number): Address["route"] {
  if ((flags & IFA_F_NOPREFIXROUTE) !== 0) return null;
  return validS < FOR_EVER_S ? "expires" : "lasts";
}

function validSOf(lifetimes: Buffer | undefined): number {
  return lifetimes?.length === CACHEINFO_BYTES ? lifetimes.readUInt32LE(4) : FOR_EVER_S;
}

/** Answers EEXIST when the address is there already. */
export function addAddress(address: NewAddress): Request {
  return newAddress(address, NLM_F_CREATE | NLM_F_EXCL);
}

/** Starts the lease of an address anew; puts it on when it is not there. */
export function renewAddress(address: NewAddress): Request {
  return newAddress(address, NLM_F_CREATE | NLM_F_REPLACE);
}

function newAddress(address: NewAddress, flags: number): Request {
  return {
    type: RTM_NEWADDR,
    flags,
    body(writer) {
      writeHead(writer, address, address.scope);
      if (address.broadcast !== null) {
        writer.attribute(IFA_BROADCAST, addressBytes(address.broadcast));
      }
      if (address.label !== null) writer.text(IFA_LABEL, address.label);
      const flags = flagsOf(address);
      if (flags !== 0) writer.u32(IFA_FLAGS, flags);
      writer.u8(IFA_PROTO, address.mark ?? DUET_PROTO);
      const lifetimes = lifetimesOf(address);
      if (lifetimes !== null) writer.attribute(IFA_CACHEINFO, lifetimes);
    },
  };
}

/** Answers EADDRNOTAVAIL when it is not there, ENODEV when the interface is not. */
export function removeAddress(
  address: Pick<NewAddress, "interfaceIndex" | "address" | "prefixLength" | "peer">,
): Request {
  return {
    type: RTM_DELADDR,
    flags: 0,
    body: (writer) => writeHead(writer, address, 0),
  };
}

/** A removal as the bytes that follow its netlink header, for whoever sends it later. */
export function encodeBody(request: Request, writer: MessageWriter): Buffer {
  writer.message({ type: request.type, flags: NLM_F_REQUEST, sequence: 0 }, request.body);
  return Buffer.from(writer.bytes.subarray(16));
}

/**
 * struct ifa_cacheinfo: preferred and valid lifetime in seconds, two time stamps that only the kernel sets. null = for ever.
 * An IPv6 address without a network is never preferred, so that nothing of this machine begins to speak from it.
 */
function lifetimesOf({ address, prefixLength, leaseS, preferredLftS }: NewAddress): Buffer | null {
  const deprecated = familyOf(address) === 6 && prefixLength === 128;
  if (leaseS === null && !deprecated && preferredLftS === undefined) return null;
  const validS = leaseS ?? FOR_EVER_S;
  const byDefaultS = deprecated ? 0 : FOR_EVER_S;
  const preferredS = preferredLftS === undefined ? byDefaultS : (preferredLftS ?? FOR_EVER_S);
  const bytes = Buffer.alloc(CACHEINFO_BYTES);
  bytes.writeUInt32LE(Math.min(preferredS, validS), 0);
  bytes.writeUInt32LE(validS, 4);
  return bytes;
}

function writeHead(
  writer: MessageWriter,
  address: Pick<NewAddress, "interfaceIndex" | "address" | "prefixLength" | "peer">,
  scope: number,
): void {
  const bytes = addressBytes(address.address);
  const family = familyOf(address.address) === 6 ? AF_INET6 : AF_INET;
  // A backup that becomes master cannot wait for duplicate address detection: the address was another node's just now.
  writer.rawBytes(family, address.prefixLength, family === AF_INET6 ? IFA_F_NODAD : 0, scope);
  writer.rawU32(address.interfaceIndex);
  writer.attribute(IFA_LOCAL, bytes);
  writer.attribute(IFA_ADDRESS, address.peer === undefined ? bytes : addressBytes(address.peer));
}

function flagsOf({ address, noPrefixRoute, home, dad }: NewAddress): number {
  const unproven = familyOf(address) === 6 && !dad ? IFA_F_NODAD : 0;
  return unproven | (noPrefixRoute ? IFA_F_NOPREFIXROUTE : 0) | (home ? IFA_F_HOMEADDRESS : 0);
}

/** What an address is to its user, in words that are equal when it is the same; `device` is the name of its interface. */
export function addressText(body: Buffer, device: string): string {
  const attributes = readAttributes(body, IFADDRMSG_BYTES);
  const [family = 0, prefixLength, head = 0, scope] = body;
  const lifetimes = attributes.get(IFA_CACHEINFO);
  const [isPreferred, isForEver] = [0, 4].map(
    (at) => (lifetimes?.readUInt32LE(at) ?? FOR_EVER_S) === FOR_EVER_S,
  );
  const flags = (u32Of(attributes.get(IFA_FLAGS)) ?? head) & FLAGS_OF_USER;
  const hex = (type: number): string | undefined => attributes.get(type)?.toString("hex");
  const same = [family, prefixLength, body.readUInt32LE(4), flags, isForEver];
  const ends = [hex(IFA_LOCAL) ?? hex(IFA_ADDRESS), hex(IFA_ADDRESS)];
  // In IPv6 the kernel makes the scope, and there are no labels and broadcast addresses; in IPv4 it does not tell a
  // preferred lifetime of what is there for ever.
  const more =
    family === AF_INET
      ? [scope, textOf(attributes.get(IFA_LABEL)) ?? device, hex(IFA_BROADCAST)]
      : [isPreferred];
  return [...same, ...ends, ...more].join(" ");
}
