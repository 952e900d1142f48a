// Services and destinations <-> netlink attributes. Bytes and values only: no socket, no decision.

import { AttributeReader } from "../kernel/attribute-reader.ts";
import { MessageWriter } from "../kernel/attributes.ts";
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

/** Of either family. */
const ADDRESS_BYTES = 16;

type Writable<Value> = { -readonly [Key in keyof Value]: Value[Key] };
type Body = (writer: MessageWriter) => void;
type DecodeOptions = { readonly traffic: boolean };

/** A service without its destinations; they are asked for one service at a time. */
export type ListedHead = Omit<Service, "destinations"> & { readonly traffic?: Traffic };

/** A request without subject: the dump of all services. */
export function commandBody(command: Command): Body {
  return (writer) => writer.rawU32(command | (VERSION << 8));
}

/** A request that only names a service. */
export function keyBody(command: Command, key: ServiceKey): Body {
  return (writer) => {
    writer.rawU32(command | (VERSION << 8));
    writer.raw(keyAttribute(key));
  };
}

/** All the real servers of a service name it by the same key. */
const keyAttributes = new WeakMap<ServiceKey, Buffer>();

function keyAttribute(key: ServiceKey): Buffer {
  const known = keyAttributes.get(key);
  if (known !== undefined) return known;
  const writer = new MessageWriter(64);
  writer.nested(MESSAGE.service, (nested) => writeKey(nested, key));
  const bytes = Buffer.from(writer.bytes);
  keyAttributes.set(key, bytes);
  return bytes;
}

