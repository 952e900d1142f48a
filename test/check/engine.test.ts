import test from "ava";
import fc from "fast-check";
import {
  type Action,
  type Config,
  deadlineMs,
  type Input,
  initialState,
  type State,
  step,
} from "../../src/check/engine.ts";
import type { ProbeResult } from "../../src/check/model.ts";
import { GRACE_MS } from "../../src/check/timing.ts";

const config: Config = {
  intervalMs: 6000,
  timeoutMs: 3000,
  retry: 2,
  delayBeforeRetryMs: 1000,
  rise: 1,
  fastIntervalMs: null,
  downIntervalMs: null,
  connects: 0,
  jitterMs: 0,
};
const good: ProbeResult = { ok: true, detail: "200", tookMs: 1.2 };
const bad: ProbeResult = { ok: false, cause: "wrong_status", detail: "503", tookMs: 1 };

// A checker on a bench: every probe begins at once and answers `tookMs` later, as `answers` say.
function run(options: {
  readonly config?: Partial<Config>;
  readonly assumeUp: boolean;
  readonly answers: readonly ProbeResult[];
  readonly tookMs?: number;
  readonly chance?: number;
}): { readonly log: string[]; readonly state: State } {
  const used = { ...config, ...options.config };
  const log: string[] = [];
  let state: State = initialState;
  let nowMs = 0;
  const give = (input: Input): readonly Action[] => {
    const result = step(used, state, input);
    state = result.state;
    for (const action of result.actions) {
      if (action.type === "verdict") {
        log.push(`${nowMs} ${action.up ? "UP" : "DOWN"} ${action.cause}`);
      } else if (action.type !== "result") log.push(`${nowMs} ${action.type}`);
    }
    return result.actions;
  };
  const { assumeUp, chance = 0 } = options;
  give({ type: "start", nowMs, assumeUp, firstDelayMs: 0, chance });
  for (const result of options.answers) {
    nowMs = deadlineMs(state);
    give({ type: "timer", nowMs });
    give({ type: "started", nowMs, serial: state.serial });
    nowMs += options.tookMs ?? 0;
    give({ type: "result", nowMs, serial: state.serial, result });
  }
  return { log, state };
}

test("step() goes DOWN after 1 + retry failures in a row, spaced delayBeforeRetryMs", (t) => {
  const { log, state } = run({ assumeUp: true, answers: [bad, bad, bad] });
  t.deepEqual(log, ["0 probe", "1000 probe", "2000 probe", "2000 DOWN wrong_status"]);
  t.is(deadlineMs(state), 8000, "then back to the interval");
});

test("step() forgets earlier failures at the first success", (t) => {
  const { log, state } = run({ assumeUp: true, answers: [bad, bad, good, bad, bad] });
  t.false(log.some((line) => line.includes("DOWN")));
  t.true(state.up);
});

test("step() goes UP after `rise` successes in a row, and a failure starts the count again", (t) => {
  const answers = [good, good, bad, good, good, good];
  const { log } = run({ config: { rise: 3 }, assumeUp: false, answers });
  t.deepEqual(log.slice(-2), ["30000 probe", "30000 UP success"]);
  t.is(log.length, 7);
});

test("step() never tells a verdict that the server already has", (t) => {
  t.deepEqual(run({ assumeUp: true, answers: [good, good] }).log, ["0 probe", "6000 probe"]);
  t.deepEqual(run({ assumeUp: false, answers: [bad, bad] }).log, ["0 probe", "6000 probe"]);
});

test("step() counts the interval from probe start to probe start, and a slow probe delays the next", (t) => {
  t.is(deadlineMs(run({ assumeUp: true, answers: [good], tookMs: 2500 }).state), 6000);
  const slow = run({ config: { intervalMs: 1000 }, assumeUp: true, answers: [good], tookMs: 2500 });
  t.is(deadlineMs(slow.state), 2500);
});

