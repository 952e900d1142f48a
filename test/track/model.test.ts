import test from "ava";
import { weightOf } from "../../src/track/model.ts";

for (const [weight, reverse, up, down] of [
  [0, false, { faults: false, delta: 0 }, { faults: true, delta: 0 }],
  [0, true, { faults: true, delta: 0 }, { faults: false, delta: 0 }],
  [20, false, { faults: false, delta: 20 }, { faults: false, delta: 0 }],
  [-20, false, { faults: false, delta: 0 }, { faults: false, delta: -20 }],
  [20, true, { faults: false, delta: 0 }, { faults: false, delta: 20 }],
  [-20, true, { faults: false, delta: -20 }, { faults: false, delta: 0 }],
] as const) {
  test(`weightOf() weight ${weight}${reverse ? " reverse" : ""}, as keepalived`, (t) => {
    t.deepEqual(weightOf({ weight, reverse }, true), up);
    t.deepEqual(weightOf({ weight, reverse }, false), down);
  });
}
