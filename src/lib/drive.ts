// The loop that runs every engine by one law: one input -> one step -> all its actions in order -> re-arm
// one alarm. The failure of an action comes back as another input.

import type { Alarm, Clock } from "./clock.ts";

export type Step<State, Action> = { readonly state: State; readonly actions: readonly Action[] };

export type Engine<Config, State, Input, Action> = {
  readonly step: (config: Config, state: State, input: Input) => Step<State, Action>;
  /** When the engine wants its "timer" input; Infinity = nothing to wait for. */
  readonly deadlineMs: (state: State) => number;
};

export type Drive<Config, State, Input> = {
  readonly give: (input: Input) => void;
  readonly state: () => State;
  readonly config: () => Config;
  /** The next steps use another configuration; the state stays, or goes on as this one. */
  readonly reconfigure: (config: Config, state?: State) => void;
  /** Never rings again. */
  readonly stop: () => void;
};

export function drive<Config, State, Input, Action>(options: {
  readonly engine: Engine<Config, State, Input, Action>;
  readonly config: Config;
  readonly state: State;
  readonly clock: Clock;
  readonly timerInput: (nowMs: number) => Input;
  /** Carries out one action; what it returns is given to the engine after the remaining actions. */
  readonly perform: (action: Action) => Input | undefined;
}): Drive<Config, State, Input> {
  const { engine, clock, perform } = options;
  let { config, state } = options;
  let armedMs = Infinity;
  let busy = false;
  let stopped = false;
  const waiting: Input[] = [];

  const alarm: Alarm = clock.alarm(() => {
    armedMs = Infinity;
    const nowMs = clock.nowMs();
    if (nowMs >= engine.deadlineMs(state)) give(options.timerInput(nowMs));
    else arm();
  });

  function give(input: Input): void {
    waiting.push(input);
    if (busy) return;
    busy = true;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const result = engine.step(config, state, next);
        state = result.state;
        for (const action of result.actions) {
          const answer = perform(action);
          if (answer !== undefined) waiting.push(answer);
        }
      }
    } finally {
      busy = false;
      arm();
    }
  }

  function arm(): void {
    const deadlineMs = stopped ? Infinity : engine.deadlineMs(state);
    if (deadlineMs === armedMs) return;
    armedMs = deadlineMs;
    alarm.set(deadlineMs);
  }

  arm();
  return {
    give,
    state: () => state,
    config: () => config,
    reconfigure(next, nextState = state) {
      config = next;
      state = nextState;
      arm();
    },
    stop() {
      stopped = true;
      arm();
    },
  };
}
