// What holds in every life of every world. A failure prints fast-check's seed and the smallest world found. How many
// lives, and which: see lives.ts; scripts/sim asks for many.

import test from "ava";
import fc from "fast-check";
import {
  anyTroubles,
  anyWorld,
  demand,
  electionMaxMs,
  intervalMaxMs,
  live,
  liveThrough,
  longestMs,
  masterDownMaxMs,
  samplesFrom,
} from "./lives.ts";
import { openWorld } from "./world.ts";

test("on a healed wire there is exactly one master after Master_Down_Interval and one delay", (t) => {
  live(
    t,
    fc.property(anyWorld(), anyTroubles, (plan, troubles) => {
      const world = openWorld(plan);
      const healedMs = liveThrough(world, plan, troubles);
      const settledMs = healedMs + electionMaxMs(plan);
      world.runUntil(settledMs + 10 * intervalMaxMs(plan));
      for (const samples of world.samples) {
        const counts = samplesFrom(samples, settledMs).map(({ masters }) => masters.length);
        demand(counts.join() === "1", `masters after the healing: ${counts.join()}`);
      }
      demand(world.problems.length === 0, world.problems.join("; "));
    }),
  );
});

test("never without a master for longer than Master_Down_Interval and one delay", (t) => {
  live(
    t,
    fc.property(anyWorld(), anyTroubles, (plan, troubles) => {
      const world = openWorld(plan);
      const endMs = liveThrough(world, plan, troubles);
      plan.routers.forEach((_, router) => {
        for (const samples of world.samples) {
          // One router that could be master all the time is enough.
          const missingMs = longestMs(
            samples,
            endMs,
            ({ masters, eligible }) => masters.length === 0 && eligible.includes(router),
          );
          const limitMs = electionMaxMs(plan);
          demand(missingMs <= limitMs, `R${router} let ${missingMs} ms go by`);
        }
      });
      demand(world.problems.length === 0, world.problems.join("; "));
    }),
  );
});

// With intervals that differ a newcomer of a short one cannot know how long the master may be silent.
test("on a quiet wire no two are master for longer than one delay, and nothing changes once settled", (t) => {
  const startsMs = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 5, maxLength: 5 });
  live(
    t,
    fc.property(anyWorld({ oneInterval: true }), startsMs, (plan, starts) => {
      const world = openWorld(plan);
      const order = world.routers
        .map((router, i) => ({ router, atMs: starts[i] ?? 0 }))
        .sort((a, b) => a.atMs - b.atMs);
      for (const { router, atMs } of order) {
        world.runUntil(atMs);
        router.start();
      }
      const settledMs = world.nowMs() + electionMaxMs(plan);
      const endMs = settledMs + 20 * intervalMaxMs(plan);
      world.runUntil(endMs);
      for (const samples of world.samples) {
        for (const [a] of plan.routers.entries()) {
          for (const [b] of plan.routers.entries()) {
            if (a >= b) continue;
            const bothMs = longestMs(
              samples,
              endMs,
              ({ masters }) => masters.includes(a) && masters.includes(b),
            );
            demand(bothMs <= plan.delayMaxMs + 0.001, `R${a} and R${b}: ${bothMs} ms`);
          }
        }
        const changes = samplesFrom(samples, settledMs).length - 1;
        demand(changes === 0, `${changes} changes after it had settled`);
      }
      demand(world.problems.length === 0, world.problems.join("; "));
    }),
  );
});

test("the winner of a healed split announces itself after the losers have let go", (t) => {
  live(
    t,
    fc.property(anyWorld({ alwaysPreempt: true, alone: true }), (plan) => {
      const world = openWorld(plan);
      world.routers.forEach((router, i) => {
        world.cut([i], true);
        router.start();
      });
      const splitMs = 2 * masterDownMaxMs(plan);
      world.runUntil(splitMs);
      const [samples = []] = world.samples;
      demand(samples.at(-1)?.masters.length === plan.routers.length, "not everybody is master");
      for (const [i] of plan.routers.entries()) world.cut([i], false);
      world.runUntil(splitMs + masterDownMaxMs(plan) + 2 * plan.delayMaxMs);
      const [winner, ...more] = samples.at(-1)?.masters ?? [];
      demand(winner !== undefined && more.length === 0, "not exactly one winner");
      const releasedMs = world.releases.at(-1)?.atMs ?? Infinity;
      const own = world.announcements.filter(({ router }) => router === winner);
      demand((own.at(-1)?.atMs ?? 0) >= releasedMs, "the last loser let go after that");
      demand(world.problems.length === 0, world.problems.join("; "));
    }),
  );
});

for (const how of ["stop", "die"] as const) {
  const said = how === "stop" ? "that stops" : "whose guardian carries out its last will";
  test(`a master ${said} is followed after Skew_Time, not Master_Down_Interval`, (t) => {
    live(
      t,
      fc.property(anyWorld({ alwaysPreempt: true, inOrder: true, alone: true }), (plan) => {
        const world = openWorld(plan);
        for (const { start } of world.routers) start();
        const stopMs = 2 * masterDownMaxMs(plan);
        world.runUntil(stopMs);
        const [samples = []] = world.samples;
        world.routers[samples.at(-1)?.masters[0] ?? 0]?.[how]();
        const skewMaxMs = masterDownMaxMs(plan) - 3 * intervalMaxMs(plan);
        world.runUntil(stopMs + skewMaxMs + plan.delayMaxMs);
        demand((samples.at(-1)?.masters.length ?? 0) > 0, "nobody followed");
        demand(world.problems.length === 0, world.problems.join("; "));
      }),
    );
  });
}

test("a backup that was stalled while it was told of its master stays backup", (t) => {
  const stall = fc.record({
    atPart: fc.double({ min: 0, max: 1, noNaN: true }),
    long: fc.nat({ max: 9 }),
  });
  live(
    t,
    fc.property(anyWorld({ alone: true, oneInterval: true }), stall, (plan, { atPart, long }) => {
      const world = openWorld(plan);
      for (const { start } of world.routers) start();
      const intervalMs = intervalMaxMs(plan);
      const stallMs = 2 * masterDownMaxMs(plan) + atPart * intervalMs;
      world.runUntil(stallMs);
      const [samples = []] = world.samples;
      const master = samples.at(-1)?.masters[0] ?? 0;
      const others = world.routers.filter((_, i) => i !== master);
      for (const { stall: pause } of others) pause();
      // Longer than an interval and a delay: there is something in the buffer.
      world.runUntil(stallMs + (1.3 + long) * intervalMs);
      for (const { resume } of others) resume();
      world.runUntil(world.nowMs() + 5 * intervalMs);
      const after = samplesFrom(samples, stallMs).map(({ masters }) => masters.join());
      demand(new Set(after).size === 1, `masters: ${after.join(" ")}`);
    }),
  );
});
