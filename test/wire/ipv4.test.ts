import test from "ava";
import fc from "fast-check";
import { decodeIpv4 } from "../../src/wire/ipv4.ts";

test("decodeIpv4() reads TTL, addresses and payload", (t) => {
  t.deepEqual(decodeIpv4(packet({ payload: [1, 2, 3] })), {
    ttl: 255,
    source: "198.51.100.10",
    destination: "224.0.0.18",
    payload: Buffer.from([1, 2, 3]),
  });
});

test("decodeIpv4() skips IP options", (t) => {
  const decoded = decodeIpv4(packet({ optionWords: 10, payload: [7] }));
  t.deepEqual(decoded?.payload, Buffer.from([7]));
});

test("decodeIpv4() leaves Ethernet padding out of the payload", (t) => {
  const padded = Buffer.concat([packet({ payload: [1, 2] }), Buffer.alloc(24, 0xa5)]);
  t.deepEqual(decodeIpv4(padded)?.payload, Buffer.from([1, 2]));
});

test("decodeIpv4() has nothing for a packet that is cut off anywhere", (t) => {
  const whole = packet({ optionWords: 1, payload: [1, 2, 3, 4] });
  for (let length = 0; length < whole.length; length += 1) {
    t.is(decodeIpv4(whole.subarray(0, length)), undefined, `${length} bytes`);
  }
});

test("decodeIpv4() has nothing for another version, a short header or a total below the header", (t) => {
  const change = (at: number, value: number): Buffer => {
    const bytes = packet({ payload: [1] });
    bytes[at] = value;
    return bytes;
  };
  t.is(decodeIpv4(change(0, 0x65)), undefined);
  t.is(decodeIpv4(change(0, 0x44)), undefined);
  t.is(decodeIpv4(change(3, 19)), undefined);
});

test("decodeIpv4() never throws, whatever the bytes", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.integer({ min: 0, max: 15 }), (raw, words) => {
      const bytes = Buffer.from(raw);
      if (bytes.length > 0) bytes[0] = 0x40 | words;
      t.notThrows(() => decodeIpv4(bytes));
    }),
    { numRuns: 1000 },
  );
});

function packet(options: { optionWords?: number; payload: readonly number[] }): Buffer {
  const headerBytes = 20 + 4 * (options.optionWords ?? 0);
  const bytes = Buffer.alloc(headerBytes + options.payload.length);
  bytes[0] = 0x40 | (headerBytes / 4);
  bytes.writeUInt16BE(bytes.length, 2);
  bytes[8] = 255;
  bytes[9] = 112;
  bytes.set([198, 51, 100, 10], 12);
  bytes.set([224, 0, 0, 18], 16);
  bytes.set(options.payload, headerBytes);
  return bytes;
}
