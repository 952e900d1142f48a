import test from "ava";
import { type Drive, drive, type Engine } from "../../src/lib/drive.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

/** Remembers what it was given; "at N" wakes at N, "say X" has X carried out. */
type Input = string;
type State = { readonly wakeAtMs: number; readonly heard: readonly string[] };
const recorder: Engine<string, State, Input, string> = {
  step(config, state, input) {
    const heard = [...state.heard, input === "timer" ? `timer ${config}` : input];
    const at = /^at (.*)/.exec(input)?.[1];
    const wakeAtMs = input === "timer" ? Infinity : at === undefined ? state.wakeAtMs : Number(at);
    const actions = /^say (.*)/.exec(input)?.[1]?.split(" ") ?? [];
    return { state: { wakeAtMs, heard }, actions };
  },
  deadlineMs: (state) => state.wakeAtMs,
};

function open(perform: (action: string) => Input | undefined = () => undefined): {
  readonly engine: Drive<string, State, Input>;
  readonly advance: (ms: number) => void;
} {
  const { clock, advance } = virtualClock();
  const engine = drive<string, State, Input, string>({
    engine: recorder,
    config: "first",
    state: { wakeAtMs: Infinity, heard: [] },
    clock,
    timerInput: () => "timer",
    perform,
  });
  return { engine, advance };
}

test("drive() gives the timer input at the deadline, not before", (t) => {
  const { engine, advance } = open();
  engine.give("at 100");
  advance(99);
  t.deepEqual(engine.state().heard, ["at 100"]);
  advance(1);
  t.deepEqual(engine.state().heard, ["at 100", "timer first"]);
});

test("drive() re-arms: an earlier deadline rings earlier, a later one later, Infinity never", (t) => {
  const { engine, advance } = open();
  engine.give("at 100");
  engine.give("at 50");
  advance(50);
  t.is(engine.state().heard.at(-1), "timer first");
  engine.give("at 100");
  engine.give("at 200");
  advance(100);
  t.is(engine.state().heard.at(-1), "at 200");
  engine.give("at Infinity");
  advance(1000);
  t.is(engine.state().heard.at(-1), "at Infinity");
});

test("drive() carries out all actions of a step, in order, before it hears their answers", (t) => {
  const log: string[] = [];
  const { engine } = open((action) => {
    log.push(`${action} with ${engine.state().heard.length} heard`);
    return action.toUpperCase();
  });
  engine.give("say a b c");
  t.deepEqual(log, ["a with 1 heard", "b with 1 heard", "c with 1 heard"]);
  t.deepEqual(engine.state().heard, ["say a b c", "A", "B", "C"]);
});

test("drive() keeps what is given during an action for the next step", (t) => {
  const { engine } = open((action) => {
    engine.give(`given during ${action}`);
    return undefined;
  });
  engine.give("say a b");
  t.deepEqual(engine.state().heard, ["say a b", "given during a", "given during b"]);
});

test("drive() goes on after an action that threw", (t) => {
  const { engine, advance } = open(() => {
    throw new Error("broken action");
  });
  engine.give("at 10");
  t.throws(() => engine.give("say a"), { message: "broken action" });
  advance(10);
  t.deepEqual(engine.state().heard, ["at 10", "say a", "timer first"]);
});

test("drive().reconfigure() is seen by the next step and keeps the state", (t) => {
  const { engine, advance } = open();
  engine.give("at 10");
  engine.reconfigure("second");
  t.is(engine.config(), "second");
  advance(10);
  t.deepEqual(engine.state().heard, ["at 10", "timer second"]);
});

test("drive().stop() never rings again", (t) => {
  const { engine, advance } = open();
  engine.give("at 10");
  engine.stop();
  advance(100);
  t.deepEqual(engine.state().heard, ["at 10"]);
});
