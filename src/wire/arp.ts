// Gratuitous ARP: "this address is at my MAC now". RFC 826; RFC 5227 §2.3 (announcement: a request with
// sender = target); RFC 5798 §6.4.1 (110) makes a new master send it. And the probe of RFC 5227 §2.1.1: "has anybody
// this address?", which teaches nobody anything, for its sender has none.

import { addressBytes, formatIpv4 } from "../lib/ip.ts";
import { BROADCAST_MAC, formatMac } from "../lib/mac.ts";

const ETHERTYPE_ARP = 0x0806;
const HARDWARE_ETHERNET = 1;
const ETHERTYPE_IPV4 = 0x0800;
const OPERATION_REQUEST = 1;
const FRAME_BYTES = 42;
const NO_ADDRESS = "0.0.0.0";
/** Where the sender's address is, in the frame. */
export const ARP_SENDER_AT = 28;

export type Arp = {
  /** Of the Ethernet header. */
  readonly source: string;
  readonly senderMac: string;
  readonly sender: string;
  readonly target: string;
};

/** A whole broadcast Ethernet frame of 42 bytes. */
export function encodeGratuitousArp(mac: Uint8Array, address: string): Buffer {
  const frame = encodeRequest(mac, address, address);
  frame.set(BROADCAST_MAC, 32);
  return frame;
}

export function encodeArpProbe(mac: Uint8Array, address: string): Buffer {
  return encodeRequest(mac, NO_ADDRESS, address);
}

/** A request or a reply, as it arrives on Ethernet; undefined = it is none of IPv4. */
export function decodeArp(frame: Buffer): Arp | undefined {
  if (frame.length < FRAME_BYTES || frame.readUInt16BE(12) !== ETHERTYPE_ARP) return undefined;
  const [hardware, protocol] = [frame.readUInt16BE(14), frame.readUInt16BE(16)];
  if (hardware !== HARDWARE_ETHERNET || protocol !== ETHERTYPE_IPV4) return undefined;
  if (frame[18] !== 6 || frame[19] !== 4) return undefined;
  return {
    source: formatMac(frame.subarray(6, 12)),
    senderMac: formatMac(frame.subarray(22, 28)),
    sender: formatIpv4(frame, ARP_SENDER_AT),
    target: formatIpv4(frame, 38),
  };
}

function encodeRequest(mac: Uint8Array, sender: string, target: string): Buffer {
  const frame = Buffer.alloc(FRAME_BYTES);
  frame.set(BROADCAST_MAC, 0);
  frame.set(mac, 6);
  frame.writeUInt16BE(ETHERTYPE_ARP, 12);
  frame.writeUInt16BE(HARDWARE_ETHERNET, 14);
  frame.writeUInt16BE(ETHERTYPE_IPV4, 16);
  frame[18] = 6;
  frame[19] = 4;
  frame.writeUInt16BE(OPERATION_REQUEST, 20);
  frame.set(mac, 22);
  frame.set(addressBytes(sender), ARP_SENDER_AT);
  frame.set(addressBytes(target), 38);
  return frame;
}
