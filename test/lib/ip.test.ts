import { isIPv4, isIPv6 } from "node:net";
import test from "ava";
import fc from "fast-check";
import {
  addressBytes,
  canonicalAddress,
  compareAddresses,
  familyOf,
  formatAddress,
  isSameNetwork,
  netmaskOf,
} from "../../src/lib/ip.ts";

const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 });

test("addressBytes() undoes formatAddress(), both families", (t) => {
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6), (bytes) => {
      t.deepEqual(addressBytes(formatAddress(bytes)), Buffer.from(bytes));
    }),
  );
});

/** Pieces of addresses in any order: some of what comes of them is one. */
const pieces = [
  "0",
  "ab",
  "FFFF",
  "12345",
  "g",
  ":",
  ":",
  ":",
  ":",
  "::",
  "1.2.3.4",
  "256.1.1.1",
  "%eth0",
  ".",
  " ",
  "\n",
  "\0",
];

test("familyOf() takes what Node takes, but for zones", (t) => {
  const mixed = fc.array(fc.constantFrom(...pieces), { maxLength: 17 }).map((all) => all.join(""));
  const groups = fc.array(fc.constantFrom("0", "1", "ab", "FFFF", ""), {
    minLength: 6,
    maxLength: 9,
  });
  const nearly = fc
    .tuple(groups, fc.constantFrom("", ":1.2.3.4", ":"))
    .map(([all, end]) => all.join(":") + end);
  fc.assert(
    fc.property(fc.oneof(mixed, nearly), (text) => {
      const isInet6 = isIPv6(text) && !text.includes("%");
      t.is(familyOf(text), isIPv4(text) ? 4 : isInet6 ? 6 : undefined);
    }),
    { numRuns: 20_000 },
  );
});

const spellings: readonly (readonly [string, string])[] = [
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["fe80:0000:0000:0000:0000:0000:0000:0000", "fe80::"],
  ["::", "::"],
  ["192.0.2.1", "192.0.2.1"],
];

for (const [text, canonical] of spellings) {
  test(`RFC 5952 canonicalAddress() spells ${text} as ${canonical}`, (t) => {
    t.is(canonicalAddress(text), canonical);
    t.deepEqual(addressBytes(text), addressBytes(canonical));
  });
}

for (const text of ["", "192.0.2", "192.0.2.256", "1.2.3.4/24", "fe80::1%eth0", ":::", "host"]) {
  test(`familyOf() has none for "${text}", and addressBytes() says so`, (t) => {
    t.is(familyOf(text), undefined);
    t.is(canonicalAddress(text), undefined);
    const error = t.throws(() => addressBytes(text), { instanceOf: RangeError });
    t.is(error?.message, `Cannot use "${text}" as an IP address`);
  });
}

test("RFC 5798 §6.4.3 compareAddresses() compares as unsigned numbers, not as text", (t) => {
  const sign = (a: string, b: string): number => Math.sign(compareAddresses(a, b));
  t.is(sign("192.0.2.10", "192.0.2.9"), 1);
  t.is(sign("200.0.0.1", "100.0.0.1"), 1);
  t.is(sign("10.0.1.0", "10.0.0.255"), 1);
  t.is(sign("10.0.0.1", "10.0.0.1"), 0);
});

test("netmaskOf() turns a prefix length into a mask", (t) => {
  t.is(netmaskOf(0), 0);
  t.is(netmaskOf(1), 0x80000000);
  t.is(netmaskOf(24), 0xffffff00);
  t.is(netmaskOf(32), 0xffffffff);
});

test("isSameNetwork() compares as many bits as the prefix has", (t) => {
  t.true(isSameNetwork("2001:db8:5::1", "2001:db8:5::ffff", 64));
  t.false(isSameNetwork("2001:db8:5::1", "2001:db8:6::1", 64));
  t.true(isSameNetwork("2001:db8:4::1", "2001:db8:5::1", 47));
  t.false(isSameNetwork("2001:db8:4::1", "2001:db8:5::1", 48));
  t.true(isSameNetwork("10.0.0.1", "10.0.1.1", 23));
  t.false(isSameNetwork("10.0.0.1", "10.0.0.2", 32));
  t.true(isSameNetwork("::1", "ff::", 0));
});
