import test from "ava";
import type { TrackerUse } from "../../src/config/model.ts";
import { trackingOf } from "../../src/daemon/vrrp/tracking.ts";
import { fileEffect, type Tracked, trackKey } from "../../src/track/model.ts";
import { priorityWhy } from "../../src/vrrp/priority.ts";

function tracking(uses: readonly TrackerUse[], known: readonly Tracked[]) {
  const config = {
    trackScripts: [{ name: "s", weight: 10, reverse: false }],
    tracking: { uses, dontTrackPrimary: false, bfdPromote: null },
  };
  return trackingOf(
    config,
    new Map(known.map((each) => [trackKey(each.kind ?? "script", each.name), each])),
  );
}

const at = null;
const detail = "";

test("trackingOf() adds what every kind does, and names each fault by its kind", (t) => {
  const uses: readonly TrackerUse[] = [
    { kind: "interface", name: "s", weight: 0, reverse: false },
    { kind: "file", name: "s", weight: -3, reverse: false },
    { kind: "bfd", name: "s", weight: -20, reverse: false },
  ];
  const known: readonly Tracked[] = [
    { name: "s", up: true, detail, at },
    { kind: "interface", name: "s", up: false, detail, at },
    { kind: "file", name: "s", up: true, value: 5, detail, at },
    { kind: "bfd", name: "s", up: false, detail, at },
  ];

  t.like(tracking(uses, known), {
    faults: ["track_interface:s"],
    deltas: [10, 0, -15, -20],
    undecided: [],
  });
});

test("trackingOf() waits for a process that was not looked for yet, where its absence is a FAULT", (t) => {
  const hard: TrackerUse = { kind: "process", name: "p", weight: 0, reverse: false };

  t.deepEqual(tracking([hard], []).faults, ["track_process:p"]);
  t.deepEqual(tracking([hard], []).undecided, ["track_process:p"]);
  t.deepEqual(tracking([{ ...hard, weight: -5 }], []).undecided, []);
});

test("trackingOf() waits for the first words of the director, whatever the weight, and explains the sum", (t) => {
  const use: TrackerUse = { kind: "virtual_server", name: "web", weight: -60, reverse: false };
  const since = "2026-01-01T00:00:00.000Z";
  const known = (up: boolean | null): readonly Tracked[] => [
    { name: "s", up: true, detail, at },
    { kind: "virtual_server", name: "web", up, detail: "it has no quorum", at: since },
  ];

  t.like(tracking([use], known(null)), {
    faults: [],
    deltas: [10, 0],
    undecided: ["track_virtual_server:web"],
  });
  t.like(tracking([use], known(true)), { deltas: [10, 0], undecided: [] });
  const lost = tracking([use], known(false));
  t.like(lost, { faults: [], deltas: [10, -60], undecided: [] });
  t.is(
    priorityWhy(150, lost.parts.slice(1)),
    `150 - 60: virtual server web, it has no quorum, since ${since}`,
  );
  t.deepEqual(tracking([{ ...use, weight: 0 }], known(false)).faults, ["track_virtual_server:web"]);
});

test("trackingOf() says why the priority is what it is, and what is behind a fault", (t) => {
  const since = "2026-01-01T00:00:00.000Z";
  const uses: readonly TrackerUse[] = [
    { kind: "process", name: "nginx", weight: -60, reverse: false },
    { kind: "file", name: "f", weight: 1, reverse: false },
    { kind: "interface", name: "eth1", weight: 0, reverse: false },
  ];
  const known: readonly Tracked[] = [
    { name: "s", up: false, detail: "exit status 1", at: "later", since },
    { kind: "process", name: "nginx", up: false, detail: "0 of 1", at: since },
    { kind: "file", name: "f", up: true, value: 0, detail: "0", at: since },
    { kind: "interface", name: "eth1", up: false, detail: "down", at: since },
  ];

  const { parts, details } = tracking(uses, known);

  t.is(
    priorityWhy(150, parts),
    `150 - 60: script s (worth +10), exit status 1, since ${since}; process nginx, 0 of 1, since ${since}`,
  );
  t.deepEqual([...details], [["track_interface:eth1", { detail: "down", since }]]);
});

test("priorityWhy() says the limit that it met, and nothing more than the number where nothing is tracked", (t) => {
  const part = { what: "script s", missing: 0, detail: "exit status 0", since: null };
  t.is(priorityWhy(200, [{ ...part, delta: 100 }]), "200 + 100 = 254: script s, exit status 0");
  t.is(priorityWhy(200, []), "200");
  t.is(priorityWhy(255, [{ ...part, delta: -100 }]), "255");
});

// keepalived's arithmetic of files.
const rows: readonly (readonly [number, boolean, number, number | "FAULT"])[] = [
  [1, false, 5, 5],
  [-2, false, 5, -10],
  [-2, true, 5, 10],
  [1, false, 300, 253],
  [-1, false, 253, -253],
  [-1, false, 254, "FAULT"],
  [100, false, -3, "FAULT"],
  [0, false, 0, 0],
  [0, false, 1, "FAULT"],
  [0, true, 1, 0],
  [0, true, 0, "FAULT"],
];

for (const [weight, reverse, value, expected] of rows) {
  test(`fileEffect() of ${value} with weight ${weight}${reverse ? " reverse" : ""} is ${expected}`, (t) => {
    const { faults, delta } = fileEffect({ weight, reverse }, value);
    t.deepEqual(faults ? "FAULT" : delta + 0, expected);
  });
}
