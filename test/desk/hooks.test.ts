import test from "ava";
import fc from "fast-check";
import {
  type Action,
  type Config,
  deadlineMs,
  hooksOf,
  type Input,
  initialState,
  type Outcome,
  type State,
  step,
  type Transition,
} from "../../src/desk/hooks.ts";
import { type HookState, type HooksConfig, NO_HOOKS, type Subject } from "../../src/desk/model.ts";
import type { Identity } from "../../src/lib/accounts.ts";

const VI_1: Subject = { kind: "INSTANCE", name: "VI_1" };
const config: Config = { subject: VI_1, timeoutMs: 30_000 };
const nobody: Identity = { user: "nobody", group: "nogroup", uid: 65534, gid: 65534 };
const hooks: HooksConfig = {
  notify: "/n.sh",
  notifyMaster: "/n.sh master",
  notifyBackup: "/n.sh backup",
  notifyFault: "/n.sh fault",
  notifyStop: "/n.sh stop",
  notifyDeleted: "/n.sh deleted",
  notifyMasterRxLowerPri: "/n.sh rx_lower",
  scriptUser: nobody,
};
const success: Outcome = { ok: true, cause: null, detail: "exit status 0", output: "", tookMs: 5 };
const failed: Outcome = { ...success, ok: false, cause: "exit_status", detail: "exit status 1" };

function become(state: HookState, used: HooksConfig = hooks): Input {
  return { type: "transition", transition: { state, priority: 150, hooks: used } };
}

// What inputs make of an instance; "end" ends the script that runs.
function play(inputs: readonly (Input | "end")[]): { log: string[]; state: State } {
  const log: string[] = [];
  let state: State = initialState;
  for (const input of inputs) {
    const given: Input =
      input === "end" ? { type: "ended", nowMs: 0, serial: state.serial, outcome: success } : input;
    const result = step(config, state, given);
    state = result.state;
    log.push(...result.actions.map(line));
  }
  return { log, state };
}

function line(action: Action): string {
  if (action.type === "run") return `run ${action.hook.name} ${action.hook.state}`;
  if (action.type === "report") return `report ${action.report.hook} ${action.report.ok}`;
  return `skip ${action.state}`;
}

test("the specific hook runs as written, then notify with INSTANCE NAME STATE PRIORITY", (t) => {
  const transition: Transition = { state: "MASTER", priority: 150, hooks };
  t.deepEqual(hooksOf(VI_1, transition), [
    {
      name: "notify_master",
      state: "MASTER",
      command: "/n.sh master",
      extraArguments: [],
      identity: nobody,
    },
    {
      name: "notify",
      state: "MASTER",
      command: "/n.sh",
      extraArguments: ["INSTANCE", "VI_1", "MASTER", "150"],
      identity: nobody,
    },
  ]);
});

for (const state of ["MASTER", "BACKUP", "FAULT", "STOP"] as const) {
  test(`notify_${state.toLowerCase()} runs at ${state} only`, (t) => {
    const one = { ...NO_HOOKS, [`notify${state.charAt(0)}${state.slice(1).toLowerCase()}`]: "/x" };
    const ran = (["MASTER", "BACKUP", "FAULT", "STOP"] as const).filter(
      (to) => hooksOf(VI_1, { state: to, priority: 1, hooks: one }).length > 0,
    );
    t.deepEqual(ran, [state]);
  });
}

test("step() runs the hooks of a state one after the other", (t) => {
  const { log, state } = play([become("MASTER"), "end", "end"]);
  t.deepEqual(log, [
    "run notify_master MASTER",
    "report notify_master true",
    "run notify MASTER",
    "report notify true",
  ]);
  t.is(state.running, null);
});

test("step() collapses a burst to the latest state, and counts what it skipped", (t) => {
  const burst = [become("BACKUP"), become("MASTER"), become("FAULT")];
  const { log, state } = play([become("MASTER"), ...burst, "end", "end", "end", "end"]);
  t.deepEqual(
    log.filter((text) => !text.startsWith("report")),
    [
      "run notify_master MASTER",
      "skip BACKUP",
      "skip MASTER",
      "run notify MASTER",
      "run notify_fault FAULT",
      "run notify FAULT",
    ],
  );
  t.is(state.skipped, 2);
});

test("step() stays quiet at a state that has no hook", (t) => {
  const { log, state } = play([become("MASTER", NO_HOOKS), become("BACKUP", NO_HOOKS)]);
  t.deepEqual(log, []);
  t.is(state.skipped, 0);
});

test("step() goes on after a failure, and keeps the latest report of each hook", (t) => {
  const first = step(config, initialState, become("MASTER")).state;
  const ended: Input = { type: "ended", nowMs: 7, serial: 1, outcome: failed };
  const { state, actions } = step(config, first, ended);
  t.deepEqual(actions.map(line), ["report notify_master false", "run notify MASTER"]);
  t.deepEqual(state.reports, [{ ...failed, hook: "notify_master", state: "MASTER", atMs: 7 }]);
});

