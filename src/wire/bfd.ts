// BFD control packets: bytes <-> values. RFC 5880 §4.1. Authentication sections and echo packets are not spoken.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-----+---------+---+-+-+-+-+-+-+---------------+---------------+
//   |vers | diag    |sta|P|F|C|A|D|M| detect mult   |    length     |
//   +-----+---------+---+-+-+-+-+-+-+---------------+---------------+
//   | my discriminator                                              |
//   | your discriminator                                            |
//   | desired min TX interval, required min RX interval,            |
//   | required min echo RX interval: microseconds                   |

/** RFC 5881 §4, and RFC 5883 §5 for several hops. */
export const BFD_PORT = 3784;
export const BFD_MULTIHOP_PORT = 4784;

export const BFD_STATES = ["AdminDown", "Down", "Init", "Up"] as const;
export type BfdState = (typeof BFD_STATES)[number];

export type BfdPacket = {
  /** Why the session went down, DIAGNOSTICS. */
  readonly diagnostic: number;
  readonly state: BfdState;
  readonly poll: boolean;
  readonly final: boolean;
  readonly demand: boolean;
  readonly multiplier: number;
  readonly myDiscriminator: number;
  /** 0 = not known. */
  readonly yourDiscriminator: number;
  readonly desiredMinTxMs: number;
  readonly requiredMinRxMs: number;
  readonly requiredMinEchoRxMs: number;
};

export type BfdDecodeReason =
  | "length"
  | "version"
  | "multiplier"
  | "multipoint"
  | "discriminator"
  | "authentication";

export type BfdDecodeResult =
  | { readonly ok: true; readonly packet: BfdPacket }
  | { readonly ok: false; readonly reason: BfdDecodeReason };

/** RFC 5880 §4.1. */
export const BFD_DIAGNOSTICS = [
  "none",
  "control detection time expired",
  "echo function failed",
  "neighbor signaled session down",
  "forwarding plane reset",
  "path down",
  "concatenated path down",
  "administratively down",
  "reverse concatenated path down",
] as const;

const VERSION = 1;
const PACKET_BYTES = 24;
const POLL = 0x20;
const FINAL = 0x10;
const AUTHENTICATION = 0x04;
const DEMAND = 0x02;
const MULTIPOINT = 0x01;
const INTERVAL_US_MAX = 0xffffffff;

export function encodeBfd(packet: BfdPacket): Buffer {
  const bytes = Buffer.alloc(PACKET_BYTES);
  bytes[0] = (VERSION << 5) | packet.diagnostic;
  bytes[1] =
    (BFD_STATES.indexOf(packet.state) << 6) |
    (packet.poll ? POLL : 0) |
    (packet.final ? FINAL : 0) |
    (packet.demand ? DEMAND : 0);
  bytes[2] = packet.multiplier;
  bytes[3] = PACKET_BYTES;
  bytes.writeUInt32BE(packet.myDiscriminator, 4);
  bytes.writeUInt32BE(packet.yourDiscriminator, 8);
  bytes.writeUInt32BE(microseconds(packet.desiredMinTxMs), 12);
  bytes.writeUInt32BE(microseconds(packet.requiredMinRxMs), 16);
  bytes.writeUInt32BE(microseconds(packet.requiredMinEchoRxMs), 20);
  return bytes;
}

/** The payload of a UDP datagram, judged by the first half of RFC 5880 §6.8.6: what needs no session. */
export function decodeBfd(bytes: Buffer): BfdDecodeResult {
  if (bytes.length < PACKET_BYTES) return { ok: false, reason: "length" };
  const [first = 0, flags = 0, multiplier = 0, length = 0] = bytes;
  if (first >> 5 !== VERSION) return { ok: false, reason: "version" };
  if (length < PACKET_BYTES || length > bytes.length) return { ok: false, reason: "length" };
  if (multiplier === 0) return { ok: false, reason: "multiplier" };
  if ((flags & MULTIPOINT) !== 0) return { ok: false, reason: "multipoint" };
  const state = BFD_STATES[flags >> 6] ?? "AdminDown";
  const myDiscriminator = bytes.readUInt32BE(4);
  const yourDiscriminator = bytes.readUInt32BE(8);
  const needsYours = state === "Init" || state === "Up";
  if (myDiscriminator === 0 || (yourDiscriminator === 0 && needsYours)) {
    return { ok: false, reason: "discriminator" };
  }
  // No session of ours authenticates.
  if ((flags & AUTHENTICATION) !== 0) return { ok: false, reason: "authentication" };
  return {
    ok: true,
    packet: {
      diagnostic: first & 0x1f,
      state,
      poll: (flags & POLL) !== 0,
      final: (flags & FINAL) !== 0,
      demand: (flags & DEMAND) !== 0,
      multiplier,
      myDiscriminator,
      yourDiscriminator,
      desiredMinTxMs: bytes.readUInt32BE(12) / 1000,
      requiredMinRxMs: bytes.readUInt32BE(16) / 1000,
      requiredMinEchoRxMs: bytes.readUInt32BE(20) / 1000,
    },
  };
}

function microseconds(ms: number): number {
  return Math.min(Math.round(ms * 1000), INTERVAL_US_MAX);
}
