// BFD sessions by RFC 5880 section, alone and two of them on a simulated wire.

import test from "ava";
import fc from "fast-check";
import {
  type Action,
  type Config,
  deadlineMs,
  detectionMs,
  INITIAL,
  type Input,
  type State,
  step,
} from "../../src/track/bfd.ts";
import type { BfdPacket } from "../../src/wire/bfd.ts";
import { config, heard, start, timer, toUp } from "./session.ts";

type Told = { readonly state: State; readonly actions: readonly Action[] };

/** All inputs, one after the other; the actions are those of the last one. */
function after(inputs: readonly Input[], of: Config = config): Told {
  return inputs.reduce<Told>((told, input) => step(of, told.state, input), {
    state: INITIAL,
    actions: [],
  });
}

function sent(actions: readonly Action[]): readonly BfdPacket[] {
  return actions.flatMap((action) => (action.type === "send" ? [action.packet] : []));
}

function moves(actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) =>
    action.type === "changed" ? [`${action.from} ${action.to} ${action.diagnostic}`] : [],
  );
}

test("RFC 5880 §6.8.3: while not up it says that it sends once a second, and does", (t) => {
  const { state, actions } = after([start]);
  t.like(sent(actions)[0], {
    state: "Down",
    desiredMinTxMs: 1000,
    requiredMinRxMs: 10,
    yourDiscriminator: 0,
  });
  t.is(deadlineMs(state), 1000);
});

test("RFC 5880 §6.2: Down, Init, Up by three packets; each move is told at once", (t) => {
  const init = after([start, heard(1)]);
  t.deepEqual(moves(init.actions), ["Down Init 0"]);
  t.like(sent(init.actions)[0], { state: "Init", yourDiscriminator: 77 });
  const up = step(config, init.state, heard(2, { state: "Init" }));
  t.deepEqual(moves(up.actions), ["Init Up 0"]);
  t.like(sent(up.actions)[0], { state: "Up" });
});

test("RFC 5880 §6.8.6: Down goes up at once when the neighbour is in Init, and not when it is Up", (t) => {
  t.deepEqual(moves(after([start, heard(1, { state: "Init" })]).actions), ["Down Up 0"]);
  t.deepEqual(moves(after([start, heard(1, { state: "Up" })]).actions), []);
});

test("RFC 5880 §6.8.6: a neighbour that says Down or AdminDown takes an Up session down, diagnostic 3", (t) => {
  for (const state of ["Down", "AdminDown"] as const) {
    const down = after([...toUp, heard(4, { state })]);
    t.deepEqual(moves(down.actions), ["Up Down 3"]);
    t.like(sent(down.actions)[0], { state: "Down", diagnostic: 3, desiredMinTxMs: 1000 });
  }
});

test("RFC 5880 §6.8.6: AdminDown moves nothing that is Down", (t) => {
  t.deepEqual(moves(after([start, heard(1, { state: "AdminDown" })]).actions), []);
});

test("RFC 5880 §6.8.3, §6.5: up, it asks for the quicker pace by a Poll until the Final", (t) => {
  const up = after(toUp.slice(0, 3));
  t.like(sent(up.actions)[0], { poll: true, desiredMinTxMs: 10 });
  t.like(sent(step(config, up.state, timer(20)).actions)[0], { poll: true });
  const confirmed = step(config, up.state, heard(3, { state: "Up", final: true }));
  t.like(sent(step(config, confirmed.state, timer(20)).actions)[0], { poll: false });
});

test("RFC 5880 §6.8.7: a Poll is answered at once by a Final that polls nothing itself", (t) => {
  const answer = after([...toUp, heard(4, { state: "Up", poll: true })]);
  t.like(sent(answer.actions)[0], { final: true, poll: false });
});

