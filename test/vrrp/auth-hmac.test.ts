import test from "ava";
import fc from "fast-check";
import type { HmacConfig } from "../../src/vrrp/auth.ts";
import {
  type Heard,
  type HmacVerdict,
  type Marks,
  nextSequence,
  sequenceOf,
  verifySigned,
} from "../../src/vrrp/auth-hmac.ts";
import type { HmacTrailer } from "../../src/wire/vrrp-hmac.ts";

const NOW_MS = 1_800_000_000_500;

const timed: HmacConfig = {
  keys: [
    { id: 1, keyHex: "00".repeat(32), written: `hex:${"00".repeat(32)}` },
    { id: 2, keyHex: "11".repeat(32), written: `hex:${"11".repeat(32)}` },
  ],
  activeKey: 1,
  antiReplay: "time",
  timeWindowMs: 5000,
  mode: "enforce",
};
const ordered: HmacConfig = { ...timed, antiReplay: "monotonic" };

function trailer(change: Partial<HmacTrailer> = {}): HmacTrailer {
  return { extension: 1, keyId: 1, reserved: 0, sequence: sequenceOf(NOW_MS), ...change };
}

function heard(change: Partial<HmacTrailer> = {}, around: Partial<Heard> = {}): Heard {
  return {
    source: "198.51.100.20",
    wallMs: NOW_MS,
    sourcesMax: 4,
    trailer: trailer(change),
    isSignedWith: ({ id }) => id === (change.keyId ?? 1),
    ...around,
  };
}

function at(offsetMs: number): Partial<HmacTrailer> {
  return { sequence: sequenceOf(NOW_MS + offsetMs) };
}

function marksAfter(config: HmacConfig, packets: readonly Heard[], marks: Marks = []): Marks {
  return packets.reduce((before, packet) => {
    const verdict = verifySigned(config, before, packet);
    return verdict.ok ? verdict.marks : before;
  }, marks);
}

function reasonOf(verdict: HmacVerdict): string | undefined {
  return verdict.ok ? undefined : verdict.reason;
}

test("sequenceOf() is seconds, 1/65536 of a second, and a counter of 0", (t) => {
  t.is(sequenceOf(0x68000000 * 1000 + 500), 0x6800_0000_8000_0000n);
  t.is(sequenceOf(1), 65n << 16n);
});

test("verifySigned() takes a packet of now, with either key, in both modes", (t) => {
  for (const config of [timed, ordered]) {
    t.true(verifySigned(config, [], heard()).ok);
    t.true(verifySigned(config, [], heard({ keyId: 2 })).ok);
  }
});

test("verifySigned() refuses a form that it does not know as malformed", (t) => {
  t.is(reasonOf(verifySigned(timed, [], heard({ extension: 2 }))), "malformed");
  t.is(reasonOf(verifySigned(timed, [], heard({ reserved: 1 }))), "malformed");
  t.is(reasonOf(verifySigned(timed, [], heard({}, { trailer: undefined }))), "malformed");
});

test("verifySigned() refuses what is outside of the window, on both sides, only by time", (t) => {
  for (const offsetMs of [-5001, 5001, -86_400_000, 86_400_000]) {
    t.is(reasonOf(verifySigned(timed, [], heard(at(offsetMs)))), "stale", `${offsetMs}`);
    t.true(verifySigned(ordered, [], heard(at(offsetMs))).ok, `${offsetMs}`);
  }
  for (const offsetMs of [-5000, 0, 5000]) {
    t.true(verifySigned(timed, [], heard(at(offsetMs))).ok, `${offsetMs}`);
  }
});

test("verifySigned() asks in the order of their cost: form, age, key, HMAC, order", (t) => {
  const marks = marksAfter(timed, [heard(at(1000))]);
  const bad = { isSignedWith: () => false };
  const all = { ...at(-9000), keyId: 9, reserved: 1 };
  t.is(reasonOf(verifySigned(timed, marks, heard(all, bad))), "malformed");
  t.is(reasonOf(verifySigned(timed, marks, heard({ ...all, reserved: 0 }, bad))), "stale");
  t.is(reasonOf(verifySigned(timed, marks, heard({ keyId: 9 }, bad))), "unknown_key");
  t.is(reasonOf(verifySigned(timed, marks, heard({}, bad))), "invalid_hmac");
  t.is(reasonOf(verifySigned(timed, marks, heard())), "replay");
});

