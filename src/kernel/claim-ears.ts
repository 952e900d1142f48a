// Hears which machine claims an address: ARP of every interface by one AF_PACKET socket, neighbour advertisements by one raw
// ICMPv6 socket. packet(7), ipv6(7). The kernel passes on only claims of the addresses that are asked for at the moment. Closing
// a packet socket waits for all processors, some 10 ms, so the sockets stay open, and hear nothing while nobody asks.

import { addressBytes } from "../lib/ip.ts";
import { ARP_SENDER_AT, type Arp, decodeArp } from "../wire/arp.ts";
import {
  decodeAdvertisement,
  NDISC_HOP_LIMIT,
  NDISC_TARGET_END_AT,
  NEIGHBOR_ADVERTISEMENT,
} from "../wire/ndisc.ts";
import { check, close, setOption, socket } from "./ffi.ts";
import {
  AF_INET6,
  IPPROTO_ICMPV6,
  IPV6_HOPLIMIT_MESSAGE,
  IPV6_PKTINFO_MESSAGE,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_IPV6,
} from "./numbers.ts";
import { openPacketEars, PACKET_HOST, type PacketSource } from "./packet-ears.ts";
import { watch } from "./poll.ts";
import { watchMessages } from "./recvmsg.ts";
import {
  attachFilter,
  type Instruction,
  JUMP_EQUAL,
  LOAD_BYTE,
  LOAD_WORD,
  NOTHING,
  RETURN,
  WHOLE,
} from "./socket-filter.ts";

export type Claim = {
  readonly interfaceIndex: number;
  readonly address: string;
  /** What it says, and what the frame came from where that is known. */
  readonly macs: readonly string[];
  /** An answer to us, not an announcement to everybody. */
  readonly isToUs: boolean;
};

export type Ears = {
  /** Hears who tells one of these addresses; of IPv6 their last four bytes. None = hears nothing. */
  readonly hearOnly: (addresses: readonly string[]) => void;
  readonly close: () => void;
};

/** undefined = a packet that cannot be read, or does not say from where. */
type Hear = (claim: Claim | undefined) => void;

const ETH_P_ARP = 0x0806;
const EVERY_INTERFACE = 0;
/** RFC 4291 §2.7: its first byte. */
const MULTICAST = 0xff;
const FRAME_BYTES_MAX = 128;
const MESSAGE_BYTES_MAX = 256;
/** A jump is a byte. */
const ADDRESSES_MAX = 200;

export function openArpEars(hear: Hear): Ears {
  const ears = openPacketEars({
    kind: SOCK_RAW,
    protocol: ETH_P_ARP,
    interfaceIndex: EVERY_INTERFACE,
    bytesMax: FRAME_BYTES_MAX,
    filter: anyOf([], ARP_SENDER_AT),
    watch,
    onPacket(frame, from) {
      const arp = decodeArp(frame);
      hear(arp && claimOf(arp, from));
    },
  });
  return {
    hearOnly: (addresses) => ears.filter(anyOf(addresses, ARP_SENDER_AT)),
    close: ears.close,
  };
}

function claimOf({ sender, senderMac, source }: Arp, from: PacketSource): Claim {
  return {
    interfaceIndex: from.interfaceIndex,
    address: sender,
    macs: [senderMac, source],
    isToUs: from.packetType === PACKET_HOST,
  };
}

export function openAdvertisementEars(hear: Hear): Ears {
  const type = SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC;
  const fd = check("socket icmpv6", socket(AF_INET6, type, IPPROTO_ICMPV6));
  function hearOnly(addresses: readonly string[]): void {
    const isOne = anyOf(addresses, NDISC_TARGET_END_AT);
    attachFilter(fd, [
      [LOAD_BYTE, 0, 0, 0],
      [JUMP_EQUAL, 1, 0, NEIGHBOR_ADVERTISEMENT],
      [RETURN, 0, 0, NOTHING],
      ...isOne,
    ]);
  }
  try {
    hearOnly([]);
    setOption(fd, IPV6_RECVPKTINFO, 1);
    setOption(fd, IPV6_RECVHOPLIMIT, 1);
  } catch (error) {
    close(fd);
    throw error;
  }
  const watching = watchMessages(fd, {
    family: 6,
    bytesMax: MESSAGE_BYTES_MAX,
    onMessage({ bytes, control }) {
      const hops = control(SOL_IPV6, IPV6_HOPLIMIT_MESSAGE)?.readInt32LE(0);
      // struct in6_pktinfo: address, interface index
      const to = control(SOL_IPV6, IPV6_PKTINFO_MESSAGE);
      const told = hops === NDISC_HOP_LIMIT ? decodeAdvertisement(bytes) : undefined;
      if (to === undefined || told === undefined || told.mac === null) return hear(undefined);
      hear({
        interfaceIndex: to.readInt32LE(16),
        address: told.target,
        macs: [told.mac],
        isToUs: to[0] !== MULTICAST,
      });
    },
  });
  return {
    hearOnly,
    close() {
      watching.close();
      close(fd);
    },
  };
}

/** Is the word at this place the end of one of the addresses? */
function anyOf(addresses: readonly string[], at: number): readonly Instruction[] {
  const ends = addresses
    .slice(0, ADDRESSES_MAX)
    .map((address) => addressBytes(address).subarray(-4).readUInt32BE(0));
  return [
    [LOAD_WORD, 0, 0, at],
    ...ends.map((end, i): Instruction => [JUMP_EQUAL, ends.length - i, 0, end]),
    [RETURN, 0, 0, NOTHING],
    [RETURN, 0, 0, WHOLE],
  ];
}
