// keepalived's table of weights, from what is tracked to the priority that is advertised, for every kind of tracker.

import test from "ava";
import { trackingOf } from "../../src/daemon/vrrp/tracking.ts";
import { type Tracked, type TrackerKind, trackKey } from "../../src/track/model.ts";
import { effectivePriority } from "../../src/vrrp/priority.ts";

const BASE = 100;
const KINDS = [
  "script",
  "interface",
  "process",
  "bfd",
  "virtual_server",
] as const satisfies readonly TrackerKind[];

type Outcome = number | "FAULT";

function outcome(
  kind: (typeof KINDS)[number],
  weight: { readonly weight: number; readonly reverse: boolean },
  up: boolean | null,
): Outcome {
  const tracked: Tracked = { kind, name: "x", up, detail: "", at: null };
  const use = { name: "x", ...weight };
  const { faults, deltas } = trackingOf(
    {
      trackScripts: kind === "script" ? [use] : [],
      tracking: {
        uses: kind === "script" ? [] : [{ kind, ...use }],
        dontTrackPrimary: false,
        bfdPromote: null,
      },
    },
    new Map([[trackKey(kind, "x"), tracked]]),
  );
  return faults.length > 0 ? "FAULT" : effectivePriority(BASE, deltas);
}

// weight, reverse, while up, while down, while nothing is known
const rows: readonly (readonly [number, boolean, Outcome, Outcome, Outcome])[] = [
  [0, false, 100, "FAULT", "FAULT"],
  [0, true, "FAULT", 100, "FAULT"],
  [30, false, 130, 100, 100],
  [-30, false, 100, 70, 100],
  [30, true, 100, 130, 100],
  [-30, true, 70, 100, 100],
  [253, false, 254, 100, 100],
  [-253, false, 100, 1, 100],
];

for (const [weight, reverse, up, down, unknown] of rows) {
  test(`weight ${weight}${reverse ? " reverse" : ""}: ${up} while up, ${down} while down`, (t) => {
    for (const kind of KINDS) {
      const use = { weight, reverse };
      const seen = [true, false, null].map((state) => outcome(kind, use, state));
      t.deepEqual(seen, [up, down, unknown], kind);
    }
  });
}

test("weights add up, between 1 and 254; the owner's priority never moves", (t) => {
  t.is(effectivePriority(100, [50, -20, 7]), 137);
  t.is(effectivePriority(100, [-60, -60]), 1);
  t.is(effectivePriority(200, [60, 60, -1]), 254);
  t.is(effectivePriority(255, [-253, -253]), 255);
});