test("step() counts delayBeforeRetryMs from the end of the failed probe", (t) => {
  t.is(deadlineMs(run({ assumeUp: true, answers: [bad], tookMs: 2500 }).state), 3500);
});

test("step() asks every fastIntervalMs while results speak against the verdict, whichever it is", (t) => {
  const fast = { fastIntervalMs: 200, rise: 3 };
  const down = run({ config: fast, assumeUp: true, answers: [bad, bad, bad], tookMs: 50 });
  t.deepEqual(down.log, ["0 probe", "200 probe", "400 probe", "450 DOWN wrong_status"]);
  const up = run({ config: fast, assumeUp: false, answers: [bad, good, good, good] });
  t.deepEqual(up.log, ["0 probe", "6000 probe", "6200 probe", "6400 probe", "6400 UP success"]);
});

test("step() asks every downIntervalMs while DOWN, and goes on at that pace until UP", (t) => {
  const config = { downIntervalMs: 9000, retry: 0, rise: 2 };
  const { log } = run({ config, assumeUp: true, answers: [bad, bad, good, good, good] });
  t.deepEqual(
    log.filter((line) => line.includes("probe")),
    ["0 probe", "9000 probe", "18000 probe", "27000 probe", "33000 probe"],
  );
});

test("step() ends the first interval at a moment of its own, and keeps to it from then on", (t) => {
  const { log } = run({ assumeUp: true, answers: [good, good, good], chance: 0.25 });
  t.deepEqual(
    log.map((line) => Number(line.split(" ")[0])),
    [0, 4500, 10_500],
  );
});

test("step() makes every interval longer by a part of jitterMs, and not always by the same", (t) => {
  const answers = Array.from({ length: 50 }, () => good);
  const { log } = run({ config: { jitterMs: 1000 }, assumeUp: true, answers });
  const times = log.map((line) => Number(line.split(" ")[0]));
  const extras = times.slice(1).map((at, i) => at - (times[i] ?? 0) - 6000);
  t.true(extras.every((extra) => extra >= 0 && extra < 1000));
  t.true(Math.max(...extras) - Math.min(...extras) > 800);
});

test("step() tells a weight that changes while the verdict does not, and keeps it over a failure", (t) => {
  const heavy: ProbeResult = { ...good, weight: { kind: "set", value: 7 } };
  const answers = [good, heavy, heavy, bad, good];
  const { log, state } = run({ assumeUp: true, answers });
  t.deepEqual(
    log.filter((line) => !line.includes("probe")),
    ["6000 weight", "19000 weight"],
  );
  t.is(state.weight, null);
});

test("step() keeps the last five results, the newest first", (t) => {
  const answers = [bad, good, good, good, bad, good, good];
  const { state } = run({ assumeUp: true, answers });
  t.deepEqual(
    [state.last, ...state.earlier].map((one) => one?.ok),
    [true, true, false, true, true],
  );
});

test("step() waits firstDelayMs before the first probe", (t) => {
  const { state } = step(config, initialState, {
    type: "start",
    nowMs: 100,
    assumeUp: true,
    firstDelayMs: 700,
    chance: 0,
  });
  t.is(deadlineMs(state), 800);
  t.true(state.up);
});

test('law 5: a probe that never answers is a failure "stale", and its late answer is ignored', (t) => {
  const probing = begin({ ...config, retry: 0 });
  t.is(deadlineMs(probing), 3000 + GRACE_MS);
  const nowMs = deadlineMs(probing);
  const lost = step({ ...config, retry: 0 }, probing, { type: "timer", nowMs });
  t.deepEqual(
    lost.actions.map((action) => action.type),
    ["abort", "result", "verdict"],
  );
  t.is(lost.state.last?.cause, "stale");
  t.false(lost.state.up);
  const late = step(config, lost.state, { type: "result", nowMs, serial: 1, result: good });
  t.is(late.state, lost.state);
});

