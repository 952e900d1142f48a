// Services and destinations <-> netlink attributes. Bytes and values only: no socket, no decision.

import { type MessageWriter, readAttributes, textOf, u16Of, u32Of } from "../kernel/attributes.ts";
import { GENL_HEADER_BYTES } from "../kernel/genetlink.ts";
import { addressBytes, type Family, familyOf, formatAddress, netmaskOf } from "../lib/ip.ts";
import {
  AF,
  type Command,
  DESTINATION,
  FORWARD,
  FORWARD_MASK,
  MESSAGE,
  PERSISTENT_FLAG,
  PROTOCOL,
  SERVICE,
  SERVICE_FLAG,
  STATS,
  TUNNEL_FLAGS,
  TUNNEL_TYPE,
  VERSION,
} from "./attributes.ts";
import { persistenceOf } from "./canonical.ts";
import type {
  Destination,
  ListedDestination,
  Persistence,
  Service,
  ServiceFlag,
  ServiceKey,
  Traffic,
  Tunnel,
} from "./model.ts";

type Body = (writer: MessageWriter) => void;
type Attributes = ReadonlyMap<number, Buffer>;
type DecodeOptions = { readonly traffic: boolean };

/** A service without its destinations; they are asked for one service at a time. */
export type ListedHead = Omit<Service, "destinations"> & { readonly traffic?: Traffic };

/** A request without subject: the dump of all services. */
export function commandBody(command: Command): Body {
  return (writer) => writer.rawBytes(command, VERSION, 0, 0);
}

/** A request that only names a service. */
export function keyBody(command: Command, key: ServiceKey): Body {
  return (writer) => {
    writer.rawBytes(command, VERSION, 0, 0);
    writer.nested(MESSAGE.service, (nested) => writeKey(nested, key));
  };
}

/** Adds or sets. What it leaves out, the kernel would reset: so always the whole service. */
export function serviceBody(command: Command, service: Omit<Service, "destinations">): Body {
  return (writer) => {
    writer.rawBytes(command, VERSION, 0, 0);
    writer.nested(MESSAGE.service, (nested) => {
      writeKey(nested, service.key);
      writer.text(SERVICE.scheduler, service.scheduler);
      writer.attribute(SERVICE.flags, flagBytes(service));
      writer.u32(SERVICE.timeout, service.persistence?.timeoutS ?? 0);
      writer.attribute(SERVICE.netmask, netmaskBytes(keyFamily(service.key), service.persistence));
      if (service.persistenceEngine !== undefined) {
        writer.text(SERVICE.persistenceEngine, service.persistenceEngine);
      }
    });
  };
}

export function destinationBody(command: Command, key: ServiceKey, destination: Destination): Body {
  return (writer) => {
    keyBody(command, key)(writer);
    writer.nested(MESSAGE.destination, (nested) => {
      nested.u16(DESTINATION.family, AF[addressFamily(destination.address)]);
      nested.attribute(DESTINATION.address, paddedAddress(destination.address));
      nested.u16be(DESTINATION.port, destination.port);
      nested.u32(DESTINATION.forward, FORWARD[destination.forward]);
      nested.u32(DESTINATION.weight, destination.weight);
      nested.u32(DESTINATION.upperThreshold, destination.upperThreshold ?? 0);
      nested.u32(DESTINATION.lowerThreshold, destination.lowerThreshold ?? 0);
      if (destination.tunnel === undefined) return;
      nested.u8(DESTINATION.tunnelType, TUNNEL_TYPE[destination.tunnel.type]);
      nested.u16be(DESTINATION.tunnelPort, destination.tunnel.port);
      nested.u16(DESTINATION.tunnelFlags, TUNNEL_FLAGS[destination.tunnel.checksum]);
    });
  };
}