test("RFC 5880 §6.8.3: a slower pace holds only when it is confirmed; the detection time likewise", (t) => {
  const slower = { ...config, minTxMs: 100, minRxMs: 5 };
  const quick = after(toUp);
  const asked = step(slower, quick.state, { type: "configured", nowMs: 10, chance: 1 });
  t.like(sent(asked.actions)[0], { poll: true, desiredMinTxMs: 100, requiredMinRxMs: 5 });
  t.is(deadlineMs(asked.state), 20);
  t.is(detectionMs(asked.state), 30);

  const confirmed = step(
    slower,
    asked.state,
    heard(15, { state: "Up", final: true, desiredMinTxMs: 5 }),
  );
  t.is(detectionMs(confirmed.state), 15);
  const after20 = step(slower, { ...confirmed.state, detectAtMs: Infinity }, timer(20));
  t.is(deadlineMs(after20.state), 120);
});

test("RFC 5880 §6.8.4: the detection time is the neighbour's multiplier times the slower of the two paces", (t) => {
  const { state } = after([...toUp, heard(10, { state: "Up", multiplier: 7, desiredMinTxMs: 50 })]);
  t.is(detectionMs(state), 350);
  const early = step(config, { ...state, sendAtMs: Infinity }, timer(359));
  t.deepEqual(moves(early.actions), []);
  const late = step(config, early.state, timer(360));
  t.deepEqual(moves(late.actions), ["Up Down 1"]);
  t.is(late.state.remote.discriminator, 0);
  t.like(sent(late.actions)[0], { state: "Down", diagnostic: 1, yourDiscriminator: 0 });
});

test("RFC 5880 §6.8.7: it sends no quicker than the neighbour wants, a quarter less at most", (t) => {
  const { state } = after([...toUp, heard(10, { state: "Up", requiredMinRxMs: 200 })]);
  for (const [chance, waitMs] of [
    [0, 150],
    [1, 200],
  ] as const) {
    const next = step(config, { ...state, detectAtMs: Infinity }, timer(20, chance));
    t.is(deadlineMs(next.state), 20 + waitMs);
  }
});

test("RFC 5880 §6.8.7: with a multiplier of 1 at most nine tenths of the pace pass", (t) => {
  const once = { ...config, multiplier: 1 };
  const { state } = after(toUp, once);
  const next = step(once, { ...state, detectAtMs: Infinity }, timer(50, 1));
  t.is(deadlineMs(next.state), 50 + 9);
});

test("RFC 5880 §6.8.7: a neighbour that wants no packets gets none by the clock, but its Final", (t) => {
  const none = { ...config };
  const quiet = after([...toUp, heard(4, { state: "Up", requiredMinRxMs: 0 })], none);
  t.is(quiet.state.sendAtMs, Infinity);
  const polled = step(none, quiet.state, heard(5, { state: "Up", requiredMinRxMs: 0, poll: true }));
  t.like(sent(polled.actions)[0], { final: true });
});

test("RFC 5880 §6.8.7: in the neighbour's demand mode an Up session is silent", (t) => {
  t.is(after([...toUp, heard(4, { state: "Up", demand: true })]).state.sendAtMs, Infinity);
});

test("RFC 5880 §6.8.1: a passive session says nothing before it has heard something", (t) => {
  const passive = { ...config, passive: true };
  const quiet = after([start], passive);
  t.deepEqual(quiet.actions, []);
  t.is(deadlineMs(quiet.state), Infinity);
  t.like(sent(step(passive, quiet.state, heard(1)).actions)[0], { state: "Init" });
});

test("RFC 5880 §6.8.16: stop says AdminDown once and hears nothing more", (t) => {
  const stopped = after([...toUp, { type: "stop" }]);
  t.like(sent(stopped.actions)[0], { state: "AdminDown", diagnostic: 7 });
  t.is(deadlineMs(stopped.state), Infinity);
  t.deepEqual(step(config, stopped.state, heard(9)), { state: stopped.state, actions: [] });
});

// ===== two of them =====

type Wire = {
  readonly lost: (nowMs: number, from: "a" | "b") => boolean;
  readonly delayMs: number;
};
type Event = { readonly atMs: number; readonly who: "a" | "b"; readonly what: string };