test("law 5: a probe that waits too long for its slot is a failure, and says so", (t) => {
  const asked = begin(config, false);
  t.is(deadlineMs(asked), 6000 + 3000 + GRACE_MS);
  const lost = step(config, asked, { type: "timer", nowMs: deadlineMs(asked) });
  t.is(lost.state.last?.cause, "stale");
  t.is(lost.state.last?.detail, "not run: too many probes at once");
});

test("step() ignores a result of an older probe while a newer one runs", (t) => {
  let state = begin(config);
  state = step(config, state, { type: "result", nowMs: 1, serial: 1, result: good }).state;
  state = step(config, state, { type: "timer", nowMs: 6000 }).state;
  t.is(state.serial, 2);
  const stale = step(config, state, { type: "result", nowMs: 6001, serial: 1, result: bad });
  t.is(stale.state, state);
});

test("step() ignores a timer that rings early", (t) => {
  const probing = begin(config);
  t.is(step(config, probing, { type: "timer", nowMs: 10 }).state, probing);
});

test("stop ends the checker: the probe is aborted, its answer ignored, nothing to wait for", (t) => {
  const stopped = step(config, begin(config), { type: "stop" });
  t.deepEqual(stopped.actions, [{ type: "abort", serial: 1 }]);
  t.is(deadlineMs(stopped.state), Infinity);
  const late = step(config, stopped.state, { type: "result", nowMs: 9, serial: 1, result: bad });
  t.is(late.state, stopped.state);
});

test("the state carries the last result for status", (t) => {
  const { state } = run({ assumeUp: true, answers: [good], tookMs: 5 });
  const last = { ok: true, cause: "success", detail: "200", tookMs: 1.2, atMs: 5 };
  t.deepEqual(state.last, last as typeof state.last);
});

test("whatever comes in, a verdict follows the right number of equal results, and one probe runs at a time", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { maxLength: 60 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      (oks, assumeUp, retry, rise) => {
        const answers = oks.map((ok) => (ok ? good : bad));
        const { log, state } = run({ config: { retry, rise }, assumeUp, answers });
        let up = assumeUp;
        let inRow = 0;
        let verdicts = 0;
        for (const ok of oks) {
          inRow = ok === up ? 0 : inRow + 1;
          if (inRow < (up ? retry + 1 : rise)) continue;
          up = ok;
          inRow = 0;
          verdicts += 1;
        }
        t.is(state.up, up);
        t.is(log.filter((line) => /UP|DOWN/.test(line)).length, verdicts);
        t.is(log.filter((line) => line.endsWith("probe")).length, oks.length);
      },
    ),
  );
});

test("law 5: whatever came before, a checker that nothing is heard of is DOWN after its failures, each in its time", (t) => {
  fc.assert(
    fc.property(
      fc.record({
        intervalMs: fc.integer({ min: 10, max: 60_000 }),
        timeoutMs: fc.integer({ min: 1, max: 60_000 }),
        retry: fc.nat(4),
        delayBeforeRetryMs: fc.nat(5000),
        rise: fc.integer({ min: 1, max: 4 }),
        fastIntervalMs: fc.option(fc.integer({ min: 10, max: 60_000 })),
        jitterMs: fc.nat(1000),
      }),
      fc.array(fc.boolean(), { maxLength: 8 }),
      // Of each probe after that: whether it gets its slot. None of them ends.
      fc.infiniteStream(fc.boolean()),
      (different, oks, slots) => {
        const used = { ...config, ...different };
        const answers = oks.map((ok) => (ok ? good : bad));
        let { state } = run({ config: different, assumeUp: true, answers });
        const silentMs = state.last?.atMs ?? 0;
        const pauseMs = Math.max(
          used.intervalMs,
          used.delayBeforeRetryMs,
          used.fastIntervalMs ?? 0,
        );
        const patienceMs = Math.max(3 * used.intervalMs, used.timeoutMs) + used.timeoutMs;
        const probeMs = pauseMs + used.jitterMs + patienceMs + 2 * GRACE_MS;
        for (let failures = 0; state.up && failures <= used.retry; failures += 1) {
          let nowMs = deadlineMs(state);
          state = step(used, state, { type: "timer", nowMs }).state;
          if (slots.next().value) {
            nowMs = (nowMs + deadlineMs(state)) / 2;
            state = step(used, state, { type: "started", nowMs, serial: state.serial }).state;
          }
          nowMs = deadlineMs(state);
          const { serial } = state;
          state = step(used, state, { type: "timer", nowMs }).state;
          t.like(state.last, { ok: false, cause: "stale", atMs: nowMs });
          // What was given up may answer whenever it likes.
          const late: Input = { type: "result", nowMs, serial, result: good };
          t.is(step(used, state, late).state, state);
          t.true(nowMs <= silentMs + (failures + 1) * probeMs);
        }
        t.false(state.up);
      },
    ),
  );
});