/** Adds or sets. What it leaves out, the kernel would reset: so always the whole service. */
export function serviceBody(command: Command, service: Omit<Service, "destinations">): Body {
  return (writer) => {
    writer.rawU32(command | (VERSION << 8));
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
    const { address } = destination;
    const family = address.includes(":") ? 6 : 4;
    keyBody(command, key)(writer);
    writer.nested(MESSAGE.destination, (nested) => {
      nested.u16(DESTINATION.family, AF[family]);
      if (family === 4) nested.ipv4(DESTINATION.address, address, ADDRESS_BYTES);
      else nested.attribute(DESTINATION.address, addressBytes(address));
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
export function decodeService(
  message: AttributeReader,
  options: DecodeOptions,
): ListedHead | undefined {
  const attributes = message.nested(MESSAGE.service);
  if (attributes === undefined) return undefined;
  const key = decodeKey(attributes);
  const scheduler = attributes.text(SERVICE.scheduler);
  if (key === undefined || scheduler === undefined) return undefined;
  const bits = attributes.u32(SERVICE.flags);
  const flags = flagsOf(bits);
  const engine = attributes.text(SERVICE.persistenceEngine);
  return {
    key,
    scheduler,
    persistence: (bits & PERSISTENT_FLAG) === 0 ? null : decodePersistence(key, attributes),
    ...(flags.length > 0 && { flags }),
    ...(engine && { persistenceEngine: engine }),
    ...(options.traffic && { traffic: decodeTraffic(attributes.nested(SERVICE.stats64)) }),
  };
}

export function decodeDestination(
  message: AttributeReader,
  serviceFamily: Family,
  options: DecodeOptions,
): ListedDestination | undefined {
  const attributes = message.nested(MESSAGE.destination);
  if (attributes === undefined) return undefined;
  // In the kernel's order; the address, which is the first, after the family that says how long it is.
  const port = attributes.u16be(DESTINATION.port);
  const forward = forwardOf(attributes.u32(DESTINATION.forward));
  const weight = attributes.u32(DESTINATION.weight) | 0;
  const tunnel = forward === "TUN" ? decodeTunnel(attributes) : undefined;
  const upperThreshold = attributes.u32(DESTINATION.upperThreshold);
  const lowerThreshold = attributes.u32(DESTINATION.lowerThreshold);
  const activeConnections = attributes.u32(DESTINATION.activeConnections);
  const inactiveConnections = attributes.u32(DESTINATION.inactiveConnections);
  const persistentConnections = attributes.u32(DESTINATION.persistentConnections);
  const family = familyOfNumber(attributes.u16(DESTINATION.family)) ?? serviceFamily;
  const traffic = options.traffic
    ? decodeTraffic(attributes.nested(DESTINATION.stats64))
    : undefined;
  const address = decodeAddress(attributes, DESTINATION.address, family);
  if (address === undefined) return undefined;
  const destination: Writable<ListedDestination> = {
    address,
    port,
    forward,
    weight,
    activeConnections,
    inactiveConnections,
    persistentConnections,
  };
  if (upperThreshold !== 0) destination.upperThreshold = upperThreshold;
  if (lowerThreshold !== 0) destination.lowerThreshold = lowerThreshold;
  if (tunnel !== undefined) destination.tunnel = tunnel;
  if (traffic !== undefined) destination.traffic = traffic;
  return destination;
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
  writer.attribute(SERVICE.address, addressBytes(key.address), ADDRESS_BYTES);
  writer.u16be(SERVICE.port, key.port);
}

function decodeKey(attributes: AttributeReader): ServiceKey | undefined {
  const family = familyOfNumber(attributes.u16(SERVICE.family));
  if (family === undefined) return undefined;
  const fwmark = attributes.u32(SERVICE.fwmark);
  if (fwmark !== 0) return { kind: "fwmark", fwmark, family };
  const protocol = wordOf(PROTOCOL, attributes.u16(SERVICE.protocol));
  const address = decodeAddress(attributes, SERVICE.address, family);
  if (protocol === undefined || address === undefined) return undefined;
  return { kind: "address", protocol, address, port: attributes.u16be(SERVICE.port) };
}

function decodeAddress(
  attributes: AttributeReader,
  type: number,
  family: Family,
): string | undefined {
  if (family === 4) return attributes.ipv4(type);
  const bytes = attributes.bytes(type, ADDRESS_BYTES);
  return bytes && formatAddress(bytes);
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

function decodePersistence(key: ServiceKey, attributes: AttributeReader): Persistence {
  const mask =
    keyFamily(key) === 6
      ? String(attributes.u32(SERVICE.netmask))
      : formatAddress(attributes.bytes(SERVICE.netmask, 4) ?? Buffer.alloc(4, 0xff));
  return persistenceOf(attributes.u32(SERVICE.timeout), mask);
}

function decodeTunnel(attributes: AttributeReader): Tunnel | undefined {
  const type = wordOf(TUNNEL_TYPE, attributes.u8(DESTINATION.tunnelType)) ?? "ipip";
  const port = attributes.u16be(DESTINATION.tunnelPort);
  const checksum = wordOf(TUNNEL_FLAGS, attributes.u16(DESTINATION.tunnelFlags)) ?? "none";
  if (type === "ipip" && port === 0 && checksum === "none") return undefined;
  return { type, port, checksum };
}

/** A kernel that does not say reads as one that counted nothing. */
function decodeTraffic(stats = new AttributeReader(Buffer.alloc(0))): Traffic {
  return {
    connections: stats.u64(STATS.connections),
    packetsIn: stats.u64(STATS.packetsIn),
    packetsOut: stats.u64(STATS.packetsOut),
    bytesIn: stats.u64(STATS.bytesIn),
    bytesOut: stats.u64(STATS.bytesOut),
    connectionsPerS: stats.u64(STATS.connectionsPerS),
    packetsInPerS: stats.u64(STATS.packetsInPerS),
    packetsOutPerS: stats.u64(STATS.packetsOutPerS),
    bytesInPerS: stats.u64(STATS.bytesInPerS),
    bytesOutPerS: stats.u64(STATS.bytesOutPerS),
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

function familyOfNumber(number: number): Family | undefined {
  if (number === AF[4]) return 4;
  return number === AF[6] ? 6 : undefined;
}
