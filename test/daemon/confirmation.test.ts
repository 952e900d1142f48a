// A trial of a configuration, from its beginning to its end: what comes back, and when.

import test from "ava";
import fc from "fast-check";
import {
  deadlineMs,
  type Input,
  NO_TRIAL,
  type State,
  step,
} from "../../src/daemon/guardian/confirmation.ts";

/** Each input with what it comes to, a line each. */
function transcript(...inputs: readonly Input<string>[]): readonly string[] {
  let state: State<string> = NO_TRIAL;
  return inputs.map((input) => {
    const next = step(state, input);
    state = next.state;
    const told = next.actions.map((action) =>
      Object.entries(action)
        .map(([key, value]) => (key === "type" ? value : `${key}=${value}`))
        .join(" "),
    );
    return `${input.type}: ${told.join(", ") || "-"} | ${deadlineMs(state)}`;
  });
}

const load = (nowMs: number, good: string, confirmMs: number | null = null): Input<string> => ({
  type: "load",
  nowMs,
  good,
  confirmMs,
});
const confirm: Input<string> = { type: "confirm" };
const timer = (nowMs: number): Input<string> => ({ type: "timer", nowMs });

test("a reload without --confirm waits for nothing, and there is nothing to confirm", (t) => {
  t.deepEqual(transcript(load(0, "A"), timer(9e9), confirm), [
    "load: - | Infinity",
    "timer: - | Infinity",
    "confirm: nothing-to-confirm reason=Cannot confirm: no configuration waits for it (duet reload --confirm TIME begins with one) | Infinity",
  ]);
});

test("unconfirmed: at the end of the time what ran before comes back, and a late confirmation is told why not", (t) => {
  t.deepEqual(transcript(load(0, "A", 60_000), timer(59_999), timer(60_000), confirm), [
    "load: try good=A forMs=60000 untilMs=60000 isNew=true | 60000",
    "timer: - | 60000",
    "timer: roll-back to=A forMs=60000 | Infinity",
    "confirm: nothing-to-confirm reason=Cannot confirm: no configuration waits for it (the last one was not confirmed in time and was rolled back) | Infinity",
  ]);
});

test("confirmed: it stays, and the next one begins anew", (t) => {
  t.deepEqual(
    transcript(load(0, "A", 1000), confirm, timer(1000), confirm, load(5000, "B", 1000)),
    [
      "load: try good=A forMs=1000 untilMs=1000 isNew=true | 1000",
      "confirm: confirmed | Infinity",
      "timer: - | Infinity",
      "confirm: nothing-to-confirm reason=Cannot confirm: no configuration waits for it (the last one was confirmed) | Infinity",
      "load: try good=B forMs=1000 untilMs=6000 isNew=true | 6000",
    ],
  );
});

test("what is loaded meanwhile is on trial too: a plain reload until the same time, one with --confirm until its own", (t) => {
  t.deepEqual(
    transcript(load(0, "A", 1000), load(400, "B"), load(500, "C", 9000), timer(1000), timer(9500)),
    [
      "load: try good=A forMs=1000 untilMs=1000 isNew=true | 1000",
      "load: try good=A forMs=1000 untilMs=1000 isNew=false | 1000",
      "load: try good=A forMs=9000 untilMs=9500 isNew=true | 9500",
      "timer: - | 9500",
      "timer: roll-back to=A forMs=9000 | Infinity",
    ],
  );
});

test("a stop on trial says so, and nothing comes back any more", (t) => {
  t.deepEqual(transcript(load(0, "A", 1000), { type: "stop" }, timer(1000)), [
    "load: try good=A forMs=1000 untilMs=1000 isNew=true | 1000",
    "stop: left-open | Infinity",
    "timer: - | Infinity",
  ]);
});

test("whatever happens, what comes back is what was confirmed last", (t) => {
  const anyInput = fc.record({
    afterMs: fc.constantFrom(0, 500, 2000),
    what: fc.constantFrom("load", "trial", "confirm", "timer"),
  });
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 20 }), (history) => {
      let state: State<number> = NO_TRIAL;
      let [nowMs, runs, good] = [0, 0, 0];
      history.forEach(({ afterMs, what }, i) => {
        nowMs += afterMs;
        const input: Input<number> =
          what === "confirm"
            ? confirm
            : what === "timer"
              ? { type: "timer", nowMs }
              : { type: "load", nowMs, good: runs, confirmMs: what === "trial" ? 1000 : null };
        const next = step(state, input);
        state = next.state;
        if (input.type === "load") runs = i + 1;
        for (const action of next.actions) {
          if (action.type !== "roll-back") continue;
          t.is(action.to, good);
          runs = action.to;
        }
        // Without a trial what runs is good: it was confirmed, or nobody asked for that.
        if (state.trial === null) good = runs;
      });
    }),
  );
});