/** undefined for a message that is no service, or one of a protocol this file does not know. */
export function decodeService(body: Buffer, options: DecodeOptions): ListedHead | undefined {
  const nested = readAttributes(body, GENL_HEADER_BYTES).get(MESSAGE.service);
  if (nested === undefined) return undefined;
  const attributes = readAttributes(nested);
  const key = decodeKey(attributes);
  const scheduler = textOf(attributes.get(SERVICE.scheduler));
  if (key === undefined || scheduler === undefined) return undefined;
  const bits = u32Of(attributes.get(SERVICE.flags)) ?? 0;
  const flags = flagsOf(bits);
  const engine = textOf(attributes.get(SERVICE.persistenceEngine));
  return {
    key,
    scheduler,
    persistence: (bits & PERSISTENT_FLAG) === 0 ? null : decodePersistence(key, attributes),
    ...(flags.length > 0 && { flags }),
    ...(engine && { persistenceEngine: engine }),
    ...(options.traffic && { traffic: decodeTraffic(attributes.get(SERVICE.stats64)) }),
  };
}

export function decodeDestination(
  body: Buffer,
  serviceFamily: Family,
  options: DecodeOptions,
): ListedDestination | undefined {
  const nested = readAttributes(body, GENL_HEADER_BYTES).get(MESSAGE.destination);
  if (nested === undefined) return undefined;
  const attributes = readAttributes(nested);
  const u32 = (type: number): number => u32Of(attributes.get(type)) ?? 0;
  const addressIn = attributes.get(DESTINATION.address);
  if (addressIn === undefined || addressIn.length < 16) return undefined;
  const family = familyNumber(attributes.get(DESTINATION.family)) ?? serviceFamily;
  const forward = forwardOf(u32(DESTINATION.forward));
  const upperThreshold = u32(DESTINATION.upperThreshold);
  const lowerThreshold = u32(DESTINATION.lowerThreshold);
  const tunnel = forward === "TUN" ? decodeTunnel(attributes) : undefined;
  return {
    address: formatAddress(addressIn.subarray(0, family === 4 ? 4 : 16)),
    port: u16be(attributes.get(DESTINATION.port)),
    forward,
    weight: u32(DESTINATION.weight) | 0,
    ...(upperThreshold !== 0 && { upperThreshold }),
    ...(lowerThreshold !== 0 && { lowerThreshold }),
    ...(tunnel !== undefined && { tunnel }),
    activeConnections: u32(DESTINATION.activeConnections),
    inactiveConnections: u32(DESTINATION.inactiveConnections),
    persistentConnections: u32(DESTINATION.persistentConnections),
    ...(options.traffic && { traffic: decodeTraffic(attributes.get(DESTINATION.stats64)) }),
  };
}

export function keyFamily(key: ServiceKey): Family {
  return key.kind === "fwmark" ? key.family : addressFamily(key.address);
}

function writeKey(writer: MessageWriter, key: ServiceKey): void {
  writer.u16(SERVICE.family, AF[keyFamily(key)]);
  if (key.kind === "fwmark") {
    writer.u32(SERVICE.fwmark, key.fwmark);
    return;
  }
  writer.u16(SERVICE.protocol, PROTOCOL[key.protocol]);
  writer.attribute(SERVICE.address, paddedAddress(key.address));
  writer.u16be(SERVICE.port, key.port);
}

function decodeKey(attributes: Attributes): ServiceKey | undefined {
  const family = familyNumber(attributes.get(SERVICE.family));
  if (family === undefined) return undefined;
  const fwmark = u32Of(attributes.get(SERVICE.fwmark));
  if (fwmark !== undefined && fwmark !== 0) return { kind: "fwmark", fwmark, family };
  const protocol = wordOf(PROTOCOL, u16Of(attributes.get(SERVICE.protocol)) ?? 0);
  const addressIn = attributes.get(SERVICE.address);
  if (protocol === undefined || addressIn === undefined || addressIn.length < 16) return undefined;
  const address = formatAddress(addressIn.subarray(0, family === 4 ? 4 : 16));
  return { kind: "address", protocol, address, port: u16be(attributes.get(SERVICE.port)) };
}

