import test from "ava";
import { afterDeath, NEVER_DIED, type Respawn } from "../../src/daemon/guardian/respawn.ts";

/** The delays after deaths of a role that lived so long each time. */
function delaysAfter(livesMs: readonly number[]): readonly number[] {
  let respawn: Respawn = NEVER_DIED;
  return livesMs.map((livedMs) => {
    const next = afterDeath(respawn, livedMs);
    respawn = next.respawn;
    return next.delayMs;
  });
}

test("afterDeath(): the first death is answered at once", (t) => {
  t.deepEqual(delaysAfter([10]), [0]);
  t.deepEqual(delaysAfter([1e9]), [0]);
});

test("afterDeath(): a role that keeps dying young waits longer each time, up to a minute", (t) => {
  const delays = delaysAfter(Array<number>(10).fill(10));
  t.deepEqual(delays, [0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test("afterDeath(): a long life forgives the young deaths before it", (t) => {
  t.deepEqual(delaysAfter([10, 10, 10, 60_000, 10]), [0, 1000, 2000, 0, 1000]);
});

test("afterDeath(): never waits longer than a minute, however often it died", (t) => {
  const respawn = { restarts: 5000, youngDeaths: 5000 };
  t.is(afterDeath(respawn, 0).delayMs, 60_000);
});

test("afterDeath(): restarts are counted, forgiven or not", (t) => {
  let respawn = NEVER_DIED;
  for (const livedMs of [10, 1e9, 10]) respawn = afterDeath(respawn, livedMs).respawn;
  t.is(respawn.restarts, 3);
});

test("afterDeath(): what cannot be loaded is tried often, and counted as no restart", (t) => {
  let respawn: Respawn = afterDeath(NEVER_DIED, 1).respawn;
  const delays: number[] = [];
  for (let i = 0; i < 6; i += 1) {
    const next = afterDeath(respawn, 1, true);
    delays.push(next.delayMs);
    respawn = next.respawn;
  }
  t.deepEqual(delays, [1000, 2000, 4000, 5000, 5000, 5000]);
  t.is(respawn.restarts, 1);
});
