// Which instances a switchover hands over, and what it answers.

import test from "ava";
import type { SwitchoverOrder } from "../../src/control/switchover.ts";
import type { Outcome } from "../../src/daemon/vrrp/handing-over.ts";
import { type Switchable, switchOver } from "../../src/daemon/vrrp/switchover.ts";
import { config } from "../vrrp/router.ts";

const PEER = { address: "198.51.100.20", priority: 100, heardMs: 700 };
const TAKEN: Outcome = { ok: true, successor: PEER, tookMs: 200 };
const order: SwitchoverOrder = { of: null, isAll: false, isForced: false };

function node(
  states: Readonly<Record<string, "MASTER" | "BACKUP">>,
  options: {
    readonly groups?: Readonly<Record<string, readonly string[]>>;
    readonly intervalsMs?: Readonly<Record<string, number>>;
    readonly outcome?: Outcome;
  } = {},
) {
  const asked: string[] = [];
  const waitsMs: number[] = [];
  const instances = new Map(
    Object.entries(states).map(([name, state]): [string, Switchable] => [
      name,
      {
        isMaster: () => state === "MASTER",
        config: () => ({
          vrrp: { ...config, name, advertIntervalMs: options.intervalsMs?.[name] ?? 1000 },
        }),
        async switchOver(untilMs) {
          asked.push(name);
          waitsMs.push(untilMs - 500);
          return options.outcome ?? TAKEN;
        },
      },
    ]),
  );
  const groups = Object.entries(options.groups ?? {}).map(([name, members]) => ({ name, members }));
  const parts = { instances, groups: () => groups, nowMs: () => 500 };
  return {
    asked,
    waitsMs,
    run: async (o: Partial<SwitchoverOrder>) => switchOver(parts, { ...order, ...o }),
  };
}

test("the only one needs no name, and the answer says who took over", async (t) => {
  const { run, asked } = node({ VI_1: "MASTER" });
  const answer = await run({});

  t.deepEqual(asked, ["VI_1"]);
  t.deepEqual(answer, {
    ok: true,
    reasons: [],
    switched: [{ instance: "VI_1", to: { address: "198.51.100.20", priority: 100 }, took_ms: 200 }],
  });
});

test("of several one has to be named, all that are MASTER go with --all", async (t) => {
  const { run, asked } = node({ VI_1: "MASTER", VI_2: "BACKUP", VI_3: "MASTER" });

  t.deepEqual((await run({})).reasons, ["say which (VI_1, VI_2, VI_3), or --all"]);
  t.deepEqual((await run({ of: "VI_4" })).reasons, [
    'Cannot find "VI_4": there are VI_1, VI_2, VI_3',
  ]);
  t.deepEqual((await run({ of: "VI_2" })).reasons, ["VI_2 is not MASTER on this node"]);
  t.deepEqual(asked, []);
  t.true((await run({ isAll: true })).ok);
  t.deepEqual(asked, ["VI_1", "VI_3"]);
});

test("a sync group goes as a whole, by its name or a member's, and waits for its slowest", async (t) => {
  for (const of of ["G", "VI_1", "VI_2"]) {
    const { run, asked, waitsMs } = node(
      { VI_1: "MASTER", VI_2: "MASTER", VI_3: "MASTER" },
      { groups: { G: ["VI_1", "VI_2"] }, intervalsMs: { VI_1: 100, VI_2: 1000 } },
    );
    t.true((await run({ of })).ok);
    t.deepEqual(asked, ["VI_1", "VI_2"]);
    t.is(waitsMs[0], waitsMs[1]);
    t.true((waitsMs[0] ?? 0) > 1000);
  }
});

test("where nothing is MASTER, or nobody takes over, it says so", async (t) => {
  const backup = await node({ VI_1: "BACKUP", VI_2: "BACKUP" }).run({ isAll: true });
  t.deepEqual(backup.reasons, ["nothing is MASTER on this node"]);
  t.deepEqual((await node({}).run({})).reasons, ["there is no vrrp_instance"]);

  const outcome = { ok: false, reason: "nobody took over" } as const;
  const alone = await node({ VI_1: "MASTER" }, { outcome }).run({});
  t.deepEqual(alone, { ok: false, reasons: ["VI_1: nobody took over"], switched: [] });
});
