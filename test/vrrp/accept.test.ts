import test from "ava";
import fc from "fast-check";
import {
  acceptAdvert as acceptSigned,
  type Here,
  REJECT_REASONS,
  type Signatures,
  type Verdict,
} from "../../src/vrrp/accept.ts";
import type { HmacConfig } from "../../src/vrrp/auth.ts";
import { passwordBytes } from "../../src/vrrp/auth.ts";
import { DEFAULT_POLICY, type InstanceConfig } from "../../src/vrrp/model.ts";
import type { IpPacket } from "../../src/wire/ipv4.ts";
import { type Advert, encodeAdvert, VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";
import { anyAddress } from "../wire/arbitraries.ts";
import { config, noSignatures } from "./router.ts";

const OWN = "198.51.100.10";
const OTHER = "198.51.100.20";
const HERE = { ownSource: OWN, group: VRRP_GROUP_IPV4 };

/** One peer, between 59 and 65 hops' worth of TTL. */
const UNICAST: Here = {
  ...HERE,
  unicast: { peers: [{ address: OTHER, ttlMin: 60, ttlMax: 64 }], peersOnly: true },
};

const good: Advert = {
  version: 3,
  vrid: 51,
  priority: 200,
  advertIntervalMs: 1000,
  addresses: ["203.0.113.1"],
  authType: 0,
};

const version2: InstanceConfig = { ...config, version: 2 };
const withPassword: InstanceConfig = { ...version2, auth: { password: "duet", hmac: null } };

const hmac: HmacConfig = {
  keys: [],
  activeKey: 1,
  antiReplay: "time",
  timeWindowMs: 5000,
  mode: "enforce",
};
const signed: InstanceConfig = { ...config, auth: { password: null, hmac } };

function acceptAdvert(own: InstanceConfig, here: Here, packet: IpPacket): Verdict {
  return acceptSigned(own, here, packet, noSignatures);
}

function received(
  change: Partial<Advert> = {},
  around: Partial<IpPacket> = {},
  password: string | null = null,
): IpPacket {
  const path = { source: OTHER, destination: VRRP_GROUP_IPV4, ...around };
  const advert = { ...good, ...change };
  const payload = encodeAdvert(advert, path, { authData: passwordBytes(password) });
  return { ttl: 255, payload, ...path };
}

/** Every bit is right but this byte; without `sums` the checksum agrees with it. */
function spoilt(at: number, byte: number, { sums = true } = {}): IpPacket {
  const packet = received();
  const { payload } = packet;
  const change = (byte - (payload[at] ?? 0)) << (at % 2 === 0 ? 8 : 0);
  payload[at] = byte;
  if (!sums) return packet;
  const sum = payload.readUInt16BE(6) - change;
  payload.writeUInt16BE(sum < 0 ? sum + 0xffff : sum > 0xffff ? sum - 0xffff : sum, 6);
  return packet;
}

test("acceptAdvert() lets a good advert pass, with what the machine needs", (t) => {
  t.deepEqual(acceptAdvert(config, HERE, received()), {
    ok: true,
    advert: good,
    sum: "pseudo-header",
    intervalMs: 1000,
    sourceIsGreater: true,
    sameAddresses: true,
  });
});

const rejections: readonly {
  readonly title: string;
  readonly reason: (typeof REJECT_REASONS)[number];
  readonly packet: IpPacket;
  readonly config?: InstanceConfig;
  readonly here?: Here;
  readonly signatures?: Signatures;
}[] = [
  {
    title: "RFC 5798 §7.1 (TTL is 255): 254 has crossed a router",
    reason: "ttl",
    packet: received({}, { ttl: 254 }),
  },
  {
    title: "RFC 5798 §7.1 (TTL is 255): before anything else is looked at",
    reason: "ttl",
    packet: { ...spoilt(2, 1, { sums: false }), ttl: 1 },
  },
  {
    title: "a packet to this node alone is no advert to the group",
    reason: "destination",
    packet: received({}, { destination: OWN }),
  },
  {
    title: "a packet to the group is none of a peer's",
    reason: "destination",
    packet: received(),
    here: UNICAST,
  },
  {
    title: "with check_unicast_src only peers are heard",
    reason: "unknown_peer",
    packet: received({}, { destination: OWN, source: "198.51.100.30" }),
    here: UNICAST,
  },
  ...[59, 65].map((ttl) => ({
    title: `a peer's TTL of ${ttl} is out of its range`,
    reason: "ttl" as const,
    packet: received({}, { destination: OWN, ttl }),
    here: UNICAST,
  })),
  ...(
    [
      ["length", { ...received(), payload: received().payload.subarray(0, 10) }],
      ["version", spoilt(0, 0x41)],
      ["type", spoilt(0, 0x32)],
      ["checksum", spoilt(2, 1, { sums: false })],
    ] as const
  ).map(([reason, packet]) => ({
    title: `RFC 5798 §7.1 (${reason}): what the decoder refuses`,
    reason,
    packet,
  })),
  {
    title: "RFC 5798 §7.1 (version): version 2 on a version 3 router",
    reason: "version",
    packet: received({ version: 2 }),
  },
  {
    title: "RFC 5798 §7.1 (version): version 3 on a version 2 router",
    reason: "version",
    packet: received(),
    config: version2,
  },
  {
    title: "an advert from our own address is forged, or the address is used twice",
    reason: "own_source",
    packet: received({}, { source: OWN }),
  },
  {
    title: "RFC 5798 §7.1 (owner): the address owner hears nobody, when it is told so",
    reason: "address_owner",
    packet: received({ priority: 255 }),
    config: { ...config, priority: 255, policy: { ...DEFAULT_POLICY, ownerIgnoresAdverts: true } },
  },
  ...[1, 2, 255].map((authType) => ({
    title: `RFC 3768 §7.1 (auth type): ${authType} is not what is configured`,
    reason: "auth_type" as const,
    packet: received({ version: 2, authType }),
    config: version2,
  })),
  {
    title: "RFC 2338 §7.1 (auth type): none where a password is configured",
    reason: "auth_type",
    packet: received({ version: 2 }),
    config: withPassword,
  },
  {
    title: "RFC 2338 §7.1 (password): another one",
    reason: "auth_failure",
    packet: received({ version: 2, authType: 1 }, {}, "tune"),
    config: withPassword,
  },
  ...(
    ["auth_ext_missing", "malformed", "stale", "unknown_key", "invalid_hmac", "replay"] as const
  ).map((reason) => ({
    title: `auth_hmac (${reason}): what the signature check refuses`,
    reason,
    packet: received(),
    config: signed,
    signatures: { open: () => ({ ok: false, reason }) } as Signatures,
  })),
  {
    title: "RFC 3768 §7.1 (advertisement interval): version 2 has to match",
    reason: "advert_interval",
    packet: received({ version: 2, advertIntervalMs: 2000 }),
    config: version2,
  },
  {
    title: "version 3 cannot be learned to come every 0 ms",
    reason: "advert_interval",
    packet: received({ advertIntervalMs: 0 }),
  },
];

for (const each of rejections) {
  const {
    title,
    reason,
    packet,
    config: own = config,
    here = HERE,
    signatures = noSignatures,
  } = each;
  test(`${title}: rejected as "${reason}"`, (t) => {
    t.deepEqual(acceptSigned(own, here, packet, signatures), { ok: false, reason });
  });
}

test("every reason of a rejection is tested here", (t) => {
  t.deepEqual(new Set(rejections.map(({ reason }) => reason)), new Set(REJECT_REASONS));
});

test("RFC 2338 §7.1: version 2 accepts the password that is configured", (t) => {
  const packet = received({ version: 2, authType: 1 }, {}, "duet");
  t.true(acceptAdvert(withPassword, HERE, packet).ok);
});

test("a peer is heard at both ends of its range of TTL, a stranger when strangers are", (t) => {
  for (const ttl of [60, 64]) {
    t.true(acceptAdvert(config, UNICAST, received({}, { destination: OWN, ttl })).ok);
  }
  const open: Here = { ...HERE, unicast: { peers: [], peersOnly: false } };
  t.true(acceptAdvert(config, open, received({}, { destination: OWN, ttl: 1 })).ok);
});

test("RFC 5798 §7.1 version 3 accepts another interval than its own", (t) => {
  t.true(acceptAdvert(config, HERE, received({ advertIntervalMs: 40_950 })).ok);
});

test("an address list that differs is told, not refused, so that a pair can be changed one by one", (t) => {
  const lists = [[], ["203.0.113.2"], ["203.0.113.1", "203.0.113.2"]];
  for (const addresses of lists) {
    const verdict = acceptAdvert(config, HERE, received({ addresses }));
    t.true(verdict.ok && !verdict.sameAddresses, addresses.join());
  }
});

test("the order of the address list does not matter", (t) => {
  const own = { ...config, addresses: ["203.0.113.1", "203.0.113.2"] };
  const verdict = acceptAdvert(own, HERE, received({ addresses: ["203.0.113.2", "203.0.113.1"] }));
  t.true(verdict.ok && verdict.sameAddresses);
});

test("an address told twice does not stand for one that is missing", (t) => {
  const own = { ...config, addresses: ["203.0.113.1", "203.0.113.2"] };
  const verdict = acceptAdvert(own, HERE, received({ addresses: ["203.0.113.1", "203.0.113.1"] }));
  t.true(verdict.ok && !verdict.sameAddresses);
});

test("of two routers each knows the same one as the greater", (t) => {
  fc.assert(
    fc.property(anyAddress, anyAddress, (a, b) => {
      fc.pre(a !== b);
      const aboutB = acceptAdvert(config, { ...HERE, ownSource: a }, received({}, { source: b }));
      const aboutA = acceptAdvert(config, { ...HERE, ownSource: b }, received({}, { source: a }));
      t.true(aboutA.ok && aboutB.ok && aboutA.sourceIsGreater !== aboutB.sourceIsGreater);
    }),
  );
});

test("acceptAdvert() never throws, whatever the bytes", (t) => {
  const ttl = fc.constantFrom(255, 255, 64);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), anyAddress, ttl, (raw, source, hops) => {
      const path = { source, destination: VRRP_GROUP_IPV4 };
      t.notThrows(() =>
        acceptAdvert(config, HERE, { ttl: hops, ...path, payload: Buffer.from(raw) }),
      );
    }),
  );
});