/** Runs a pair for so long; every move of either is an event. */
function run(
  configs: { readonly a: Config; readonly b: Config },
  wire: Wire,
  untilMs: number,
  chances: () => number,
): readonly Event[] {
  const states = { a: INITIAL, b: INITIAL };
  const flying: { atMs: number; to: "a" | "b"; packet: BfdPacket }[] = [];
  const events: Event[] = [];
  let nowMs = 0;
  function give(who: "a" | "b", input: Input): void {
    const { state, actions } = step(configs[who], states[who], input);
    states[who] = state;
    for (const action of actions) {
      if (action.type === "changed")
        events.push({ atMs: nowMs, who, what: `${action.from} ${action.to} ${action.diagnostic}` });
      else if (!wire.lost(nowMs, who))
        flying.push({
          atMs: nowMs + wire.delayMs,
          to: who === "a" ? "b" : "a",
          packet: action.packet,
        });
    }
  }
  give("a", { type: "start", nowMs, chance: chances(), discriminator: 1 });
  give("b", { type: "start", nowMs, chance: chances(), discriminator: 2 });
  for (;;) {
    flying.sort((x, y) => x.atMs - y.atMs);
    const next = flying[0];
    const dueMs = Math.min(next?.atMs ?? Infinity, deadlineMs(states.a), deadlineMs(states.b));
    if (dueMs > untilMs) return events;
    nowMs = Math.max(nowMs, dueMs);
    if (next?.atMs === dueMs) {
      flying.shift();
      give(next.to, { type: "packet", nowMs, chance: chances(), packet: next.packet });
    } else
      give(deadlineMs(states.a) === dueMs ? "a" : "b", { type: "timer", nowMs, chance: chances() });
  }
}

const quickly: fc.Arbitrary<Config> = fc.record({
  minTxMs: fc.integer({ min: 1, max: 300 }),
  minRxMs: fc.integer({ min: 1, max: 300 }),
  idleTxMs: fc.constant(1000),
  multiplier: fc.integer({ min: 2, max: 10 }),
  passive: fc.constant(false),
});

test("two sessions of any pace come up within 3 s and stay up on a wire that loses nothing (property)", (t) => {
  fc.assert(
    fc.property(
      quickly,
      quickly,
      fc.boolean(),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1 }),
      (a, b, passive, spread) => {
        let turn = 0;
        const chances = (): number => spread[turn++ % spread.length] ?? 0.5;
        const pair = { a, b: { ...b, passive } };
        const events = run(pair, { lost: () => false, delayMs: 0.1 }, 10_000, chances);
        t.deepEqual(
          events.map(({ what }) => what).filter((what) => what.startsWith("Up")),
          [],
        );
        t.is(events.filter(({ what, atMs }) => what.endsWith("Up 0") && atMs < 3000).length, 2);
      },
    ),
    { numRuns: 60 },
  );
});

test("a wire that is cut brings both down within their detection times, and they come up again (property)", (t) => {
  fc.assert(
    fc.property(quickly, quickly, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, chance) => {
      const wire: Wire = { lost: (nowMs) => nowMs >= 5000 && nowMs < 12_000, delayMs: 0.1 };
      const events = run({ a, b }, wire, 20_000, () => chance);
      for (const [who, mine, other] of [
        ["a", a, b],
        ["b", b, a],
      ] as const) {
        const down = events.find((event) => event.who === who && event.what === "Up Down 1");
        const limitMs = other.multiplier * Math.max(mine.minRxMs, other.minTxMs);
        t.true(down !== undefined && down.atMs <= 5000 + limitMs + 1, `${who} ${down?.atMs}`);
        t.true(
          events.some(
            (event) => event.who === who && event.atMs >= 12_000 && event.what.endsWith("Up 0"),
          ),
        );
      }
    }),
    { numRuns: 60 },
  );
});

test("a wire that is cut in one direction brings both down: one notices, the other is told", (t) => {
  const wire: Wire = { lost: (nowMs, from) => nowMs >= 5000 && from === "a", delayMs: 0.1 };
  const events = run({ a: config, b: config }, wire, 5100, () => 0.5);
  t.deepEqual(
    events.filter(({ atMs }) => atMs >= 5000).map(({ who, what }) => `${who} ${what}`),
    ["b Up Down 1", "a Up Down 3"],
  );
});
