import test from "ava";
import { openTurns } from "../../src/lib/turns.ts";
import { turnsByHand } from "../helpers/turns-by-hand.ts";

/** Begins so many pieces of work as soon as it may. */
function worker(turns: ReturnType<typeof turnsByHand>["turns"], log: string[], names: string[]) {
  const again = (): void => {
    while (names.length > 0 && turns.take(again)) log.push(names.shift() ?? "");
  };
  return again;
}

test("one piece of work a turn, and those who wait are asked in order", (t) => {
  const { turns, turn } = turnsByHand();
  const log: string[] = [];
  const begin = ["a", "b", "c"].map((name) => worker(turns, log, [`${name}1`, `${name}2`]));
  for (const each of begin) each();
  t.deepEqual(log, ["a1"], "the first does not wait");
  const after: string[][] = [];
  while (turn()) after.push(log.splice(0));
  t.deepEqual(after, [["a1", "a2"], ["b1"], ["c1"], ["b2"], ["c2"], []]);
});

test("who has nothing to do any more does not use up the turn", (t) => {
  const { turns, turn } = turnsByHand();
  const log: string[] = [];
  const names = ["b1"];
  worker(turns, log, ["a1"])();
  worker(turns, log, names)();
  worker(turns, log, ["c1"])();
  names.length = 0;
  turn();
  t.deepEqual(log, ["a1", "c1"]);
  turn();
  t.false(turn(), "and nothing is called when nobody waits");
  t.true(turns.take(() => undefined));
});

test("timers and messages have their turn between two pieces of work", async (t) => {
  const turns = openTurns(setImmediate);
  const log: string[] = [];
  const tick = (): void => {
    log.push("turn");
    if (log.length < 12) setImmediate(tick);
  };
  setImmediate(tick);
  worker(turns, log, ["1", "2", "3", "4"])();
  await new Promise<void>((resolve) => {
    const look = (): void => void (log.length < 12 ? setImmediate(look) : resolve());
    look();
  });
  t.notRegex(log.join(" "), /\d \d/);
  t.deepEqual(
    log.filter((each) => each !== "turn"),
    ["1", "2", "3", "4"],
  );
});
