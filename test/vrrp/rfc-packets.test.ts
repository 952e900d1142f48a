// One test for each thing that RFC 5798 (and RFC 3768 for version 2) says of the packets of a router, §5 and §7: what it
// sends, and what of the packets that it gets it MUST discard. What the socket does (TTL, group, source, class of
// service) is in test/kernel/vrrp-socket*.test.ts and test/netns/wire*.test.ts, where Wireshark reads it.

import test from "ava";
import { acceptAdvert, type RejectReason, type Verdict } from "../../src/vrrp/accept.ts";
import type { InstanceConfig } from "../../src/vrrp/model.ts";
import {
  type Advert,
  decodeAdvert,
  encodeAdvert,
  IPPROTO_VRRP,
  VRRP_GROUP_IPV4,
  VRRP_GROUP_IPV6,
  VRRP_TTL,
} from "../../src/wire/vrrp.ts";
import { config, noSignatures } from "./router.ts";

const PATH = { source: "198.51.100.20", destination: VRRP_GROUP_IPV4 };
const PATH6 = { source: "fe80::20", destination: VRRP_GROUP_IPV6 };
const ADVERT: Advert = {
  version: 3,
  vrid: 51,
  priority: 200,
  advertIntervalMs: 1000,
  addresses: ["203.0.113.1"],
  authType: 0,
};
const version2: InstanceConfig = { ...config, version: 2 };

/** What a backup makes of bytes that arrived. */
function judged(bytes: Buffer, of: InstanceConfig = config, ttl = 255): Verdict {
  return acceptAdvert(
    of,
    { ownSource: "198.51.100.10", group: VRRP_GROUP_IPV4 },
    { ttl, ...PATH, payload: bytes },
    noSignatures,
  );
}

function reasonOf(verdict: Verdict): RejectReason | "accepted" {
  return verdict.ok ? "accepted" : verdict.reason;
}

/** With one byte changed, and the checksum right again for version 2; version 3 notices by the checksum or before. */
function changed(advert: Advert, at: number, value: number): Buffer {
  const bytes = encodeAdvert(advert, PATH);
  bytes[at] = value;
  return bytes;
}

test("RFC 5798 §5.1.1.2 the IPv4 group is 224.0.0.18", (t) => {
  t.is(VRRP_GROUP_IPV4, "224.0.0.18");
});

test("RFC 5798 §5.1.2.2 the IPv6 group is ff02::12", (t) => {
  t.is(VRRP_GROUP_IPV6, "ff02::12");
});

test("RFC 5798 §5.1.1.3 a packet with a TTL other than 255 MUST be discarded", (t) => {
  t.is(VRRP_TTL, 255);
  for (const ttl of [0, 1, 64, 254])
    t.is(reasonOf(judged(encodeAdvert(ADVERT, PATH), config, ttl)), "ttl");
});

test("RFC 5798 §5.1.1.4 the protocol number is 112", (t) => {
  t.is(IPPROTO_VRRP, 112);
});

test("RFC 5798 §5.2.1 the version is 3", (t) => {
  t.is((encodeAdvert(ADVERT, PATH)[0] ?? 0) >> 4, 3);
});

test("RFC 5798 §5.2.2 a packet of unknown type MUST be discarded", (t) => {
  for (const type of [0, 2, 15]) {
    const bytes = encodeAdvert({ ...ADVERT, version: 2 }, PATH);
    bytes[0] = (2 << 4) | type;
    // Version 2's sum is that of the bytes: what was added has to be taken off again.
    bytes.writeUInt16BE(
      (((bytes.readUInt16BE(6) - ((type - 1) << 8)) % 0xffff) + 0xffff) % 0xffff,
      6,
    );
    t.is(reasonOf(judged(bytes, version2)), "type");
  }
});

test("RFC 5798 §5.2.3 the second byte is the VRID", (t) => {
  for (const vrid of [1, 51, 255]) t.is(encodeAdvert({ ...ADVERT, vrid }, PATH)[1], vrid);
});

test("RFC 5798 §5.2.4 the third byte is the priority: 255 of the owner, 0 of who leaves", (t) => {
  for (const priority of [0, 1, 254, 255])
    t.is(encodeAdvert({ ...ADVERT, priority }, PATH)[2], priority);
});

test("RFC 5798 §5.2.5 the fourth byte counts the addresses", (t) => {
  for (const count of [0, 1, 3, 255]) {
    const addresses = Array.from({ length: count }, (_, i) => `203.0.113.${i}`);
    t.is(encodeAdvert({ ...ADVERT, addresses }, PATH)[3], count);
  }
});

