import test from "ava";
import { deadlineMs, step } from "../../src/vrrp/machine.ts";
import type { ElectionPolicy, InstanceConfig } from "../../src/vrrp/model.ts";
import type { Input, State } from "../../src/vrrp/states.ts";
import { config } from "./router.ts";

const MASTER: State = { name: "MASTER", advertAtMs: 1000 };

test("preempt_delay leaves a lower master alone for so long, then the timer runs out", (t) => {
  const own = withPolicy({ preemptDelayMs: 5000 });
  let state = step(own, { name: "INIT" }, { type: "startup", nowMs: 0, faults: [] }).state;
  for (let nowMs = 500; nowMs < 5500; nowMs += 1000) {
    state = step(own, state, advert(50, nowMs)).state;
    t.true(deadlineMs(state) > nowMs + 3000, `heard at ${nowMs}`);
  }
  const lastAccepted = deadlineMs(state);
  state = step(own, state, advert(50, 5600)).state;
  t.is(deadlineMs(state), lastAccepted);
});

test("preempt_delay begins anew after a better master was heard", (t) => {
  const own = withPolicy({ preemptDelayMs: 5000 });
  let state = step(own, { name: "INIT" }, { type: "startup", nowMs: 0, faults: [] }).state;
  state = step(own, state, advert(50, 500)).state;
  state = step(own, state, advert(200, 5000)).state;
  state = step(own, state, advert(50, 6000)).state;
  t.true(deadlineMs(state) > 9000);
});

test("preempt_delay does not wait for a master that is dead", (t) => {
  const own = withPolicy({ preemptDelayMs: 60_000 });
  let state = step(own, { name: "INIT" }, { type: "startup", nowMs: 0, faults: [] }).state;
  state = step(own, state, advert(50, 500)).state;
  t.true(deadlineMs(state) < 5000);
  t.is(step(own, state, { type: "timer", nowMs: deadlineMs(state) }).state.name, "MASTER");
});

test("down_timer_adverts is how many adverts may be missed", (t) => {
  const deadline = (downTimerAdverts: number): number =>
    deadlineMs(
      step(
        withPolicy({ downTimerAdverts }),
        { name: "INIT" },
        { type: "startup", nowMs: 0, faults: [] },
      ).state,
    );
  t.is(deadline(5) - deadline(3), 2000);
});

test("lower_prio_no_advert: a lower advert is announced against, not answered, and moves no timer", (t) => {
  const { state, actions } = step(withPolicy({ answersLower: false }), MASTER, advert(50, 300));
  t.is(deadlineMs(state), deadlineMs(MASTER));
  t.deepEqual(actions, [{ type: "announce", why: "lower-priority" }]);
});

test("higher_prio_send_advert = no: a master that steps down says nothing (RFC 5798 §6.4.3)", (t) => {
  const { actions } = step(withPolicy({ saysFarewell: false }), MASTER, advert(200, 300));
  t.deepEqual(
    actions.map(({ type }) => type),
    ["release", "transition"],
  );
});

function withPolicy(policy: Partial<ElectionPolicy>): InstanceConfig {
  return { ...config, policy: { ...config.policy, ...policy } };
}

function advert(priority: number, nowMs: number): Input {
  const source = "192.0.2.9";
  return { type: "advert", nowMs, priority, advertIntervalMs: 1000, source, sourceIsGreater: true };
}

test("a farewell says the winner's interval: a third router would learn the wrong one from ours", (t) => {
  const slow = { ...advert(200, 300), advertIntervalMs: 5000 } as Input;
  t.deepEqual(step(config, MASTER, slow).actions[1], {
    type: "send-advert",
    priority: config.priority,
    intervalMs: 5000,
  });
});
