// What the director says of virtual servers, and what its silence comes to.

import test from "ava";
import fc from "fast-check";
import { deadlineMs, INITIAL, type Input, type State, step } from "../../src/track/services.ts";

const config = { names: ["web"], patienceMs: 10_000 };
const configured: Input = { type: "configured", nowMs: 0 };

/** What was found, with the engine's own timer rung whenever it was due. */
function found(inputs: readonly Input[], untilMs = 100_000): readonly string[] {
  let state = INITIAL;
  const said: string[] = [];
  const give = (input: Input): void => {
    const after = step(config, state, input);
    state = after.state;
    for (const { up, detail } of after.actions) {
      said.push(`${input.nowMs} ${up ? "UP" : "DOWN"}: ${detail}`);
    }
  };
  for (const input of [...inputs, { type: "timer", nowMs: untilMs } as const]) {
    for (let dueMs = deadlineMs(state); dueMs < input.nowMs; dueMs = deadlineMs(state)) {
      give({ type: "timer", nowMs: dueMs });
    }
    give(input);
  }
  return said;
}

function told(nowMs: number, up: boolean | null, detail = "as told"): Input {
  return { type: "told", nowMs, services: [{ name: "web", up, detail }] };
}

function silent(nowMs: number): Input {
  return { type: "told", nowMs, services: null };
}

test("a verdict counts at once, and so does another one", (t) => {
  t.deepEqual(found([configured, told(300, true), told(500, false, "gone"), told(900, true)]), [
    "300 UP: as told",
    "500 DOWN: gone",
    "900 UP: as told",
  ]);
});

test("what was told before anything was configured is known at once", (t) => {
  const before = step({ ...config, names: [] }, INITIAL, told(-5, true));
  t.deepEqual(before.actions, []);
  t.deepEqual(step(config, before.state, configured).actions, [
    { type: "found", name: "web", up: true, detail: "as told" },
  ]);
});

test("a director that never answers has failed after the patience, and is believed as soon as it speaks", (t) => {
  t.deepEqual(found([configured, told(30_000, true)]), [
    "10000 DOWN: the director role has not answered yet",
    "30000 UP: as told",
  ]);
});

test("a director that is started again in time moves nothing", (t) => {
  const inputs = [
    configured,
    told(100, true),
    silent(5000),
    told(14_000, null),
    told(14_900, true),
  ];
  t.deepEqual(found(inputs), ["100 UP: as told"]);
});

test("undecided checks keep what was known for one patience, counted from when it was known last", (t) => {
  const why = "its checks have not answered yet";
  const inputs = [configured, told(100, true), silent(5000), told(7000, null, why)];
  t.deepEqual(found([...inputs, told(20_000, true)]), [
    "100 UP: as told",
    `15000 DOWN: ${why}`,
    "20000 UP: as told",
  ]);
});

test("a dead director has failed after the patience, and must live as long before it is believed again", (t) => {
  const inputs = [configured, told(100, true), silent(5000), told(30_000, true)];
  t.deepEqual(found(inputs), [
    "100 UP: as told",
    "15000 DOWN: the director role is dead",
    "30000 DOWN: the director role was dead, and has only just come back",
    "40000 UP: as told",
  ]);
});

test("a director that dies again and again moves the addresses once", (t) => {
  const lives = [20_000, 30_000, 40_000, 50_000].flatMap((atMs) => [
    told(atMs, true),
    silent(atMs + 2000),
  ]);
  const verdicts = found([configured, told(100, true), silent(5000), ...lives]).map(
    (each) => each.split(" ")[1],
  );
  t.deepEqual(verdicts.slice(0, 2), ["UP:", "DOWN:"]);
  t.false(verdicts.slice(2).includes("UP:"));
});

test("a name that the director does not know has failed after the patience", (t) => {
  const other: Input = { type: "told", nowMs: 100, services: [] };
  t.deepEqual(found([configured, other]), ["10000 DOWN: the director role does not know it"]);
});

test("a name that is not configured any more is forgotten", (t) => {
  const first = step(config, INITIAL, told(0, true)).state;
  const none = step({ ...config, names: [] }, first, { type: "configured", nowMs: 1 });
  t.is(none.state.known.size, 0);
  t.is(deadlineMs(none.state), Infinity);
});

test("whatever happens, nothing is up of which nothing was known for the patience", (t) => {
  const said = fc.constantFrom(true, false, "undecided", "silent");
  const event = fc.record({ afterMs: fc.integer({ min: 1, max: 12_000 }), said });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let state: State = step(config, INITIAL, configured).state;
      let nowMs = 0;
      let knownMs = 0;
      let wasVerdict = false;
      for (const { afterMs, said: word } of events) {
        nowMs += afterMs;
        while (deadlineMs(state) <= nowMs) {
          state = step(config, state, { type: "timer", nowMs: deadlineMs(state) }).state;
        }
        if (!wasVerdict && nowMs - knownMs >= config.patienceMs)
          t.false(state.known.get("web")?.up);
        const isVerdict = typeof word === "boolean";
        if (isVerdict || wasVerdict) knownMs = nowMs;
        wasVerdict = isVerdict;
        const input = word === "silent" ? silent(nowMs) : told(nowMs, isVerdict ? word : null);
        state = step(config, state, input).state;
      }
    }),
  );
});
