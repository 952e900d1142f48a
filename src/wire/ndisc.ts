// Unsolicited neighbour advertisements: IPv6's "this address is at my MAC now". RFC 4861 §4.4 (the message), §4.6.1
// (target link-layer address), §7.2.6 (unsolicited, override); RFC 5798 §6.4.1 (115) makes a new master send it.
// Never decodes.

import { addressBytes } from "../lib/ip.ts";
import { encodeIpv6, upperLayerChecksum } from "./ipv6.ts";

const ETHERTYPE_IPV6 = 0x86dd;
const IPPROTO_ICMPV6 = 58;
const NEIGHBOR_ADVERTISEMENT = 136;
const FLAG_ROUTER = 0x80;
const FLAG_OVERRIDE = 0x20;
const OPTION_TARGET_LINK_LAYER = 2;
/** RFC 4861 §7.1.2: receivers discard anything else. */
const HOP_LIMIT = 255;
const ALL_NODES = "ff02::1";
/** RFC 2464 §7: 33:33 and the last four bytes of the group. */
const ALL_NODES_MAC = [0x33, 0x33, 0, 0, 0, 1];
const CHECKSUM_AT = 2;

/** A whole Ethernet frame of 86 bytes to all nodes, from the address that it tells. */
export function encodeUnsolicitedAdvertisement(
  mac: Uint8Array,
  address: string,
  isRouter: boolean,
): Buffer {
  const message = Buffer.alloc(32);
  message[0] = NEIGHBOR_ADVERTISEMENT;
  message[4] = FLAG_OVERRIDE | (isRouter ? FLAG_ROUTER : 0);
  message.set(addressBytes(address), 8);
  message.set([OPTION_TARGET_LINK_LAYER, 1], 24); // its length counts in units of 8 bytes
  message.set(mac, 26);
  const path = { source: address, destination: ALL_NODES, nextHeader: IPPROTO_ICMPV6 };
  message.writeUInt16BE(upperLayerChecksum(path, message), CHECKSUM_AT);
  const ethernet = Buffer.alloc(14);
  ethernet.set(ALL_NODES_MAC, 0);
  ethernet.set(mac, 6);
  ethernet.writeUInt16BE(ETHERTYPE_IPV6, 12);
  return Buffer.concat([ethernet, encodeIpv6({ ...path, hopLimit: HOP_LIMIT }, message)]);
}