test("RFC 5798 §5.2.6 the reserved bits MUST be set to zero on transmission", (t) => {
  for (const advertIntervalMs of [10, 1000, 40_950]) {
    t.is((encodeAdvert({ ...ADVERT, advertIntervalMs }, PATH)[4] ?? 0) >> 4, 0);
  }
});

test("RFC 5798 §5.2.7 the interval is told in centiseconds, twelve bits of them", (t) => {
  for (const [advertIntervalMs, told] of [
    [10, 1],
    [1000, 100],
    [40_950, 4095],
  ] as const) {
    t.is(encodeAdvert({ ...ADVERT, advertIntervalMs }, PATH).readUInt16BE(4), told);
  }
});

test("RFC 3768 §5.3.7 version 2 tells it in seconds", (t) => {
  t.is(encodeAdvert({ ...ADVERT, version: 2, advertIntervalMs: 5000 }, PATH)[5], 5);
});

test("RFC 5798 §5.2.8 the checksum field counts as zero, the pseudo-header of IPv6 counts", (t) => {
  const bytes = encodeAdvert({ ...ADVERT, addresses: ["fe80::1"] }, PATH6);
  t.true(decodeAdvert(bytes, PATH6).ok);
  t.deepEqual(decodeAdvert(bytes, { ...PATH6, source: "fe80::21" }), {
    ok: false,
    reason: "checksum",
  });
});

test("RFC 5798 §5.2.9 the addresses follow, in the order of the configuration", (t) => {
  const addresses = ["203.0.113.9", "203.0.113.1"];
  const bytes = encodeAdvert({ ...ADVERT, addresses }, PATH);
  t.deepEqual([...bytes.subarray(8)], [203, 0, 113, 9, 203, 0, 113, 1]);
});

test("RFC 5798 §5.2.9 over IPv6 the first address is the link-local one, and is told first", (t) => {
  const addresses = ["fe80::1", "2001:db8::1"];
  const decoded = decodeAdvert(encodeAdvert({ ...ADVERT, addresses }, PATH6), PATH6);
  t.deepEqual(decoded.ok && decoded.advert.addresses, addresses);
});

test("RFC 5798 §7.1 MUST verify that the version is the one of the instance", (t) => {
  t.is(reasonOf(judged(encodeAdvert({ ...ADVERT, version: 2 }, PATH))), "version");
  t.is(reasonOf(judged(encodeAdvert(ADVERT, PATH), version2)), "version");
  for (const version of [0, 1, 4, 15]) {
    t.is(reasonOf(judged(changed(ADVERT, 0, (version << 4) | 1))), "version");
  }
});

test("RFC 5798 §7.1 MUST verify that the received packet contains the complete VRRP packet", (t) => {
  const bytes = encodeAdvert(ADVERT, PATH);
  for (let length = 0; length < bytes.length; length += 1) {
    t.is(reasonOf(judged(bytes.subarray(0, length))), "length", `${length} bytes`);
  }
});

test("RFC 5798 §7.1 MUST verify the VRRP checksum", (t) => {
  for (const advert of [ADVERT, { ...ADVERT, version: 2 as const }]) {
    const of = advert.version === 2 ? version2 : config;
    t.is(reasonOf(judged(changed(advert, 2, 201), of)), "checksum");
    t.is(reasonOf(judged(encodeAdvert(advert, PATH), of)), "accepted");
  }
});

test("RFC 5798 §7.1 version 3 MAY check that the addresses are the ones configured: told, not discarded", (t) => {
  const verdict = judged(encodeAdvert({ ...ADVERT, addresses: ["203.0.113.2"] }, PATH));
  t.is(verdict.ok && verdict.sameAddresses, false);
});

test("RFC 3768 §7.1 version 2 MUST discard an interval that is not its own", (t) => {
  const other = encodeAdvert({ ...ADVERT, version: 2, advertIntervalMs: 2000 }, PATH);
  t.is(reasonOf(judged(other, version2)), "advert_interval");
});

test("RFC 5798 §7.1 version 3 takes any interval but that of a master that never rests", (t) => {
  for (const [advertIntervalMs, reason] of [
    [0, "advert_interval"],
    [10, "accepted"],
    [40_950, "accepted"],
  ] as const) {
    t.is(reasonOf(judged(encodeAdvert({ ...ADVERT, advertIntervalMs }, PATH))), reason);
  }
});
