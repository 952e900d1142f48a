// ICMP echo to one address, by a raw socket. raw(7), icmp(7), RFC 792, RFC 4443 §4.
//
// Unprivileged ICMP sockets would need net.ipv4.ping_group_range, which is nobody's to change for a check.

import { addToSum, finishSum } from "../lib/checksum.ts";
import { openFrom, type SocketSource } from "./client-socket.ts";
import { errnoName } from "./errors.ts";
import { check, close, connect, errno, recv, send, setOption } from "./ffi.ts";
import { EINTR, IPPROTO_ICMPV6, MSG_DONTWAIT, SOCK_RAW, SOL_IP, SOL_IPV6 } from "./numbers.ts";
import { watch } from "./poll.ts";
import { socketAddress } from "./socket-address.ts";

const IPPROTO_ICMP = 1;
/** A set bit keeps a type out. */
const ICMP_FILTER = { name: "ICMP_FILTER", level: 255, number: 1 };
const ICMP6_FILTER = { name: "ICMPV6_FILTER", level: IPPROTO_ICMPV6, number: 1 };
const IP_RECVERR = { name: "IP_RECVERR", level: SOL_IP, number: 11 };
const IPV6_RECVERR = { name: "IPV6_RECVERR", level: SOL_IPV6, number: 25 };

const ICMP = { request: 8, reply: 0 };
const ICMPV6 = { request: 128, reply: 129 };
const HEAD_BYTES = 8;
const PACKET_BYTES_MAX = 2048;
const PACKETS_A_TURN_MAX = 64;

export type PingSocket = { readonly close: () => void };

/** Sends one echo request with `payload`; throws KernelError. `onError` is told the name of an ICMP error, or of one's own. */
export function openPing(options: {
  readonly address: string;
  readonly source: SocketSource | null;
  readonly id: number;
  readonly payload: Buffer;
  readonly onReply: () => void;
  readonly onError: (code: string) => void;
}): PingSocket {
  const { address, source, id, payload } = options;
  const family = address.includes(":") ? 6 : 4;
  const types = family === 4 ? ICMP : ICMPV6;
  const protocol = family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  const fd = openFrom(source, family, SOCK_RAW, protocol);
  const request = echoRequest(types.request, id, payload);
  try {
    if (family === 4) setOption(fd, ICMP_FILTER, ~(1 << types.reply) | 0);
    else setOption(fd, ICMP6_FILTER, only(types.reply));
    setOption(fd, family === 4 ? IP_RECVERR : IPV6_RECVERR, 1);
    // What comes from elsewhere is nothing to this socket.
    const place = socketAddress(address, 0);
    check(`connect ${address}`, connect(fd, place, place.length));
    check(`send to ${address}`, send(fd, request, request.length, 0));
  } catch (error) {
    close(fd);
    throw error;
  }

  const packet = Buffer.alloc(PACKET_BYTES_MAX);
  function read(): void {
    for (let turn = 0; turn < PACKETS_A_TURN_MAX; turn += 1) {
      const length = recv(fd, packet, packet.length, MSG_DONTWAIT);
      if (length < 0) {
        if (errno() === EINTR) continue;
        return;
      }
      // A raw socket of IPv4 shows the IP header too.
      const at = family === 4 ? ((packet[0] ?? 0) & 15) * 4 : 0;
      const reply = packet.subarray(at, length);
      if (reply[0] === types.reply && reply.length >= HEAD_BYTES + payload.length) {
        const same = reply.readUInt16BE(4) === id;
        if (same && reply.subarray(HEAD_BYTES, HEAD_BYTES + payload.length).equals(payload)) {
          options.onReply();
          return;
        }
      }
    }
  }
  const watching = watch(fd, read, (pending) => {
    if (pending !== 0) options.onError(errnoName(pending));
  });
  let open = true;
  return {
    close() {
      if (!open) return;
      open = false;
      watching.close();
      close(fd);
    },
  };
}

function echoRequest(type: number, id: number, payload: Buffer): Buffer {
  const request = Buffer.alloc(HEAD_BYTES + payload.length);
  request[0] = type;
  request.writeUInt16BE(id, 4);
  request.writeUInt16BE(1, 6);
  payload.copy(request, HEAD_BYTES);
  // In IPv6 the kernel writes another one, over its pseudo-header.
  request.writeUInt16BE(finishSum(addToSum(0, request)), 2);
  return request;
}

/** struct icmp6_filter: 256 bits, a set one keeps a type out. */
function only(type: number): Buffer {
  const words = Buffer.alloc(32, 0xff);
  const at = (type >> 5) * 4;
  words.writeUInt32LE(~(1 << (type & 31)) >>> 0, at);
  return words;
}
