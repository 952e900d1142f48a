// Where duet does not do what RFC 5798 says, on purpose: keepalived's behaviour, RFC 9568's, or its own.

import test from "ava";
import fc from "fast-check";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import { INITIAL, type Input, type State } from "../../src/vrrp/states.ts";
import { advert, backup, config, MASTER_DOWN_MS, master, SKEW_MS, told } from "./router.ts";

const down = { type: "faults", nowMs: 500, faults: ["interface_down"] } as const;
const up = { type: "faults", nowMs: 900, faults: [] } as const;

test("beyond RFC 5798 §6.4.3 (725): a master that steps down says so, after its addresses are gone", (t) => {
  const after = step(config, master(), advert(300));

  t.deepEqual(told(after.actions), [
    "release",
    "send-advert 100",
    "transition MASTER BACKUP higher_priority_advert",
  ]);
});

test("beyond RFC 5798 §6.4.3: that farewell makes the winner of a healed split announce again", (t) => {
  const winner = { ...config, priority: 200 };

  const after = step(winner, master(winner), advert(300, { priority: 100 }));

  t.true(told(after.actions).includes("announce lower-priority"));
});

test("beyond RFC 5798 §6.4.3 (705): who left may have answered until now, so the master announces again", (t) => {
  const after = step(config, master(), advert(300, { priority: 0 }));

  t.deepEqual(told(after.actions), ["send-advert 100", "announce lower-priority"]);
});

test("against RFC 5798 §6.4.3 (775): a lower priority is answered at once, the timer starts again", (t) => {
  const after = step(config, master(), advert(300, { priority: 99 }));

  t.deepEqual(told(after.actions), ["send-advert 100", "announce lower-priority"]);
  t.is(deadlineMs(after.state), 1300);
});

test("beyond RFC 9568 §6.4.3: a source is answered twice at once and then once a second, however much it says", (t) => {
  let state = master();
  let answers = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs += 5) {
    const woken = step(config, state, { type: "timer", nowMs });
    const heard = step(config, woken.state, advert(nowMs, { priority: nowMs % 2 === 0 ? 99 : 0 }));
    answers += told(heard.actions).includes("send-advert 100") ? 1 : 0;
    t.true(
      told(heard.actions).includes("announce lower-priority"),
      "whoever announces bounds that",
    );
    ({ state } = heard);
    t.true(deadlineMs(state) <= nowMs + config.advertIntervalMs, "our own adverts go on");
  }
  t.is(answers, 1 + 10);
});

test("beyond RFC 9568 §6.4.3: what many sources say is remembered of eight, and answered so often", (t) => {
  let state = master();
  let answers = 0;
  for (let nowMs = 0; nowMs < 10_000; nowMs += 2) {
    const source = `192.0.2.${nowMs % 250}`;
    const woken = step(config, state, { type: "timer", nowMs });
    const heard = step(config, woken.state, advert(nowMs, { priority: 99, source }));
    answers += told(heard.actions).includes("send-advert 100") ? 1 : 0;
    ({ state } = heard);
    t.true(state.name === "MASTER" && (state.answered ?? []).length <= 8);
  }
  t.true(answers <= 8 * (2 + 10), `${answers}`);
});

test("beyond RFC 9568 §6.4.3: a storm of one source does not keep another one from its answer", (t) => {
  let state = master();
  for (let nowMs = 0; nowMs < 900; nowMs += 5) {
    ({ state } = step(config, state, advert(nowMs, { priority: 1, source: "192.0.2.66" })));
  }
  const loser = step(config, state, advert(901, { priority: 99, source: "192.0.2.9" }));
  const farewell = step(config, loser.state, advert(904, { priority: 99, source: "192.0.2.9" }));
  for (const { actions } of [loser, farewell])
    t.deepEqual(told(actions), ["send-advert 100", "announce lower-priority"]);
});