function flagBytes(service: Omit<Service, "destinations">): Buffer {
  let bits = service.persistence === null ? 0 : PERSISTENT_FLAG;
  for (const flag of service.flags ?? []) bits |= SERVICE_FLAG[flag];
  const bytes = Buffer.alloc(8, 0xff); // struct ip_vs_flags: the mask says that every bit is meant
  bytes.writeUInt32LE(bits);
  return bytes;
}

function flagsOf(bits: number): ServiceFlag[] {
  const words = Object.keys(SERVICE_FLAG) as ServiceFlag[];
  return words.filter((flag) => (bits & SERVICE_FLAG[flag]) !== 0);
}

/** An IPv4 mask is in network order, an IPv6 prefix length a plain number. */
function netmaskBytes(family: Family, persistence: Persistence | null): Buffer {
  if (family === 4 && persistence?.mask !== undefined) return addressBytes(persistence.mask);
  const bytes = Buffer.alloc(4);
  if (family === 4) bytes.writeUInt32BE(netmaskOf(persistence?.prefixLength ?? 32));
  else bytes.writeUInt32LE(persistence?.prefixLength ?? 128);
  return bytes;
}

function decodePersistence(key: ServiceKey, attributes: Attributes): Persistence {
  const netmask = attributes.get(SERVICE.netmask) ?? Buffer.alloc(4, 0xff);
  const timeoutS = u32Of(attributes.get(SERVICE.timeout)) ?? 0;
  const isInet6 = keyFamily(key) === 6;
  return persistenceOf(timeoutS, isInet6 ? String(netmask.readUInt32LE()) : formatAddress(netmask));
}

function decodeTunnel(attributes: Attributes): Tunnel | undefined {
  const type = wordOf(TUNNEL_TYPE, attributes.get(DESTINATION.tunnelType)?.[0] ?? 0) ?? "ipip";
  const flags = u16Of(attributes.get(DESTINATION.tunnelFlags)) ?? 0;
  const port = u16be(attributes.get(DESTINATION.tunnelPort));
  const checksum = wordOf(TUNNEL_FLAGS, flags) ?? "none";
  if (type === "ipip" && port === 0 && checksum === "none") return undefined;
  return { type, port, checksum };
}

/** BigInt costs: only on request. */
function decodeTraffic(stats: Buffer | undefined): Traffic {
  const attributes = readAttributes(stats ?? Buffer.alloc(0));
  const u64 = (type: number): bigint => {
    const value = attributes.get(type);
    return value === undefined || value.length < 8 ? 0n : value.readBigUInt64LE();
  };
  return {
    connections: u64(STATS.connections),
    packetsIn: u64(STATS.packetsIn),
    packetsOut: u64(STATS.packetsOut),
    bytesIn: u64(STATS.bytesIn),
    bytesOut: u64(STATS.bytesOut),
    connectionsPerS: u64(STATS.connectionsPerS),
    packetsInPerS: u64(STATS.packetsInPerS),
    packetsOutPerS: u64(STATS.packetsOutPerS),
    bytesInPerS: u64(STATS.bytesInPerS),
    bytesOutPerS: u64(STATS.bytesOutPerS),
  };
}

/** Local node and bypass, which no tool sets, forward untranslated: as DR does. */
function forwardOf(bits: number): Destination["forward"] {
  return wordOf(FORWARD, bits & FORWARD_MASK) ?? "DR";
}

function wordOf<Word extends string>(
  table: Readonly<Record<Word, number>>,
  number: number,
): Word | undefined {
  for (const word in table) if (table[word] === number) return word;
  return undefined;
}

function addressFamily(address: string): Family {
  return familyOf(address) ?? 4;
}

function paddedAddress(address: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.set(addressBytes(address));
  return bytes;
}

function familyNumber(value: Buffer | undefined): Family | undefined {
  const number = u16Of(value);
  if (number === AF[4]) return 4;
  return number === AF[6] ? 6 : undefined;
}

function u16be(value: Buffer | undefined): number {
  return value === undefined || value.length < 2 ? 0 : value.readUInt16BE();
}
