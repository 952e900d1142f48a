import test from "ava";
import fc from "fast-check";
import { addToSum, finishSum } from "../../src/lib/checksum.ts";

test("RFC 1071 §3: the sum of the RFC's own example", (t) => {
  const bytes = Uint8Array.from([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
  t.is(finishSum(addToSum(0, bytes)), ~0xddf2 & 0xffff);
});

test("addToSum() pads an odd last byte with zero", (t) => {
  t.is(addToSum(0, Uint8Array.from([1, 2, 3])), addToSum(0, Uint8Array.from([1, 2, 3, 0])));
});

test("addToSum() chains: parts of even length add up to the whole", (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      const even = a.subarray(0, a.length & ~1);
      const whole = Uint8Array.from([...even, ...b]);
      t.is(addToSum(addToSum(0, even), b), addToSum(0, whole));
    }),
  );
});

test("finishSum() is 0 once the checksum is in its place", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 2000 }), (raw) => {
      const bytes = Buffer.from(raw);
      bytes.writeUInt16BE(0, 0);
      bytes.writeUInt16BE(finishSum(addToSum(0, bytes)), 0);
      t.is(finishSum(addToSum(0, bytes)), 0);
    }),
  );
});

test("finishSum() folds sums that do not fit 32 bits", (t) => {
  t.is(finishSum(0xffff * 0x20000 + 5), finishSum(5));
});
