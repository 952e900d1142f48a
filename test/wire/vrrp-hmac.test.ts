// The vectors are keepalived's own (2.4.2 and later): key = bytes 00 to 1f.

import test from "ava";
import fc from "fast-check";
import {
  decodeTrailer,
  HMAC_TRAILER_BYTES,
  macIsRight,
  signPdu,
  splitTrailer,
} from "../../src/wire/vrrp-hmac.ts";

const key = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
const sequence = 0x6800_0000_8000_0000n;

const vectors = [
  {
    family: "IPv4",
    source: "198.51.100.10",
    pdu: "3133c80100644402c0000264",
    trailer: "0101000068000000800000001b84bc4e8e43892dc6d98448f8ee2265",
  },
  {
    family: "IPv6",
    source: "fe80::10",
    pdu: "3133c8010064a2e9fe800000000000000000000000000100",
    trailer: "010100006800000080000000c8c56146ebfd66ee10ec4d8186461b78",
  },
] as const;

for (const { family, source, ...hex } of vectors) {
  const pdu = Buffer.from(hex.pdu, "hex");
  const trailer = Buffer.from(hex.trailer, "hex");
  const packet = Buffer.concat([pdu, trailer]);

  test(`signPdu() writes keepalived's vector, ${family}`, (t) => {
    t.is(signPdu(pdu, { source, keyId: 1, key, sequence }).toString("hex"), packet.toString("hex"));
  });

  test(`splitTrailer(), decodeTrailer() and macIsRight() read keepalived's vector, ${family}`, (t) => {
    const signed = splitTrailer(packet, source);
    t.deepEqual(signed, { pdu, trailer });
    t.deepEqual(decodeTrailer(trailer), { extension: 1, keyId: 1, reserved: 0, sequence });
    t.true(macIsRight({ pdu, trailer }, { source, key }));
  });

  test(`any flipped bit but those of the checksum is noticed, ${family}`, (t) => {
    for (let bit = 0; bit < packet.length * 8; bit += 1) {
      const flipped = Buffer.from(packet);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const parts = { pdu: flipped.subarray(0, pdu.length), trailer: flipped.subarray(pdu.length) };
      const ofChecksum = bit >> 3 === 6 || bit >> 3 === 7;
      t.is(macIsRight(parts, { source, key }), ofChecksum, `bit ${bit}`);
    }
  });

  test(`another source and another key are noticed, ${family}`, (t) => {
    t.false(macIsRight({ pdu, trailer }, { source: "198.51.100.11", key }));
    t.false(macIsRight({ pdu, trailer }, { source: "fe80::11", key }));
    t.false(macIsRight({ pdu, trailer }, { source, key: Buffer.alloc(32) }));
  });

  test(`splitTrailer() knows signed and unsigned packets by their exact length, ${family}`, (t) => {
    const long = Buffer.concat([packet, Buffer.alloc(100)]);
    for (let length = 0; length <= long.length; length += 1) {
      const split = splitTrailer(long.subarray(0, length), source);
      if (length === pdu.length) t.deepEqual(split, { pdu, trailer: null });
      else if (length === packet.length) t.deepEqual(split, { pdu, trailer });
      else t.is(split, undefined, `${length} bytes`);
    }
  });
}

test("splitTrailer() counts the eight bytes of version 2's authentication data", (t) => {
  const pdu = Buffer.from("21046501010172aacb0071646475657400000000", "hex");
  const source = "198.51.100.10";
  t.deepEqual(splitTrailer(pdu, source), { pdu, trailer: null });
  const packet = signPdu(pdu, { source, keyId: 7, key, sequence });
  t.deepEqual(splitTrailer(packet, source)?.pdu, pdu);
});

test("what signPdu() wrote is right by macIsRight() (property)", (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 0, maxLength: 24 }),
      fc.uint8Array({ minLength: 32, maxLength: 64 }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.integer({ min: 1, max: 255 }),
      (bytes, anyKey, anySequence, keyId) => {
        const pdu = Buffer.concat([Buffer.from([0x31, 51, 100, 0, 0, 100, 0, 0]), bytes]);
        const how = { source: "198.51.100.10", keyId, key: anyKey, sequence: anySequence };
        const packet = signPdu(pdu, how);
        const trailer = packet.subarray(pdu.length);
        t.is(trailer.length, HMAC_TRAILER_BYTES);
        t.true(macIsRight({ pdu, trailer }, how));
        t.is(decodeTrailer(trailer)?.sequence, anySequence);
      },
    ),
  );
});

test("nothing here throws, whatever the bytes (property)", (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom("10.0.0.1", "fe80::1"),
      (raw, source) => {
        const packet = Buffer.from(raw);
        t.notThrows(() => splitTrailer(packet, source));
        t.notThrows(() => decodeTrailer(packet));
        t.notThrows(() => macIsRight({ pdu: packet, trailer: packet }, { source, key }));
      },
    ),
  );
});