test("no HMAC is computed for what is stale or of an unknown key", (t) => {
  const isSignedWith = (): boolean => {
    t.fail("computed");
    return true;
  };
  verifySigned(timed, [], heard(at(-6000), { isSignedWith }));
  verifySigned(timed, [], heard({ keyId: 9 }, { isSignedWith }));
  t.pass();
});

test("a packet heard twice is a replay, and so is every older one", (t) => {
  for (const config of [timed, ordered]) {
    const marks = marksAfter(config, [heard()]);
    t.is(reasonOf(verifySigned(config, marks, heard())), "replay");
    t.is(reasonOf(verifySigned(config, marks, heard(at(-1)))), "replay");
    t.true(verifySigned(config, marks, heard({ sequence: sequenceOf(NOW_MS) + 1n })).ok);
  }
});

test("a packet that is refused moves no mark", (t) => {
  const marks = marksAfter(timed, [heard()]);
  const forged = heard(at(4000), { isSignedWith: () => false });
  t.is(marksAfter(timed, [forged], marks), marks);
});

test("each source has an order of its own", (t) => {
  const marks = marksAfter(timed, [heard(at(2000), { source: "198.51.100.21" })]);
  t.true(verifySigned(timed, marks, heard()).ok);
});

test("four sources are remembered, those heard last", (t) => {
  const sources = ["a", "b", "c", "d"];
  const packets = sources.map((source) => heard({}, { source }));
  const marks = marksAfter(timed, [
    ...packets,
    heard(at(1), { source: "a" }),
    heard({}, { source: "e" }),
  ]);
  t.deepEqual(
    marks.map(({ source }) => source),
    ["c", "d", "a", "e"],
  );
});

test("more peers than that are remembered when there are more", (t) => {
  const sources = ["a", "b", "c", "d", "e", "f"];
  const marks = marksAfter(
    timed,
    sources.map((source) => heard({}, { source, sourcesMax: 6 })),
  );
  t.is(marks.length, 6);
  for (const source of sources) {
    t.is(reasonOf(verifySigned(timed, marks, heard({}, { source, sourcesMax: 6 }))), "replay");
  }
});

test("a clock that was put back does not shut an honest peer out: by time", (t) => {
  const marks = marksAfter(timed, [heard(at(0))]);
  const hourAgo = -3_600_000;
  const packet = heard(at(hourAgo), { wallMs: NOW_MS + hourAgo });
  t.true(verifySigned(timed, marks, packet).ok);
  t.is(reasonOf(verifySigned(ordered, marks, packet)), "replay");
});

test("RFC 1982 §3.2: a sequence that wraps is newer", (t) => {
  const marks: Marks = [{ source: "198.51.100.20", sequence: 2n ** 64n - 1n }];
  t.true(verifySigned(ordered, marks, heard({ sequence: 0n })).ok);
  t.is(nextSequence(ordered, 2n ** 64n - 1n, 0), 0n);
});

test("nextSequence() is the clock's, and one more when the clock stands still", (t) => {
  const first = nextSequence(timed, null, NOW_MS);
  t.is(first, sequenceOf(NOW_MS));
  t.is(nextSequence(timed, first, NOW_MS), first + 1n);
  t.is(nextSequence(timed, first, NOW_MS + 1), sequenceOf(NOW_MS + 1));
});

test("nextSequence() goes back with a clock that goes back beyond the window: by time only", (t) => {
  const last = sequenceOf(NOW_MS);
  t.is(nextSequence(timed, last, NOW_MS - 4000), last + 1n);
  t.is(nextSequence(timed, last, NOW_MS - 6000), sequenceOf(NOW_MS - 6000));
  t.is(nextSequence(ordered, last, NOW_MS - 6000), last + 1n);
});

test("whatever the clock does, what is sent is taken by a receiver with the same clock, and once (property)", (t) => {
  const step = fc.oneof(
    fc.integer({ min: 0, max: 3000 }),
    fc.integer({ min: -20_000, max: 20_000 }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(timed, ordered),
      fc.array(step, { maxLength: 40 }),
      (config, steps) => {
        let wallMs = NOW_MS;
        let last: bigint | null = null;
        let marks: Marks = [];
        for (const ms of steps) {
          wallMs += ms;
          last = nextSequence(config, last, wallMs);
          const packet = heard({ sequence: last }, { wallMs });
          const verdict = verifySigned(config, marks, packet);
          t.true(verdict.ok, reasonOf(verdict));
          marks = verdict.ok ? verdict.marks : marks;
          t.is(reasonOf(verifySigned(config, marks, packet)), "replay");
        }
      },
    ),
  );
});
