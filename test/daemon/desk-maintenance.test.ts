// Maintenance of a node as the desk keeps it: written down first, told to the elections, and over by itself.

import test from "ava";
import type { Maintenance } from "../../src/control/maintenance.ts";
import type { SwitchoverAnswer } from "../../src/control/switchover.ts";
import { openDeskMaintenance } from "../../src/daemon/desk/maintenance.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

const START_MS = Date.parse("2026-01-01T00:00:00.000Z");
const HOUR_MS = 3_600_000;
const HANDED: SwitchoverAnswer = { ok: true, reasons: [], switched: [] };
const on = { isOn: true, forMs: null, reason: null, isForced: false } as const;

function open(
  given: {
    readonly first?: Maintenance;
    readonly handed?: SwitchoverAnswer | null;
    readonly failsWith?: string;
  } = {},
) {
  const { clock, advance } = virtualClock();
  const said: string[] = [];
  const reasons: (string | null)[] = [];
  let skewMs = 0;
  const maintenance = openDeskMaintenance({
    clock,
    wallMs: () => START_MS + clock.nowMs() + skewMs,
    log: memoryLog().log,
    degraded: { set: (_kind, _subject, text) => void reasons.push(text) },
    first: given.first ?? null,
    write(next) {
      if (given.failsWith !== undefined) throw new Error(given.failsWith);
      said.push(next === null ? "written: none" : "written");
    },
    tell: (next) => void said.push(next === null ? "told: none" : "told"),
    async handOver(isForced) {
      said.push(isForced ? "handed over by force" : "handed over");
      return given.handed === null ? undefined : (given.handed ?? HANDED);
    },
  });
  const setWall = (byMs: number): void => void (skewMs += byMs);
  return { maintenance, said, reasons, advance, setWall };
}

test("it hands over, is written down, and only then told", async (t) => {
  const { maintenance, said, reasons } = open();
  said.length = 0;
  t.deepEqual(await maintenance.order({ ...on, reason: "new disk" }), { ok: true, reasons: [] });

  t.deepEqual(said, ["handed over", "written", "told"]);
  t.deepEqual(maintenance.now(), {
    since: "2026-01-01T00:00:00.000Z",
    until: null,
    reason: "new disk",
  });
  t.is(reasons.at(-1), "in maintenance (new disk): it stays BACKUP, whoever else fails");
});

test("where nobody takes over it is refused, and says what was handed over all the same", async (t) => {
  const switched = [{ instance: "VI_2", to: null, took_ms: 0 }];
  const handed = { ok: false, reasons: ["VI_1: nobody took over"], switched };
  const { maintenance, said } = open({ handed });
  said.length = 0;
  const answer = await maintenance.order(on);

  t.false(answer.ok);
  t.deepEqual(answer.reasons, ["VI_1: nobody took over", "VI_2 was handed over all the same"]);
  t.deepEqual(said, ["handed over"]);
  t.is(maintenance.now(), null);
});

test("without instances, and where it cannot be written, it is refused", async (t) => {
  const none = await open({ handed: null }).maintenance.order(on);
  t.deepEqual(none.reasons, ["there is no vrrp_instance on this node"]);

  const { maintenance } = open({ failsWith: "Cannot write /x: ENOSPC" });
  const full = await maintenance.order(on);
  t.deepEqual(full.reasons, ["it would not survive a restart: Cannot write /x: ENOSPC"]);
  t.is(maintenance.now(), null);
});

test("said again it has a new end and keeps its since, and nothing is handed over", async (t) => {
  const { maintenance, said, advance } = open();
  await maintenance.order(on);
  advance(1000);
  said.length = 0;
  await maintenance.order({ ...on, forMs: HOUR_MS });

  t.deepEqual(said, ["written", "told"]);
  t.like(maintenance.now(), {
    since: "2026-01-01T00:00:00.000Z",
    until: "2026-01-01T01:00:01.000Z",
  });
});

test("it ends by itself, and with off", async (t) => {
  const { maintenance, said, reasons, advance } = open();
  await maintenance.order({ ...on, forMs: HOUR_MS });
  advance(HOUR_MS - 1);
  t.not(maintenance.now(), null);
  said.length = 0;
  advance(1);
  t.is(maintenance.now(), null);
  t.deepEqual(said, ["written: none", "told: none"]);
  t.is(reasons.at(-1), null);

  await maintenance.order(on);
  t.true((await maintenance.order({ isOn: false })).ok);
  t.is(maintenance.now(), null);
  const again = await maintenance.order({ isOn: false });
  t.deepEqual(again, { ok: false, reasons: ["this node is not in maintenance"] });
});

test("what an earlier run wrote down goes on, and a wall clock that is set forward ends it soon", (t) => {
  const first = {
    since: "2025-12-31T23:00:00.000Z",
    until: "2026-01-01T01:00:00.000Z",
    reason: null,
  };
  const { maintenance, said, advance, setWall } = open({ first });
  t.deepEqual(said, ["told"]);
  t.deepEqual(maintenance.now(), first);
  setWall(2 * HOUR_MS);
  advance(10_000);

  t.is(maintenance.now(), null);
});
