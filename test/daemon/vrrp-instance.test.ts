import test from "ava";
import { REJECT_REASONS, type RejectReason } from "../../src/vrrp/accept.ts";
import type { HmacConfig } from "../../src/vrrp/auth.ts";
import { type AdvertWay, DEFAULT_POLICY, type InstanceConfig } from "../../src/vrrp/model.ts";
import type { IpPacket } from "../../src/wire/ipv4.ts";
import { type Advert, encodeAdvert, VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";
import { signPdu } from "../../src/wire/vrrp-hmac.ts";
import { type Bench, MASTER_DOWN_MS, openBench } from "./vrrp-fakes.ts";

const OTHER = "198.51.100.20";

const good: Advert = {
  version: 3,
  vrid: 51,
  priority: 200,
  advertIntervalMs: 1000,
  addresses: ["203.0.113.1"],
  authType: 0,
};

function packet(change: Partial<Advert> = {}, around: Partial<IpPacket> = {}): IpPacket {
  const source = around.source ?? OTHER;
  const payload = encodeAdvert({ ...good, ...change }, { source, destination: VRRP_GROUP_IPV4 });
  return { ttl: 255, source, destination: VRRP_GROUP_IPV4, payload, ...around };
}

/** Every bit is right but the first byte, and the checksum says so. */
function typed(first: number): Buffer {
  const { payload } = packet();
  const change = first - (payload[0] ?? 0);
  payload[0] = first;
  const sum = payload.readUInt16BE(6) - (change << 8);
  payload.writeUInt16BE(sum < 0 ? sum + 0xffff : sum, 6);
  return payload;
}

function broken(): Buffer {
  const { payload } = packet();
  payload[2] = (payload[2] ?? 0) ^ 1;
  return payload;
}

const version2: Partial<InstanceConfig> = { version: 2 };

const KEY = Buffer.alloc(32, 7);
const hmac: HmacConfig = {
  keys: [{ id: 1, keyHex: KEY.toString("hex"), written: `hex:${KEY.toString("hex")}` }],
  activeKey: 1,
  antiReplay: "monotonic",
  timeWindowMs: 5000,
  mode: "enforce",
};
const signedRouter = (change: Partial<HmacConfig> = {}): Partial<InstanceConfig> => ({
  auth: { password: null, hmac: { ...hmac, ...change } },
});

function signed({ keyId = 1, key = KEY, sequence = 1n, reserved = 0 } = {}): IpPacket {
  const plain = packet();
  const payload = signPdu(plain.payload, { source: OTHER, keyId, key, sequence });
  payload.writeUInt16BE(reserved, plain.payload.length + 2);
  return { ...plain, payload };
}

const bad: Record<
  Exclude<RejectReason, "replay">,
  { packet: IpPacket; router?: Partial<InstanceConfig>; way?: Partial<AdvertWay> }
> = {
  ttl: { packet: packet({}, { ttl: 254 }) },
  destination: { packet: packet({}, { destination: "198.51.100.10" }) },
  unknown_peer: {
    packet: packet({}, { destination: "198.51.100.10" }),
    way: {
      peers: [{ address: "198.51.100.30", ttlMin: 0, ttlMax: 255 }],
      peersOnly: true,
    },
  },
  length: { packet: packet({}, { payload: packet().payload.subarray(0, 10) }) },
  version: { packet: packet({ version: 2 }) },
  type: { packet: packet({}, { payload: typed(0x32) }) },
  checksum: { packet: packet({}, { payload: broken() }) },
  own_source: { packet: packet({}, { source: "198.51.100.10" }) },
  address_owner: {
    packet: packet(),
    router: { priority: 255, policy: { ...DEFAULT_POLICY, ownerIgnoresAdverts: true } },
  },
  auth_type: { packet: packet({ version: 2, authType: 1 }), router: version2 },
  auth_failure: {
    packet: packet({ version: 2, authType: 1 }),
    router: { version: 2, auth: { password: "duet", hmac: null } },
  },
  auth_ext_missing: { packet: packet(), router: signedRouter() },
  malformed: { packet: signed({ reserved: 1 }), router: signedRouter() },
  stale: { packet: signed(), router: signedRouter({ antiReplay: "time" }) },
  unknown_key: { packet: signed({ keyId: 2 }), router: signedRouter() },
  invalid_hmac: { packet: signed({ key: Buffer.alloc(32) }), router: signedRouter() },
  advert_interval: {
    packet: packet({ version: 2, advertIntervalMs: 5000 }),
    router: version2,
  },
};

for (const reason of REJECT_REASONS) {
  if (reason === "replay") continue;
  for (const state of ["BACKUP", "MASTER"] as const) {
    if (reason === "address_owner" && state === "BACKUP") continue;
    test(`a packet rejected for "${reason}" is one count and nothing else, in ${state}`, (t) => {
      const bench = openBench(bad[reason].router, {}, bad[reason].way);
      bench.instance.start();
      if (state === "MASTER") bench.advance(MASTER_DOWN_MS + 100);
      const before = fingerprint(bench);

      bench.instance.hear(bad[reason].packet);

      const { counters, ...after } = bench.instance.status();
      t.is(after.state, state);
      t.is(counters.rejected[reason], 1);
      t.deepEqual(fingerprint(bench, reason), before);
    });
  }
}

test("a signed packet is accepted once: the same bytes again are a replay, and move no timer", (t) => {
  const bench = openBench(signedRouter());
  bench.instance.start();
  bench.instance.hear(signed());
  t.is(bench.instance.status().counters.adverts_received, 1);
  const before = fingerprint(bench);
  bench.instance.hear(signed());
  t.is(bench.instance.status().counters.rejected["replay"], 1);
  t.deepEqual(fingerprint(bench, "replay"), before);
  bench.instance.hear(signed({ sequence: 2n }));
  t.is(bench.instance.status().counters.adverts_received, 2);
});

test("a reload does not forget what was heard: a replay stays a replay", (t) => {
  const bench = openBench(signedRouter());
  bench.instance.start();
  bench.instance.hear(signed());
  const { vrrp, ...rest } = bench.instance.config();
  bench.instance.reconfigure(
    { ...rest, vrrp: { ...vrrp, priority: 90, name: "other" } },
    bench.port,
  );
  bench.instance.reconsider();
  bench.instance.hear(signed());
  t.is(bench.instance.status().counters.rejected["replay"], 1);
});

test("a password that is right is accepted", (t) => {
  const bench = openBench({ version: 2, auth: { password: "duet", hmac: null } });
  bench.instance.start();
  const way = { source: OTHER, destination: VRRP_GROUP_IPV4 };
  const advert = { ...good, version: 2 as const, authType: 1 };
  const payload = encodeAdvert(advert, way, { authData: Buffer.from("duet") });
  bench.instance.hear({ ttl: 255, ...way, payload });
  t.is(bench.instance.status().counters.adverts_received, 1);
});

test("a password and a signature in one advert: both are looked at", (t) => {
  const router = { version: 2, auth: { password: "duet", hmac } } as const;
  const bench = openBench(router);
  bench.instance.start();
  const way = { source: OTHER, destination: VRRP_GROUP_IPV4 };
  const advert = { ...good, version: 2 as const, authType: 1 };
  ["duet", "tune"].forEach((password, i) => {
    const pdu = encodeAdvert(advert, way, { authData: Buffer.from(password) });
    const how = { source: OTHER, keyId: 1, key: KEY, sequence: BigInt(i + 1) };
    bench.instance.hear({ ttl: 255, ...way, payload: signPdu(pdu, how) });
  });
  const { counters } = bench.instance.status();
  t.is(counters.adverts_received, 1);
  t.is(counters.rejected["auth_failure"], 1);
});

test("keepalived's advert suppression is not here: junk does not put off the adverts of a master", (t) => {
  const bench = openBench();
  bench.instance.start();
  bench.advance(MASTER_DOWN_MS);
  for (let i = 0; i < 100; i += 1) {
    bench.advance(100);
    bench.instance.hear(bad.checksum.packet);
    bench.instance.hear(bad.ttl.packet);
  }
  const times = bench.sent.map(({ atMs }) => atMs);
  t.deepEqual(
    times,
    Array.from({ length: 11 }, (_, i) => MASTER_DOWN_MS + 1000 * i),
  );
});

test("junk does not put off the end of Master_Down_Interval of a backup", (t) => {
  const bench = openBench();
  bench.instance.start();
  for (let i = 0; i < 36; i += 1) {
    bench.advance(100);
    bench.instance.hear(bad.checksum.packet);
  }
  bench.advance(9.375);
  t.true(bench.instance.isMaster());
});

test("a flood of rejected packets is a line a minute", (t) => {
  const bench = openBench();
  bench.instance.start();
  for (let i = 0; i < 10_000; i += 1) bench.instance.hear(bad.ttl.packet);
  t.is(bench.lines.filter(({ msg }) => msg === "advert rejected").length, 1);
  t.is(bench.instance.status().counters.rejected["ttl"], 10_000);
});

test("a packet that was accepted is accepted again, and not when its TTL is another", (t) => {
  const bench = openBench();
  bench.instance.start();
  bench.instance.hear(packet());
  bench.instance.hear(packet());
  bench.instance.hear(packet({}, { ttl: 1 }));
  const { counters, master } = bench.instance.status();
  t.is(counters.adverts_received, 2);
  t.is(counters.rejected["ttl"], 1);
  t.deepEqual(master, { address: OTHER, priority: 200 });
});

test("the bytes of an accepted packet, with another source, are judged anew", (t) => {
  const bench = openBench();
  bench.instance.start();
  bench.instance.hear(packet());
  bench.instance.hear(packet({}, { source: "198.51.100.99", payload: packet().payload }));
  t.is(bench.instance.status().counters.rejected["checksum"], 1);
});

test("an address list that differs is counted, told once, and accepted", (t) => {
  const bench = openBench();
  bench.instance.start();
  for (let i = 0; i < 5; i += 1) bench.instance.hear(packet({ addresses: [] }));
  const { counters } = bench.instance.status();
  t.is(counters.address_list_mismatch, 5);
  t.is(counters.adverts_received, 5);
  const told = bench.lines.filter(({ msg }) => msg === "address list differs from the master's");
  t.is(told.length, 1);
});

test("a master's life in the kernel: addresses on, five frames, two echoes, five more, addresses off, priority 0", (t) => {
  const bench = openBench();
  bench.instance.start();
  bench.advance(MASTER_DOWN_MS);
  t.is(bench.requests.length, 1);
  t.is(bench.frames.length, 5);
  bench.advance(5000);
  t.is(bench.frames.length, 12);
  const held = bench.requests.length;
  bench.instance.stop("shutdown");
  t.is(bench.requests.length, held + 1);
  t.is(bench.sent.at(-1)?.advert?.priority, 0);
  bench.advance(60_000);
  t.is(bench.requests.length, held + 1, "nothing is renewed after that");
  t.is(bench.frames.length, 12);
});

test("an owner whose source address changed advertises by the new one at once", (t) => {
  const bench = openBench({ priority: 255 });
  bench.instance.start();
  bench.setPort({ faults: ["no_source_address"] });
  bench.setPort({ source: "198.51.100.77", faults: [] });
  t.true(bench.instance.isMaster());
  t.is(bench.sent.at(-1)?.advert?.priority, 255, "its checksum is right for the new address");
});

/** All that may not change by a rejected packet: without the count of that rejection. */
function fingerprint(bench: Bench, reason?: RejectReason): unknown {
  const { counters, ...status } = bench.instance.status();
  const rejected = { ...counters.rejected };
  if (reason !== undefined) rejected[reason] = (rejected[reason] ?? 0) - 1;
  return structuredClone({
    status,
    counters: { ...counters, rejected },
    sent: bench.sent.length,
    requests: bench.requests.length,
    frames: bench.frames.length,
    alarmsSet: bench.alarmsSet(),
  });
}

test("a unicast instance that leaves FAULT announces its own address, one of the group does not", (t) => {
  const peers = [{ address: OTHER, ttlMin: 0, ttlMax: 255 }];
  for (const [way, times] of [
    [{ peers }, 1],
    [{}, 0],
  ] as const) {
    const bench = openBench({}, {}, way);
    bench.instance.start();
    bench.setPort({ faults: ["interface_down"] });
    t.is(bench.instance.status().state, "FAULT");
    t.deepEqual(bench.frames, []);
    bench.setPort({ faults: [] });
    t.is(bench.instance.status().state, "BACKUP");
    t.is(bench.frames.length, times);
  }
});

test("who was reloaded as MASTER announces itself no more often when it is MASTER again", (t) => {
  const bench = openBench();
  const { instance, frames } = bench;
  const announcedBy = (become: () => void): number => {
    const before = frames.length;
    become();
    t.true(instance.isMaster());
    return frames.length - before;
  };
  const first = announcedBy(() => {
    instance.start();
    bench.advance(MASTER_DOWN_MS);
  });
  instance.reconfigure({ ...instance.config() }, bench.port);
  instance.hear(packet());
  t.false(instance.isMaster());
  t.is(
    announcedBy(() => bench.advance(MASTER_DOWN_MS)),
    first,
  );
});
