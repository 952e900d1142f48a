// What holds in every life of every world. A failure prints fast-check's seed and the smallest world found.

import test from "ava";
import fc from "fast-check";
import {
  anyTroubles,
  anyWorld,
  demand,
  intervalMaxMs,
  liveThrough,
  longestMs,
  masterDownMaxMs,
  samplesFrom,
} from "./lives.ts";
import { openWorld } from "./world.ts";

for (const routers of [2, 3] as const) {
  test(`${routers} routers: on a healed wire there is exactly one master after Master_Down_Interval and one delay`, (t) => {
    fc.assert(
      fc.property(anyWorld({ routers }), anyTroubles, (plan, troubles) => {
        const world = openWorld(plan);
        const healedMs = liveThrough(world, plan, troubles);
        const settledMs = healedMs + masterDownMaxMs(plan) + plan.delayMaxMs;
        world.runUntil(settledMs + 10 * intervalMaxMs(plan));
        const counts = samplesFrom(world.samples, settledMs).map(({ masters }) => masters.length);
        demand(counts.join() === "1", `masters after the healing: ${counts.join()}`);
        demand(world.problems.length === 0, world.problems.join("; "));
      }),
      { numRuns: 300 },
    );
    t.pass();
  });

  test(`${routers} routers: never without a master for longer than Master_Down_Interval and one delay`, (t) => {
    fc.assert(
      fc.property(anyWorld({ routers }), anyTroubles, (plan, troubles) => {
        const world = openWorld(plan);
        const endMs = liveThrough(world, plan, troubles);
        plan.routers.forEach((_, router) => {
          // One router that could be master all the time is enough.
          const missingMs = longestMs(
            world.samples,
            endMs,
            ({ masters, eligible }) => masters.length === 0 && eligible.includes(router),
          );
          const limitMs = masterDownMaxMs(plan) + plan.delayMaxMs;
          demand(missingMs <= limitMs, `R${router} let ${missingMs} ms go by`);
        });
        demand(world.problems.length === 0, world.problems.join("; "));
      }),
      { numRuns: 300 },
    );
    t.pass();
  });

  // With intervals that differ a newcomer of a short one cannot know how long the master may be silent.
  test(`${routers} routers: on a quiet wire no two are master for longer than one delay, and nothing changes once settled`, (t) => {
    const startsMs = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(anyWorld({ routers, oneInterval: true }), startsMs, (plan, starts) => {
        const world = openWorld(plan);
        const order = plan.routers
          .map((_, router) => ({ router, atMs: starts[router] ?? 0 }))
          .sort((a, b) => a.atMs - b.atMs);
        for (const { router, atMs } of order) {
          world.runUntil(atMs);
          world.start(router);
        }
        const settledMs = world.nowMs() + masterDownMaxMs(plan) + plan.delayMaxMs;
        const endMs = settledMs + 20 * intervalMaxMs(plan);
        world.runUntil(endMs);
        for (const pair of [[0, 1] as const, [0, 2] as const, [1, 2] as const]) {
          const bothMs = longestMs(world.samples, endMs, ({ masters }) =>
            pair.every((router) => masters.includes(router)),
          );
          demand(bothMs <= plan.delayMaxMs + 0.001, `R${pair.join(" and R")}: ${bothMs} ms`);
        }
        const changes = samplesFrom(world.samples, settledMs).length - 1;
        demand(changes === 0, `${changes} changes after it had settled`);
        demand(world.problems.length === 0, world.problems.join("; "));
      }),
      { numRuns: 300 },
    );
    t.pass();
  });

  test(`${routers} routers: the winner of a healed split announces itself after the losers have let go`, (t) => {
    fc.assert(
      fc.property(anyWorld({ routers, alwaysPreempt: true }), (plan) => {
        const world = openWorld(plan);
        const everybody = plan.routers.map((_, i) => i);
        for (const i of everybody) {
          world.cut([i], true);
          world.start(i);
        }
        const splitMs = 2 * masterDownMaxMs(plan);
        world.runUntil(splitMs);
        demand(world.samples.at(-1)?.masters.length === routers, "not everybody is master");
        for (const i of everybody) world.cut([i], false);
        world.runUntil(splitMs + masterDownMaxMs(plan) + 2 * plan.delayMaxMs);
        const [winner, ...more] = world.samples.at(-1)?.masters ?? [];
        demand(winner !== undefined && more.length === 0, "not exactly one winner");
        const releasedMs = world.releases.at(-1)?.atMs ?? Infinity;
        const own = world.announcements.filter(({ router }) => router === winner);
        demand((own.at(-1)?.atMs ?? 0) >= releasedMs, "the last loser let go after that");
        demand(world.problems.length === 0, world.problems.join("; "));
      }),
      { numRuns: 200 },
    );
    t.pass();
  });

  test(`${routers} routers: a master that stops is followed after Skew_Time, not Master_Down_Interval`, (t) => {
    fc.assert(
      fc.property(anyWorld({ routers, alwaysPreempt: true, inOrder: true }), (plan) => {
        const world = openWorld(plan);
        plan.routers.forEach((_, i) => {
          world.start(i);
        });
        const stopMs = 2 * masterDownMaxMs(plan);
        world.runUntil(stopMs);
        world.stop(world.samples.at(-1)?.masters[0] ?? 0);
        const skewMaxMs = masterDownMaxMs(plan) - 3 * intervalMaxMs(plan);
        world.runUntil(stopMs + skewMaxMs + plan.delayMaxMs);
        demand((world.samples.at(-1)?.masters.length ?? 0) > 0, "nobody followed");
        demand(world.problems.length === 0, world.problems.join("; "));
      }),
      { numRuns: 200 },
    );
    t.pass();
  });
}
