// Reloads that add members to running sync groups, take them out and change priorities, in every life of every world.

import test from "ava";
import fc from "fast-check";
import {
  anyWorld,
  demand,
  electionMaxMs,
  intervalMaxMs,
  live,
  longestMs,
  masterDownMaxMs,
  samplesFrom,
} from "./lives.ts";
import { openWorld, type World, type WorldPlan } from "./world.ts";

const anyPair = anyWorld({ oneInterval: true }).map((plan): WorldPlan => {
  return { ...plan, members: 2, reorders: false };
});

const reload = fc.record({
  /** After the one before, as a part of an election. */
  after: fc.double({ min: 0, max: 1.5, noNaN: true }),
  router: fc.nat({ max: 4 }),
  members: fc.constantFrom(1, 2),
  priority: fc.constantFrom(undefined, undefined, 1, 100, 150),
});

/**
 * Nobody is MASTER beside another one for longer than two adverts take: who does not hear the first one in time becomes MASTER as
 * well, and all others hear that one. With two routers it is as long as one advert takes.
 */
function oneOwnerEach(world: World, plan: WorldPlan): void {
  world.samples.forEach((samples, member) => {
    const two = longestMs(samples, world.nowMs(), ({ masters }) => masters.length > 1);
    const adverts = plan.routers.length === 2 ? 1 : 2;
    demand(
      two <= adverts * plan.delayMaxMs + 0.001,
      `two masters of member ${member} for ${two} ms`,
    );
  });
}

test("whatever reloads do to groups: one owner, of one mind, and one of all members in the end", (t) => {
  live(
    t,
    fc.property(anyPair, fc.array(reload, { maxLength: 10 }), (plan, reloads) => {
      const world = openWorld(plan);
      for (const { start } of world.routers) start();
      for (const { after, router, members, priority } of reloads) {
        world.runUntil(world.nowMs() + after * electionMaxMs(plan));
        world.routers[router % plan.routers.length]?.reload(members, priority);
      }
      for (const router of world.routers) router.reload(2);
      const settledMs = world.nowMs() + 2 * electionMaxMs(plan);
      world.runUntil(settledMs + 10 * intervalMaxMs(plan));
      const owners = world.samples.map((samples) =>
        samplesFrom(samples, settledMs).map(({ masters }) => masters.join("+")),
      );
      const [first = []] = owners;
      demand(first.length === 1 && /^\d$/.test(first[0] ?? ""), `masters: ${first.join(" ")}`);
      demand(
        owners.every((each) => each.join() === first.join()),
        JSON.stringify(owners),
      );
      oneOwnerEach(world, plan);
      demand(world.problems.length === 0, world.problems.join("; "));
    }),
  );
});

test("a member added to running groups, node by node, moves no address that is held", (t) => {
  const rest = fc.double({ min: 0, max: 1.5, noNaN: true });
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });
  live(
    t,
    fc.property(anyPair, order, rest, (plan, turns, after) => {
      const world = openWorld(plan);
      for (const router of world.routers) {
        router.reload(1);
        router.start();
      }
      const [old = [], added = []] = world.samples;
      world.runUntil(2 * masterDownMaxMs(plan));
      const begunMs = world.nowMs();
      for (const turn of turns) {
        world.runUntil(world.nowMs() + after * masterDownMaxMs(plan));
        if (turn < plan.routers.length) world.routers[turn]?.reload(2);
      }
      world.runUntil(world.nowMs() + electionMaxMs(plan));
      const owners = samplesFrom(old, begunMs).map(({ masters }) => masters.join("+"));
      demand(new Set(owners).size === 1, `member 0 moved: ${owners.join(" ")}`);
      const last = added.at(-1)?.masters.join("+");
      demand(last === owners[0], `member 1 is at ${last}, member 0 at ${owners[0]}`);
      oneOwnerEach(world, plan);
      demand(world.problems.length === 0, world.problems.join("; "));
    }),
  );
});