test("against RFC 5798 §7.1: of two owners of the same addresses the lesser address steps down", (t) => {
  const owner = { ...config, priority: 255 };

  const lesser = step(owner, master(owner), advert(300, { priority: 255 }));
  const greater = step(
    owner,
    master(owner),
    advert(300, { priority: 255, sourceIsGreater: false }),
  );

  t.is(lesser.state.name, "BACKUP");
  t.is(greater.state.name, "MASTER");
});

test("beyond RFC 5798 §6.4.2 (430): a master that leaves never makes a backup wait longer than without it", (t) => {
  const nowMs = MASTER_DOWN_MS - SKEW_MS / 2;

  const after = step(config, backup(), advert(nowMs, { priority: 0 }));

  t.is(deadlineMs(after.state), MASTER_DOWN_MS);
});

test("keepalived's state MASTER: below 255 it waits like any other", (t) => {
  const eager = { ...config, initialState: "MASTER" as const };

  const after = step(eager, INITIAL, { type: "startup", nowMs: 0, faults: [] });

  t.is(after.state.name, "BACKUP");
});

test("keepalived's nopreempt: any lower master is accepted, for ever", (t) => {
  const calm = { ...config, priority: 254, preempt: false };
  let state = backup(calm);
  for (let nowMs = 1000; nowMs <= 100_000; nowMs += 1000) {
    const heard = step(calm, state, advert(nowMs, { priority: 1 }));
    const woken = step(calm, heard.state, { type: "timer", nowMs });
    t.deepEqual([...heard.actions, ...woken.actions], []);
    state = woken.state;
  }
});

test("keepalived's nopreempt: a master that falls silent is replaced", (t) => {
  const calm = { ...config, preempt: false };
  const { state } = step(calm, backup(calm), advert(1000, { priority: 1 }));

  const after = step(calm, state, { type: "timer", nowMs: 1000 + MASTER_DOWN_MS });

  t.is(after.state.name, "MASTER");
});

test("nopreempt does not keep a master from stepping down for a higher one", (t) => {
  const calm = { ...config, preempt: false };

  t.is(step(calm, master(calm), advert(300)).state.name, "BACKUP");
});

test("a backup that was told priority 0 becomes master for that reason", (t) => {
  const { state } = step(config, backup(), advert(1000, { priority: 0 }));

  const after = step(config, state, { type: "timer", nowMs: deadlineMs(state) });

  t.is(told(after.actions).at(-1), "transition BACKUP MASTER priority_zero_received");
});

test("a backup that heard a new master after priority 0 waits for that one again", (t) => {
  const left = step(config, backup(), advert(1000, { priority: 0 }));
  const { state } = step(config, left.state, advert(1100, { priority: 150 }));

  const after = step(config, state, { type: "timer", nowMs: deadlineMs(state) });

  t.is(deadlineMs(state), 1100 + MASTER_DOWN_MS);
  t.is(told(after.actions).at(-1), "transition BACKUP MASTER master_down_timer");
});

test("keepalived's FAULT: a start with faults waits there, without a timer", (t) => {
  const after = step(config, INITIAL, { ...down, type: "startup" });

  t.deepEqual(told(after.actions), ["transition INIT FAULT fault"]);
  t.is(deadlineMs(after.state), Infinity);
});

test("keepalived's FAULT: a master leaves its addresses first, then sends priority 0", (t) => {
  const after = step(config, master(), down);

  t.deepEqual(told(after.actions), ["release", "send-advert 0", "transition MASTER FAULT fault"]);
});

test("keepalived's FAULT: a backup goes there without a word", (t) => {
  t.deepEqual(told(step(config, backup(), down).actions), ["transition BACKUP FAULT fault"]);
});

test("FAULT: nothing but the end of the faults or a shutdown leaves it", (t) => {
  const { state } = step(config, backup(), down);
  const inputs: readonly Input[] = [
    advert(600),
    advert(600, { priority: 0 }),
    { type: "timer", nowMs: 1e9 },
    { type: "startup", nowMs: 600, faults: [] },
  ];
  for (const input of inputs) t.deepEqual(step(config, state, input), { state, actions: [] });
  t.deepEqual(told(step(config, state, { type: "shutdown", nowMs: 600 }).actions), [
    "transition FAULT INIT shutdown",
  ]);
});

