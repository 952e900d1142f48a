import test from "ava";
import fc from "fast-check";
import {
  type Config,
  deadlineMs,
  type Input,
  initialState,
  LOST_AFTER_MS,
  type State,
  step,
} from "../../src/track/script.ts";

const config: Config = { intervalMs: 1000, timeoutMs: 1000, rise: 1, fall: 1, initFail: false };

// A script that ends `tookMs` after it was run, well or not as `oks` say.
function play(
  changes: Partial<Config>,
  oks: readonly boolean[],
  tookMs = 0,
): { log: string[]; state: State; counters: number[] } {
  const used = { ...config, ...changes };
  const log: string[] = [];
  const counters: number[] = [];
  let state: State = initialState;
  let nowMs = 0;
  const give = (input: Input): void => {
    const result = step(used, state, input);
    state = result.state;
    for (const action of result.actions) {
      log.push(`${nowMs} ${action.type === "verdict" ? (action.up ? "up" : "down") : action.type}`);
    }
  };
  give({ type: "start", nowMs });
  for (const ok of oks) {
    if (state.phase.name === "waiting") {
      nowMs = deadlineMs(state);
      give({ type: "timer", nowMs });
    }
    nowMs += tookMs;
    const result = { ok, detail: ok ? "exit status 0" : "exit status 1", tookMs };
    give({ type: "ended", nowMs, serial: state.serial, result });
    counters.push(state.counter);
  }
  return { log, state, counters };
}

/** A run that has begun at 0. */
function started(): State {
  const { state } = step(config, initialState, { type: "start", nowMs: 0 });
  return step(config, state, { type: "started", nowMs: 0, serial: state.serial }).state;
}

test("step() runs the script at once, and knows nothing until the first run has ended", (t) => {
  const { log, state } = play({}, []);
  t.deepEqual(log, ["0 run"]);
  t.is(state.verdict, "unknown");
});

test("step() lets the first end decide alone, whatever rise and fall are", (t) => {
  t.deepEqual(play({ rise: 3, fall: 3 }, [true]).log, ["0 run", "0 up"]);
  t.deepEqual(play({ rise: 3, fall: 3 }, [false]).log, ["0 run", "0 down"]);
});

test("init_fail: down at once, and up only after `rise` successes", (t) => {
  const { log } = play({ initFail: true, rise: 2 }, [true, true]);
  t.deepEqual(log, ["0 down", "0 run", "1000 run", "1000 up"]);
});

test("step() goes down after `fall` failures in a row and up after `rise` successes in a row", (t) => {
  const oks = [true, false, true, false, false, false, true, false, true, true];
  const { log, counters } = play({ rise: 2, fall: 3 }, oks);
  t.deepEqual(
    log.filter((text) => !text.endsWith("run")),
    ["0 up", "5000 down", "9000 up"],
  );
  t.deepEqual(counters, [4, 3, 4, 3, 2, 0, 1, 0, 1, 4]);
});

test("a run that takes longer than the interval skips its turns, and never overlaps", (t) => {
  const { state, log } = play({}, [true], 2300);
  t.deepEqual(log, ["0 run", "2300 up"]);
  t.is(deadlineMs(state), 3000);
  t.is(deadlineMs(play({}, [true], 1000).state), 1000, "the next turn is now");
});

test("law 5: a run that never ends is a failure, and its late end is ignored", (t) => {
  const running = started();
  t.is(deadlineMs(running), 1000 + LOST_AFTER_MS);
  const nowMs = deadlineMs(running);
  const lost = step(config, running, { type: "timer", nowMs });
  t.deepEqual(lost.actions, [
    { type: "abort", serial: 1 },
    { type: "verdict", up: false, detail: "killed, and still not ended" },
  ]);
  const result = { ok: true, detail: "exit status 0", tookMs: 1 };
  t.is(step(config, lost.state, { type: "ended", nowMs, serial: 1, result }).state, lost.state);
});

test("step() keeps the last end for status", (t) => {
  const { state } = play({}, [false], 12);
  t.deepEqual(state.last, { ok: false, detail: "exit status 1", tookMs: 12, atMs: 12 });
});

test("stop aborts the run and waits for nothing", (t) => {
  const running = started();
  const stopped = step(config, running, { type: "stop" });
  t.deepEqual(stopped.actions, [{ type: "abort", serial: 1 }]);
  t.is(deadlineMs(stopped.state), Infinity);
});

test("the counter stays in 0 to rise + fall - 1, and the verdict is up exactly from rise on", (t) => {
  const size = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(size, size, fc.boolean(), fc.array(fc.boolean(), { minLength: 1 }), (...drawn) => {
      const [rise, fall, initFail, oks] = drawn;
      const { state, counters } = play({ rise, fall, initFail }, oks);
      t.true(counters.every((counter) => counter >= 0 && counter <= rise + fall - 1));
      t.is(state.verdict, state.counter >= rise ? "up" : "down");
    }),
  );
});

test("who waits for the start of a run has no limit: it is that of the run", (t) => {
  const asked = step(config, initialState, { type: "start", nowMs: 0 }).state;
  t.is(deadlineMs(asked), Infinity);
  const begun = step(config, asked, { type: "started", nowMs: 700, serial: asked.serial }).state;
  t.is(deadlineMs(begun), 1700 + LOST_AFTER_MS);
  const late = step(config, begun, { type: "started", nowMs: 900, serial: asked.serial - 1 });
  t.is(late.state, begun);
});

const failed = { ok: false, detail: "no end in 1000 ms", tookMs: 3000 };

test("a failure that a pause of ours may have made is run again, twice in a row at most", (t) => {
  let state = started();
  for (const nowMs of [3000, 6000]) {
    const again = step(config, state, {
      type: "ended",
      nowMs,
      serial: state.serial,
      result: failed,
      pausedMs: nowMs,
    });
    t.deepEqual(again.actions, [{ type: "run", serial: state.serial + 1 }]);
    t.is(again.state.verdict, "unknown");
    state = again.state;
  }
  const last = step(config, state, {
    type: "ended",
    nowMs: 9000,
    serial: state.serial,
    result: failed,
    pausedMs: 9000,
  });
  t.deepEqual(last.actions, [{ type: "verdict", up: false, detail: failed.detail }]);
  t.is(last.state.repeats, 0);
});

test("a pause before the run, a success in spite of one: nothing is run again", (t) => {
  const state = step(config, started(), { type: "stop" }).state;
  const asked = step(config, state, { type: "start", nowMs: 2000 }).state;
  const { serial } = asked;
  const before = { type: "ended", nowMs: 2500, serial, result: failed, pausedMs: 2000 } as const;
  t.is(step(config, asked, before).state.verdict, "down");
  const well = { ...failed, ok: true, detail: "exit status 0" };
  t.is(step(config, asked, { ...before, result: well, pausedMs: 2400 }).state.verdict, "up");
});

test("after a pause a run has its limit once more: its end is told after the alarms", (t) => {
  const nowMs = 1000 + LOST_AFTER_MS + 2000;
  const late = step(config, started(), { type: "timer", nowMs, pausedMs: nowMs });
  t.deepEqual(late.actions, []);
  t.is(deadlineMs(late.state), nowMs + 1000 + LOST_AFTER_MS);
  const without = step(config, started(), { type: "timer", nowMs });
  t.is(without.state.verdict, "down");
});
