// Gratuitous ARP: "this address is at my MAC now". RFC 826; RFC 5227 §2.3 (announcement: a request with
// sender = target); RFC 5798 §6.4.1 (110) makes a new master send it. Never decodes.

import { addressBytes } from "../lib/ip.ts";
import { BROADCAST_MAC } from "../lib/mac.ts";

const ETHERTYPE_ARP = 0x0806;
const HARDWARE_ETHERNET = 1;
const ETHERTYPE_IPV4 = 0x0800;
const OPERATION_REQUEST = 1;

/** A whole broadcast Ethernet frame of 42 bytes. */
export function encodeGratuitousArp(mac: Uint8Array, address: string): Buffer {
  const frame = Buffer.alloc(42);
  const ip = addressBytes(address);
  frame.set(BROADCAST_MAC, 0);
  frame.set(mac, 6);
  frame.writeUInt16BE(ETHERTYPE_ARP, 12);
  frame.writeUInt16BE(HARDWARE_ETHERNET, 14);
  frame.writeUInt16BE(ETHERTYPE_IPV4, 16);
  frame[18] = 6;
  frame[19] = 4;
  frame.writeUInt16BE(OPERATION_REQUEST, 20);
  frame.set(mac, 22);
  frame.set(ip, 28);
  frame.set(BROADCAST_MAC, 32);
  frame.set(ip, 38);
  return frame;
}
