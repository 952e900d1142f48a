import test from "ava";
import fc from "fast-check";
import {
  BFD_STATES,
  type BfdPacket,
  type BfdState,
  decodeBfd,
  encodeBfd,
} from "../../src/wire/bfd.ts";

const packet: BfdPacket = {
  diagnostic: 1,
  state: "Up",
  poll: true,
  final: false,
  demand: false,
  multiplier: 5,
  myDiscriminator: 0x11223344,
  yourDiscriminator: 0x55667788,
  desiredMinTxMs: 10,
  requiredMinRxMs: 300,
  requiredMinEchoRxMs: 0.05,
};

const HEX = "21e00518112233445566778800002710000493e000000032";

test("encodeBfd() writes the packet of RFC 5880 §4.1, intervals in microseconds", (t) => {
  t.is(encodeBfd(packet).toString("hex"), HEX);
});

test("decodeBfd() reads it", (t) => {
  t.deepEqual(decodeBfd(Buffer.from(HEX, "hex")), { ok: true, packet });
});

const discriminator = fc.integer({ min: 1, max: 0xffffffff });
const intervalMs = fc.integer({ min: 0, max: 0xffffffff }).map((us) => us / 1000);

const anyPacket: fc.Arbitrary<BfdPacket> = fc.record({
  diagnostic: fc.integer({ min: 0, max: 31 }),
  state: fc.constantFrom<BfdState>(...BFD_STATES),
  poll: fc.boolean(),
  final: fc.boolean(),
  demand: fc.boolean(),
  multiplier: fc.integer({ min: 1, max: 255 }),
  myDiscriminator: discriminator,
  yourDiscriminator: discriminator,
  desiredMinTxMs: intervalMs,
  requiredMinRxMs: intervalMs,
  requiredMinEchoRxMs: intervalMs,
});

test("decodeBfd() reads what encodeBfd() writes (property)", (t) => {
  fc.assert(
    fc.property(anyPacket, (one) => {
      t.deepEqual(decodeBfd(encodeBfd(one)), { ok: true, packet: one });
    }),
  );
});

test("decodeBfd() never throws, and says yes only to the lengths of RFC 5880 §6.8.6 (property)", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const result = decodeBfd(Buffer.from(bytes));
      if (result.ok) t.true((bytes[3] ?? 0) >= 24 && (bytes[3] ?? 0) <= bytes.length);
      else t.truthy(result.reason);
    }),
    { numRuns: 2000 },
  );
});

const rejections: readonly (readonly [string, (bytes: Buffer) => Buffer, string])[] = [
  ["23 bytes", (bytes) => bytes.subarray(0, 23), "length"],
  ["another version", (bytes) => set(bytes, 0, 0x41), "version"],
  ["a length below 24", (bytes) => set(bytes, 3, 23), "length"],
  ["a length beyond the datagram", (bytes) => set(bytes, 3, 25), "length"],
  ["a multiplier of 0", (bytes) => set(bytes, 2, 0), "multiplier"],
  ["the Multipoint bit", (bytes) => set(bytes, 1, 0xc1), "multipoint"],
  ["My Discriminator 0", (bytes) => fill(bytes, 4), "discriminator"],
  ["Your Discriminator 0 in state Up", (bytes) => fill(bytes, 8), "discriminator"],
  ["the Authentication bit", (bytes) => set(bytes, 1, 0xc4), "authentication"],
];

for (const [what, spoil, reason] of rejections) {
  test(`RFC 5880 §6.8.6: a packet with ${what} is discarded: ${reason}`, (t) => {
    t.deepEqual(decodeBfd(spoil(Buffer.from(HEX, "hex"))), { ok: false, reason });
  });
}

test("RFC 5880 §6.8.6: Your Discriminator 0 is right in state Down and AdminDown", (t) => {
  for (const flags of [0x40, 0x00]) {
    t.true(decodeBfd(fill(set(Buffer.from(HEX, "hex"), 1, flags), 8)).ok);
  }
});

test("bytes behind the length are not looked at", (t) => {
  t.deepEqual(decodeBfd(Buffer.from(`${HEX}ffff`, "hex")), { ok: true, packet });
});

function set(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}

function fill(bytes: Buffer, at: number): Buffer {
  bytes.fill(0, at, at + 4);
  return bytes;
}