test("step() uses the hooks that were configured when the state came", (t) => {
  const { log } = play([become("MASTER"), become("BACKUP", NO_HOOKS), "end", "end"]);
  t.false(log.some((text) => text.includes("BACKUP")));
});

test("step() ignores the end of an older run", (t) => {
  const { state } = play([become("MASTER"), "end"]);
  const late: Input = { type: "ended", nowMs: 0, serial: 1, outcome: success };
  t.is(step(config, state, late).state, state);
});

test("law 6: a run that never ends is given up, and the next hook runs", (t) => {
  const { state: waits } = play([become("MASTER")]);
  t.is(deadlineMs(waits), Infinity, "it has not begun");
  const { state } = step(config, waits, { type: "started", nowMs: 0, serial: waits.serial });
  const early: Input = { type: "timer", nowMs: deadlineMs(state) - 1 };
  t.is(step(config, state, early).state, state);
  const lost = step(config, state, { type: "timer", nowMs: deadlineMs(state) });
  t.deepEqual(lost.actions.map(line), ["report notify_master false", "run notify MASTER"]);
  t.is(lost.state.reports[0]?.cause, "timeout");
});

test("after close nothing begins any more", (t) => {
  const { log, state } = play([
    become("MASTER"),
    become("STOP"),
    { type: "close" },
    "end",
    become("MASTER"),
  ]);
  t.deepEqual(log, [
    "run notify_master MASTER",
    "skip STOP",
    "report notify_master true",
    "skip MASTER",
  ]);
  t.is(state.skipped, 2);
  t.is(deadlineMs(state), Infinity);
});

test("whatever comes, one hook runs at a time, every state runs wholly or is skipped, the latest one runs", (t) => {
  const stateNames = fc.constantFrom("MASTER", "BACKUP", "FAULT", "STOP", "end" as const);
  fc.assert(
    fc.property(fc.array(stateNames, { maxLength: 40 }), (names) => {
      const inputs = names.map((name) => (name === "end" ? name : become(name as HookState)));
      const { log, state } = play([...inputs, "end", "end", "end", "end"]);
      let running = 0;
      for (const text of log) {
        if (text.startsWith("run")) running += 1;
        if (text.startsWith("report")) running -= 1;
        t.true(running === 0 || running === 1);
      }
      t.is(running, 0);
      const states = names.filter((name) => name !== "end");
      const runs = log.filter((text) => text.startsWith("run"));
      t.is(runs.length / 2 + state.skipped, states.length);
      if (states.length > 0) t.is(runs.at(-1), `run notify ${states.at(-1)}`);
    }),
  );
});

test("a sync group is told as GROUP NAME STATE 0", (t) => {
  const group: Subject = { kind: "GROUP", name: "G1" };
  const [hook] = hooksOf(group, {
    state: "MASTER",
    priority: 0,
    hooks: { ...NO_HOOKS, notify: "/n" },
  });
  t.deepEqual(hook?.extraArguments, ["GROUP", "G1", "MASTER", "0"]);
});

test("DELETED runs notify_deleted, then notify", (t) => {
  const ran = hooksOf(VI_1, { state: "DELETED", priority: 90, hooks });
  t.deepEqual(
    ran.map(({ name, extraArguments }) => [name, ...extraArguments]),
    [["notify_deleted"], ["notify", "INSTANCE", "VI_1", "DELETED", "90"]],
  );
});

test("a lower master that was heard is no state: only its own hook runs, with no arguments", (t) => {
  const ran = hooksOf(VI_1, { state: "MASTER_RX_LOWER_PRI", priority: 150, hooks });

  t.deepEqual(
    ran.map(({ name, command, extraArguments }) => [name, command, ...extraArguments]),
    [["notify_master_rx_lower_pri", "/n.sh rx_lower"]],
  );
});

test("notify_up and notify_down are those of a real server", (t) => {
  const rs1: Subject = { kind: "REAL_SERVER", name: "web.rs1" };
  const own = { ...NO_HOOKS, notifyUp: "/n.sh up", notifyDown: "/n.sh down" };
  for (const [state, hook, command] of [
    ["SERVER_UP", "notify_up", "/n.sh up"],
    ["SERVER_DOWN", "notify_down", "/n.sh down"],
  ] as const) {
    const ran = hooksOf(rs1, { state, priority: 0, hooks: own });
    t.deepEqual(
      ran.map(({ name, command: line }) => [name, line]),
      [[hook, command]],
    );
  }
});

test("step() never lets a lower master that was heard take the place of a state that waits", (t) => {
  const { log, state } = play([become("MASTER"), become("BACKUP"), become("MASTER_RX_LOWER_PRI")]);
  t.deepEqual(log, ["run notify_master MASTER", "skip MASTER_RX_LOWER_PRI"]);
  t.is(state.waiting?.state, "BACKUP");
});