test("FAULT: a cause that is told twice is there once, and goes when it is not told any more", (t) => {
  const once = step(config, backup(), down).state;
  const twice = step(config, once, down).state;
  const after = step(config, twice, up);

  t.deepEqual(twice, { name: "FAULT", faults: ["interface_down"] });
  t.deepEqual(told(after.actions), ["transition FAULT BACKUP fault_cleared"]);
  t.is(deadlineMs(after.state), 900 + MASTER_DOWN_MS);
});

test("FAULT: another cause replaces the first without a transition", (t) => {
  const { state } = step(config, backup(), down);

  const after = step(config, state, { ...down, faults: ["interface_missing"] });

  t.deepEqual(after, { state: { name: "FAULT", faults: ["interface_missing"] }, actions: [] });
});

test("FAULT: the owner of the addresses comes back as master at once", (t) => {
  const owner = { ...config, priority: 255 };
  const { state } = step(owner, master(owner), down);

  t.deepEqual(told(step(owner, state, up).actions), [
    "send-advert 255",
    "hold",
    "announce new-master",
    "transition FAULT MASTER fault_cleared",
  ]);
});

const anyInput: fc.Arbitrary<(nowMs: number) => Input> = fc.oneof(
  fc.constant((nowMs: number): Input => ({ type: "timer", nowMs })),
  fc.constant((nowMs: number): Input => ({ type: "shutdown", nowMs })),
  fc.subarray(["interface_down", "no_source_address"] as const).chain((faults) =>
    fc.constantFrom(
      (nowMs: number): Input => ({ type: "faults", nowMs, faults }),
      (nowMs: number): Input => ({ type: "startup", nowMs, faults }),
    ),
  ),
  fc.record({ priority: fc.integer({ min: 0, max: 255 }), sourceIsGreater: fc.boolean() }).map(
    (change) =>
      (nowMs: number): Input =>
        advert(nowMs, change),
  ),
);

test("whatever happens: addresses are held exactly in MASTER, and each tenure begins with an announcement", (t) => {
  const script = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), anyInput), { maxLength: 60 });
  const priority = fc.constantFrom(1, 100, 254, 255);
  fc.assert(
    fc.property(script, priority, fc.boolean(), (steps, own, preempt) => {
      const router = { ...config, priority: own, preempt };
      let state: State = INITIAL;
      let holds = false;
      let nowMs = 0;
      for (const [waitMs, input] of steps) {
        nowMs += waitMs;
        const before = state.name;
        const { state: next, actions } = step(router, state, input(nowMs));
        state = next;
        const types = actions.map(({ type }) => type);
        if (types.includes("hold")) holds = true;
        if (types.includes("release")) holds = false;
        t.is(holds, state.name === "MASTER");
        t.is(types.includes("transition"), before !== state.name);
        if (before !== "MASTER" && holds) t.true(types.includes("announce"));
        if (before === "MASTER" && !holds) t.true(types.indexOf("release") === 0);
        t.true(deadlineMs(state) > nowMs || before === state.name);
      }
    }),
    { numRuns: 300 },
  );
});

test("every transition has a cause, and starts where the machine was", (t) => {
  const script = fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), anyInput), { maxLength: 60 });
  fc.assert(
    fc.property(script, (steps) => {
      let state: State = INITIAL;
      let nowMs = 0;
      for (const [waitMs, input] of steps) {
        nowMs += waitMs;
        const before = state;
        const result = step(config, state, input(nowMs));
        state = result.state;
        // A master that slept makes two of them: it lets go, and then hears.
        let at = before.name;
        for (const action of result.actions) {
          if (action.type !== "transition") continue;
          t.is(action.from, at);
          t.truthy(action.cause);
          at = action.to;
        }
        t.is(at, state.name);
      }
    }),
  );
});
