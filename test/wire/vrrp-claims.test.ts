import test from "ava";
import fc from "fast-check";
import { encodeAdvert, intervalMsOf } from "../../src/wire/vrrp.ts";
import { claimsOf, mayTell } from "../../src/wire/vrrp-claims.ts";

const path = { source: "10.0.0.2", destination: "224.0.0.18" };
const advert = { vrid: 51, priority: 90, addresses: ["10.0.0.100", "10.0.0.101"] };

test("an advert of each version says what it is, with a wrong checksum as well", (t) => {
  for (const [version, advertIntervalMs, authType] of [
    [2, 2000, 1],
    [3, 40_950, 0],
  ] as const) {
    const bytes = encodeAdvert({ ...advert, version, advertIntervalMs, authType }, path);
    bytes[7] = (bytes[7] ?? 0) ^ 1;
    t.deepEqual(claimsOf(bytes, 4), { ...advert, version, advertIntervalMs, authType });
    t.is(intervalMsOf(bytes), advertIntervalMs);
  }
});

test("one of ours is found among its addresses by its end", (t) => {
  const four = encodeAdvert({ ...advert, version: 3, advertIntervalMs: 1000, authType: 0 }, path);
  t.true(mayTell(four, 4, new Set([0x0a000065])));
  t.false(mayTell(four, 4, new Set([0x0a000066])));
  const six = encodeAdvert(
    {
      ...advert,
      version: 3,
      advertIntervalMs: 1000,
      authType: 0,
      addresses: ["fe80::1", "2001:db8::5"],
    },
    { source: "fe80::2", destination: "ff02::12" },
  );
  t.true(mayTell(six, 6, new Set([5])));
  t.false(mayTell(six, 6, new Set([6])));
});

test("any bytes are read without a throw", (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.constantFrom<4 | 6>(4, 6), (bytes, family) => {
      claimsOf(Buffer.from(bytes), family);
      intervalMsOf(Buffer.from(bytes));
      mayTell(Buffer.from(bytes), family, new Set([1]));
    }),
  );
  t.pass();
});
