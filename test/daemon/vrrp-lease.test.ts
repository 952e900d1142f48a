// The lease of milliseconds of masters with one advert interval: when it is renewed, for how long, and when it is not.

import test from "ava";
import { Lease, type LeaseUser } from "../../src/daemon/vrrp/lease.ts";
import { KernelError } from "../../src/kernel/errors.ts";
import type { ElementsAt, LeaseChange, NftLeases } from "../../src/kernel/nft-leases.ts";
import type { Vip } from "../../src/vip/model.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const ENOENT = 2;

/** What was asked, each as one line: "make", "+10.9.0.1", "-10.9.0.1", "alive 280", "held 300000". */
function modelNft(): {
  readonly nft: NftLeases;
  readonly lines: () => readonly string[];
  readonly broken: { by: Error | undefined; alsoMake: boolean };
} {
  const asked: string[] = [];
  const broken: ReturnType<typeof modelNft>["broken"] = { by: undefined, alsoMake: false };
  const put = (sign: string, { at, elements: { set, entries } }: ElementsAt): void => {
    if (at.family !== "inet") return;
    const [first] = entries;
    if (set === "alive" || set === "held") asked.push(`${set} ${first?.timeoutMs}`);
    else for (const { key } of entries) asked.push(`${sign}${[...key].join(".")}`);
  };
  return {
    broken,
    lines: () => asked.splice(0),
    nft: {
      make(_, elements) {
        if (broken.alsoMake && broken.by !== undefined) throw broken.by;
        asked.push("make");
        for (const each of elements) put("+", each);
        broken.by = undefined;
      },
      change({ add = [], remove = [] }: LeaseChange) {
        if (broken.by !== undefined) throw broken.by;
        for (const each of remove) put("-", each);
        for (const each of add) put("+", each);
      },
      remove: () => {},
      ours: () => [],
      close: () => {},
    },
  };
}

function vipOf(address: string): Vip {
  const rest = { prefixLength: 24, interface: "d0", scope: "global" } as const;
  return { address, ...rest, label: null, broadcast: null };
}

const [FIRST, SECOND] = [[vipOf("10.9.0.1")], [vipOf("10.9.0.1"), vipOf("10.9.0.2")]];

function openLease(): {
  readonly lease: Lease;
  readonly advance: (ms: number) => void;
  readonly nowMs: () => number;
  readonly lost: unknown[];
} & ReturnType<typeof modelNft> {
  const { clock, advance } = virtualClock();
  const model = modelNft();
  const lost: unknown[] = [];
  const parts = { clock, nft: model.nft, onLost: (error: unknown) => void lost.push(error) };
  return { lease: new Lease(100, parts), advance, nowMs: clock.nowMs, lost, ...model };
}

test("a lease runs until the first master may have a successor, and is renewed with adverts", (t) => {
  const { lease, advance, nowMs, lines } = openLease();
  lease.make([]);
  t.deepEqual(lines(), ["make"]);
  let untilMs = nowMs() + 280;
  const user: LeaseUser = { leaseUntilMs: () => untilMs, wake: () => t.fail("it was in time") };
  lease.cover(user, FIRST);
  t.deepEqual(lines(), ["+10.9.0.1", "alive 280", "held 300000"]);
  lease.advertised();
  t.deepEqual(lines(), [], "renewed just now");
  advance(100);
  t.deepEqual(lines(), ["alive 255"], "once more after a takeover");
  untilMs += 100;
  lease.cover(user, FIRST);
  lease.advertised();
  t.deepEqual(lines(), ["alive 280"], "once an advert");
  const other: LeaseUser = { leaseUntilMs: () => nowMs() + 200, wake: () => {} };
  lease.cover(other, SECOND);
  t.deepEqual(lines(), ["+10.9.0.2"], "what another one has already is there once");
  lease.advertised();
  advance(24);
  t.deepEqual(lines(), [], "adverts of many come in between");
  advance(1);
  t.deepEqual(lines(), ["alive 200"], "the first one of all");
  lease.uncover(other);
  t.deepEqual(lines(), ["-10.9.0.2"]);
  lease.uncover(user);
  t.deepEqual(lines(), ["-10.9.0.1"]);
  advance(1000);
  t.false(lease.runs());
  t.deepEqual(lines(), []);
});

test("for how long it is silent without a lease is said anew once a minute", (t) => {
  const { lease, advance, nowMs, lines } = openLease();
  lease.make([]);
  lease.cover({ leaseUntilMs: () => nowMs() + 280, wake: () => {} }, FIRST);
  lines();
  const said: string[] = [];
  for (let i = 0; i < 1300; i += 1) {
    advance(100);
    lease.advertised();
    said.push(...lines().filter((line) => line.startsWith("held")));
  }
  t.deepEqual(said, ["held 300000", "held 300000"]);
});

test("who was silent for too long is asked first, and is not renewed while it is master all the same", (t) => {
  const { lease, advance, nowMs, lines } = openLease();
  lease.make([]);
  let untilMs = nowMs() + 280;
  const woken: string[] = [];
  const stale: LeaseUser = { leaseUntilMs: () => untilMs, wake: () => void woken.push("stale") };
  lease.cover(stale, FIRST);
  const fresh: LeaseUser = { leaseUntilMs: () => nowMs() + 280, wake: () => woken.push("fresh") };
  lease.cover(fresh, [vipOf("10.9.0.3")]);
  lines();
  advance(500);
  t.false(lease.runs());
  lease.cover(fresh, [vipOf("10.9.0.3")]);
  t.deepEqual(woken, ["stale"]);
  t.false(lines().some((line) => line.startsWith("alive")));
  t.false(lease.runs());
  untilMs = -Infinity;
  lease.advertised();
  t.deepEqual(lines(), ["alive 280"], "it is backup now");
  t.true(lease.runs());
});

test("tables that somebody took away are made anew, with all that is in them", (t) => {
  const { lease, advance, nowMs, lines, broken, lost } = openLease();
  lease.make([]);
  const user: LeaseUser = { leaseUntilMs: () => nowMs() + 280, wake: () => {} };
  lease.cover(user, SECOND);
  lines();
  advance(100);
  broken.by = new KernelError("nftables", ENOENT);
  lease.advertised();
  t.deepEqual(lines(), ["make", "+10.9.0.1", "+10.9.0.2", "alive 280", "held 300000"]);
  t.deepEqual(lost, []);
  const refused = new KernelError("nftables", ENOENT);
  Object.assign(broken, { by: refused, alsoMake: true });
  advance(100);
  lease.advertised();
  t.deepEqual(lost, [refused]);
});