function begin(used: Config, started = true): State {
  const start = { type: "start", nowMs: 0, assumeUp: true, firstDelayMs: 0, chance: 0 } as const;
  let { state } = step(used, initialState, start);
  state = step(used, state, { type: "timer", nowMs: 0 }).state;
  return started ? step(used, state, { type: "started", nowMs: 0, serial: 1 }).state : state;
}

/** A probe that began at 0 and failed, in a process that went on at `pausedMs` after it had stood still. */
function failedAround(pausedMs: number | undefined, result: ProbeResult = bad): Paused {
  let state: State = initialState;
  const give = (input: Input): readonly Action[] => {
    const after = step({ ...config, retry: 0 }, state, input);
    state = after.state;
    return after.actions;
  };
  give({ type: "start", nowMs: 0, assumeUp: true, firstDelayMs: 0, chance: 0 });
  give({ type: "timer", nowMs: 0 });
  const told = (nowMs: number): readonly string[] => {
    give({ type: "started", nowMs, serial: state.serial });
    const paused = pausedMs === undefined ? {} : { pausedMs: nowMs + pausedMs };
    const input = { type: "result", nowMs: nowMs + 10, serial: state.serial, result } as const;
    return give({ ...input, ...paused }).map(({ type }) => type);
  };
  return { told, up: () => state.up };
}

type Paused = { readonly told: (nowMs: number) => readonly string[]; readonly up: () => boolean };

test("a failure counts at once when nothing stood still, or only before the probe", (t) => {
  for (const pausedMs of [undefined, -5, 0]) {
    t.deepEqual(failedAround(pausedMs).told(0), ["result", "verdict"], String(pausedMs));
  }
});

test("a failure after a pause is asked again, and counts after two repeats", (t) => {
  const { told, up } = failedAround(5);
  t.deepEqual(told(0), ["probe"]);
  t.deepEqual(told(10), ["probe"]);
  t.true(up());
  t.deepEqual(told(20), ["result", "verdict"]);
  t.false(up());
});

test("a success after a pause is a success", (t) => {
  t.deepEqual(failedAround(5, good).told(0), ["result"]);
});

test("who gives up after a pause waits for the result that comes in the same turn", (t) => {
  let state: State = initialState;
  const give = (input: Input): readonly Action[] => {
    const after = step(config, state, input);
    state = after.state;
    return after.actions;
  };
  give({ type: "start", nowMs: 0, assumeUp: true, firstDelayMs: 0, chance: 0 });
  give({ type: "timer", nowMs: 0 });
  give({ type: "started", nowMs: 0, serial: 1 });
  t.deepEqual(give({ type: "timer", nowMs: 60_000, pausedMs: 60_000 }), []);
  t.is(deadlineMs(state), 60_000 + config.timeoutMs + GRACE_MS);
  const lost = give({ type: "timer", nowMs: deadlineMs(state), pausedMs: 60_000 });
  t.deepEqual(
    lost.map(({ type }) => type),
    ["abort", "result"],
    "a probe that never ends is given up all the same",
  );
});
