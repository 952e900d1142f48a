// Unsolicited neighbour advertisements: IPv6's "this address is at my MAC now". RFC 4861 §4.4 (the message), §4.6.1
// (target link-layer address), §7.2.6 (unsolicited, override); RFC 5798 §6.4.1 (115) makes a new master send it.
// And the solicitation of §7.2.2: "who has this address?", which is answered to who asks (§7.2.4), and to nobody else.

import { addressBytes, formatAddress } from "../lib/ip.ts";
import { formatMac } from "../lib/mac.ts";
import { encodeIpv6, upperLayerChecksum } from "./ipv6.ts";

const ETHERTYPE_IPV6 = 0x86dd;
const IPPROTO_ICMPV6 = 58;
const NEIGHBOR_SOLICITATION = 135;
export const NEIGHBOR_ADVERTISEMENT = 136;
const FLAG_ROUTER = 0x80;
const FLAG_OVERRIDE = 0x20;
const OPTION_SOURCE_LINK_LAYER = 1;
const OPTION_TARGET_LINK_LAYER = 2;
/** RFC 4861 §7.1.2: receivers discard anything else. */
export const NDISC_HOP_LIMIT = 255;
const ALL_NODES = "ff02::1";
/** RFC 2464 §7: 33:33 and the last four bytes of the group. */
const ALL_NODES_MAC = [0x33, 0x33, 0, 0, 0, 1];
/** RFC 4291 §2.7.1: and the last three bytes of the address. */
const SOLICITED_NODE = "ff02::1:ff00:0";
const CHECKSUM_AT = 2;
const TARGET_AT = 8;
const OPTIONS_AT = 24;
/** With one option, a link-layer address. */
const MESSAGE_BYTES = OPTIONS_AT + 8;
/** Where the last four bytes of the target are, in the message. */
export const NDISC_TARGET_END_AT = TARGET_AT + 12;

export type Advertisement = {
  readonly target: string;
  /** null = it does not say. */
  readonly mac: string | null;
};

/** A whole Ethernet frame of 86 bytes to all nodes, from the address that it tells. */
export function encodeUnsolicitedAdvertisement(
  mac: Uint8Array,
  address: string,
  isRouter: boolean,
): Buffer {
  const message = Buffer.alloc(MESSAGE_BYTES);
  message[0] = NEIGHBOR_ADVERTISEMENT;
  message[4] = FLAG_OVERRIDE | (isRouter ? FLAG_ROUTER : 0);
  message.set(addressBytes(address), TARGET_AT);
  setMacOption(message, OPTION_TARGET_LINK_LAYER, mac);
  return encodeFrame(mac, ALL_NODES_MAC, address, ALL_NODES, message);
}

/**
 * A whole Ethernet frame of 86 bytes to who may have the address. Not the one from nobody of RFC 4862 §5.4.2: that is answered to all
 * nodes, with the override flag, and would send every client to the second owner.
 */
export function encodeSolicitation(mac: Uint8Array, source: string, address: string): Buffer {
  const message = Buffer.alloc(MESSAGE_BYTES);
  const target = addressBytes(address);
  message[0] = NEIGHBOR_SOLICITATION;
  message.set(target, TARGET_AT);
  setMacOption(message, OPTION_SOURCE_LINK_LAYER, mac);
  const group = addressBytes(SOLICITED_NODE);
  group.set(target.subarray(-3), 13);
  const groupMac = [0x33, 0x33, ...group.subarray(-4)];
  return encodeFrame(mac, groupMac, source, formatAddress(group), message);
}

/** The ICMPv6 message of a neighbour advertisement; undefined = it is none, RFC 4861 §7.1.2. */
export function decodeAdvertisement(message: Buffer): Advertisement | undefined {
  if (message.length < OPTIONS_AT) return undefined;
  if (message[0] !== NEIGHBOR_ADVERTISEMENT || message[1] !== 0) return undefined;
  let mac: string | null = null;
  for (let at = OPTIONS_AT; at < message.length; ) {
    const bytes = 8 * (message[at + 1] ?? 0);
    if (bytes === 0 || at + bytes > message.length) return undefined;
    if (message[at] === OPTION_TARGET_LINK_LAYER && bytes === 8)
      mac = formatMac(message.subarray(at + 2, at + 8));
    at += bytes;
  }
  return { target: formatAddress(message.subarray(TARGET_AT, OPTIONS_AT)), mac };
}

function setMacOption(message: Buffer, option: number, mac: Uint8Array): void {
  message.set([option, 1], OPTIONS_AT); // its length counts in units of 8 bytes
  message.set(mac, OPTIONS_AT + 2);
}

function encodeFrame(
  mac: Uint8Array,
  toMac: readonly number[],
  source: string,
  destination: string,
  message: Buffer,
): Buffer {
  const path = { source, destination, nextHeader: IPPROTO_ICMPV6 };
  message.writeUInt16BE(upperLayerChecksum(path, message), CHECKSUM_AT);
  const ethernet = Buffer.alloc(14);
  ethernet.set(toMac, 0);
  ethernet.set(mac, 6);
  ethernet.writeUInt16BE(ETHERTYPE_IPV6, 12);
  return Buffer.concat([ethernet, encodeIpv6({ ...path, hopLimit: NDISC_HOP_LIMIT }, message)]);
}
