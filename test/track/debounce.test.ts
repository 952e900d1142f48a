import test from "ava";
import fc from "fast-check";
import { deadlineMs, INITIAL, type Input, type State, step } from "../../src/track/debounce.ts";

const config = { upDelayMs: 500, downDelayMs: 200 };

function told(inputs: readonly Input[]): readonly string[] {
  let state = INITIAL;
  return inputs.flatMap((input) => {
    const after = step(config, state, input);
    state = after.state;
    return after.actions.map(({ value }) => `${input.nowMs} ${value}`);
  });
}

function seen(nowMs: number, value: boolean): Input {
  return { type: "seen", nowMs, value };
}

function timer(nowMs: number): Input {
  return { type: "timer", nowMs };
}

test("debounce: the first sight counts at once", (t) => {
  t.deepEqual(told([seen(0, false)]), ["0 false"]);
  t.deepEqual(told([seen(0, true)]), ["0 true"]);
});

test("debounce: it turns when the delay of its direction is over, counted from the first sight", (t) => {
  t.deepEqual(told([seen(0, true), seen(100, false), seen(250, false), timer(300)]), [
    "0 true",
    "300 false",
  ]);
  t.deepEqual(told([seen(0, false), seen(100, true), timer(599), timer(600)]), [
    "0 false",
    "600 true",
  ]);
});

test("debounce: a flap shorter than the delay is never told, and the next one starts anew", (t) => {
  const flap = [seen(100, false), seen(299, true), seen(300, false), timer(300), timer(499)];

  t.deepEqual(told([seen(0, true), ...flap, seen(499, true)]), ["0 true"]);
});

test("debounce: without delays every sight counts", (t) => {
  const none = { upDelayMs: 0, downDelayMs: 0 };
  const first = step(none, INITIAL, seen(0, true));

  t.deepEqual(step(none, first.state, seen(1, false)).actions, [{ type: "turned", value: false }]);
});

test("debounce: it never turns while the last sight agrees with it (property)", (t) => {
  const sights = fc.array(fc.tuple(fc.integer({ min: 0, max: 700 }), fc.boolean()));
  fc.assert(
    fc.property(sights, (all) => {
      let state: State = INITIAL;
      let nowMs = 0;
      let last: boolean | null = null;
      for (const [waitMs, value] of all) {
        nowMs += waitMs;
        const rung = deadlineMs(state) <= nowMs ? step(config, state, timer(nowMs)) : undefined;
        for (const action of rung?.actions ?? []) t.true(action.value === last);
        state = step(config, rung?.state ?? state, seen(nowMs, value)).state;
        last = value;
        t.is(deadlineMs(state) === Infinity, state.value === last);
      }
    }),
  );
});
