import test from "ava";
import { planDaemons, type SyncConfig, wantedDaemons } from "../../src/ipvs/lvs.ts";
import type { SyncDaemon } from "../../src/ipvs/model.ts";

const sync: SyncConfig = { instance: "VI_1", interface: "eth1", syncId: 51 };
const KERNEL = { maxLengthBytes: 1460, group: "224.0.0.81", port: 8848, ttl: 1 };
const master: SyncDaemon = { state: "master", interface: "eth1", syncId: 51 };
const backup: SyncDaemon = { ...master, state: "backup" };

test("wantedDaemons() follows the instance, and without one has both", (t) => {
  t.deepEqual(wantedDaemons(sync, true), [master]);
  t.deepEqual(wantedDaemons(sync, false), [backup]);
  t.deepEqual(wantedDaemons({ ...sync, instance: null }, false), [master, backup]);
  t.deepEqual(wantedDaemons(null, true), []);
});

test("planDaemons() changes nothing where the kernel has what is wanted, also after a crash", (t) => {
  t.deepEqual(planDaemons([backup], [{ ...backup, ...KERNEL }], [backup]), { stop: [], start: [] });
  t.deepEqual(planDaemons([backup], [{ ...backup, ...KERNEL }], []), { stop: [], start: [] });
  const long = { ...backup, maxLengthBytes: 60_000 };
  const fitted = { ...backup, ...KERNEL, maxLengthBytes: 1452 };
  t.deepEqual(planDaemons([long], [fitted], [long]), { stop: [], start: [] });
});

test("planDaemons() replaces what differs, and stops what is not wanted any more", (t) => {
  const running = { ...backup, ...KERNEL };
  t.deepEqual(planDaemons([master], [running], [backup]), { stop: [running], start: [master] });
  for (const differing of [{ interface: "eth2" }, { syncId: 7 }, { port: 9 }, { ttl: 2 }, { group: "239.0.0.1" }, { maxLengthBytes: 9 }]) {
    const goal = { ...backup, ...differing };
    t.deepEqual(planDaemons([goal], [running], [backup]), { stop: [running], start: [goal] });
  } // biome-ignore format: a list
  t.deepEqual(planDaemons([], [running], [backup]), { stop: [running], start: [] });
});

test("planDaemons() leaves a daemon of others alone that is not in the way", (t) => {
  const theirs = { ...master, ...KERNEL, syncId: 9 };
  t.deepEqual(planDaemons([backup], [theirs], []), { stop: [], start: [backup] });
  t.deepEqual(planDaemons([], [theirs], []), { stop: [], start: [] });
});
