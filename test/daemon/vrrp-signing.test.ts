import test from "ava";
import fc from "fast-check";
import { type Opened, openSigning, type Signing } from "../../src/daemon/vrrp/signing.ts";
import type { HmacConfig } from "../../src/vrrp/auth.ts";
import { encodeAdvert, VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";

const A = "198.51.100.10";
const NOW_MS = 1_800_000_000_000;

const keyOf = (id: number): HmacConfig["keys"][number] => {
  const keyHex = Buffer.alloc(32, id).toString("hex");
  return { id, keyHex, written: `hex:${keyHex}` };
};

const base: HmacConfig = {
  keys: [keyOf(1), keyOf(2)],
  activeKey: 1,
  antiReplay: "time",
  timeWindowMs: 5000,
  mode: "enforce",
};

const pdu = encodeAdvert(
  {
    version: 3,
    vrid: 51,
    priority: 100,
    advertIntervalMs: 1000,
    addresses: ["203.0.113.1"],
    authType: 0,
  },
  { source: A, destination: VRRP_GROUP_IPV4 },
);

type Node = Signing & { wallMs: number; hmac: HmacConfig | null };

function node(change: Partial<HmacConfig> | null = {}): Node {
  const settings = { wallMs: NOW_MS, hmac: change === null ? null : { ...base, ...change } };
  const signing = openSigning({
    config: () => ({ version: 3, auth: { hmac: settings.hmac } }),
    wallMs: () => settings.wallMs,
    peerCount: () => 0,
  });
  return Object.assign(settings, signing);
}

function outcome(opened: Opened): string {
  return opened.ok ? "ok" : opened.reason;
}

test("what one node seals the other opens, and finds the advert in it", (t) => {
  const packet = node().seal(pdu, A);
  t.is(packet.length, pdu.length + 28);
  t.deepEqual(node().open(packet, A), { ok: true, pdu });
});

test("any flipped bit of a sealed packet is noticed", (t) => {
  const packet = node().seal(pdu, A);
  for (let bit = 0; bit < packet.length * 8; bit += 1) {
    const flipped = Buffer.from(packet);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const opened = node().open(flipped, A);
    // The checksum is judged afterwards, by whoever decodes the advert.
    if (bit >> 3 === 6 || bit >> 3 === 7) t.true(opened.ok);
    else t.false(opened.ok, `bit ${bit}`);
  }
});

test("without auth_hmac packets pass as they are", (t) => {
  const plain = node(null);
  t.is(plain.seal(pdu, A), pdu);
  t.is(plain.sealWill(pdu, A), pdu);
  t.deepEqual(plain.open(pdu, A), { ok: true, pdu });
  t.is(plain.willPeriodMs(), Infinity);
});

for (const { mode, signs, unsigned } of [
  { mode: "enforce", signs: true, unsigned: "auth_ext_missing" },
  { mode: "permissive", signs: true, unsigned: "ok" },
  { mode: "receive-only", signs: false, unsigned: "ok" },
] as const) {
  test(`mode ${mode}: ${signs ? "signs" : "does not sign"}, unsigned is "${unsigned}", badly signed is refused`, (t) => {
    const own = node({ mode });
    t.is(own.seal(pdu, A).length, pdu.length + (signs ? 28 : 0));
    t.is(own.sealWill(pdu, A).length, pdu.length + (signs ? 28 : 0));
    t.is(own.willPeriodMs(), signs ? 1000 : Infinity);
    t.is(outcome(own.open(pdu, A)), unsigned);
    t.is(outcome(own.open(node().seal(pdu, A), A)), "ok");
    const stranger = node({ keys: [{ ...keyOf(9), id: 1 }] });
    t.is(outcome(own.open(stranger.seal(pdu, A), A)), "invalid_hmac");
  });
}

test("a node without auth_hmac leaves a signed packet whole, and nobody can decode it", (t) => {
  const packet = node().seal(pdu, A);
  t.deepEqual(node(null).open(packet, A), { ok: true, pdu: packet });
});

test("another version and another length are said before anything is computed", (t) => {
  const packet = Buffer.from(node().seal(pdu, A));
  t.is(outcome(node().open(packet.subarray(0, -1), A)), "length");
  packet[0] = 0x21;
  t.is(outcome(node().open(packet, A)), "version");
});

test("keys are changed node by node: both are accepted, the active one signs", (t) => {
  const old = node({ activeKey: 1 });
  const renewed = node({ activeKey: 2 });
  t.is(outcome(old.open(renewed.seal(pdu, A), A)), "ok");
  t.is(outcome(renewed.open(old.seal(pdu, A), A)), "ok");
  t.is(outcome(node({ keys: [keyOf(2)], activeKey: 2 }).open(old.seal(pdu, A), A)), "unknown_key");
});

test("another configuration does not make a replay acceptable", (t) => {
  const sender = node();
  const receiver = node();
  const packet = sender.seal(pdu, A);
  t.is(outcome(receiver.open(packet, A)), "ok");
  receiver.hmac = { ...base, activeKey: 2, timeWindowMs: 60_000 };
  t.is(outcome(receiver.open(packet, A)), "replay");
  t.is(outcome(receiver.open(sender.seal(pdu, A), A)), "ok");
});

test("a last will is taken after every advert that left before it was due to be written anew (property)", (t) => {
  const windowMs = fc.constantFrom(1000, 5000, 300_000);
  const waits = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 20 });
  const antiReplay = fc.constantFrom("time" as const, "monotonic" as const);
  fc.assert(
    fc.property(windowMs, waits, waits, antiReplay, (timeWindowMs, before, after, kind) => {
      const change = { timeWindowMs, antiReplay: kind };
      const master = node(change);
      const backup = node(change);
      const advertise = (ms: number): void => {
        master.wallMs += ms;
        backup.wallMs = master.wallMs;
        t.is(outcome(backup.open(master.seal(pdu, A), A)), "ok");
      };
      for (const ms of before) advertise(ms);
      const will = master.sealWill(pdu, A);
      const dueMs = master.wallMs + master.willPeriodMs();
      for (const ms of after) if (master.wallMs + ms <= dueMs) advertise(ms);
      t.is(outcome(backup.open(will, A)), "ok");
      t.is(outcome(backup.open(will, A)), "replay");
      // The process that comes after it is heard at once.
      const next = node(change);
      next.wallMs = master.wallMs + 1;
      t.is(outcome(backup.open(next.seal(pdu, A), A)), "ok");
    }),
  );
});
