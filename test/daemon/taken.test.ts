import test from "ava";
import { openTaken } from "../../src/daemon/guardian/taken.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

test("wait() ends when every role has taken this configuration", async (t) => {
  const taken = openTaken(virtualClock().clock, 10_000);
  let ended = false;
  const waiting = taken.wait(2, ["vrrp", "desk"]).then((problems) => {
    ended = true;
    return problems;
  });
  taken.took("vrrp", 2);
  taken.took("desk", 1);
  await Promise.resolve();
  t.false(ended, "the desk took another one");
  taken.took("desk", 2);
  t.deepEqual(await waiting, []);
});

test("wait() says which role did not take it in time, and which died over it", async (t) => {
  const { clock, advance } = virtualClock();
  const taken = openTaken(clock, 10_000);
  const waiting = taken.wait(1, ["vrrp", "director", "desk"]);
  taken.died("director");
  taken.took("desk", 1);
  advance(10_000);
  t.deepEqual(await waiting, [
    "The director role died over the configuration: it is started again with it",
    "The vrrp role did not take the configuration within 10 s",
  ]);
});
