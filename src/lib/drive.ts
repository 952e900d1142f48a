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

export type DriveOptions<Config, State, Input, Action> = {
  readonly engine: Engine<Config, State, Input, Action>;
  readonly config: Config;
  readonly state: State;
  readonly clock: Clock;
  readonly timerInput: (nowMs: number) => Input;
  /** Carries out one action; what it returns is given to the engine after the remaining actions. */
  readonly perform: (action: Action) => Input | undefined;
};

export function drive<Config, State, Input, Action>(
  options: DriveOptions<Config, State, Input, Action>,
): Drive<Config, State, Input> {
  return new Driven(options);
}

/** A class, for there may be thousands: closures would be a third of what a checker holds. */
class Driven<Config, State, Input, Action> implements Drive<Config, State, Input> {
  readonly #options: DriveOptions<Config, State, Input, Action>;
  readonly #alarm: Alarm;
  readonly #waiting: Input[] = [];
  #config: Config;
  #state: State;
  #armedMs = Infinity;
  #isBusy = false;
  #isStopped = false;

  constructor(options: DriveOptions<Config, State, Input, Action>) {
    this.#options = options;
    this.#config = options.config;
    this.#state = options.state;
    this.#alarm = options.clock.alarm(() => this.#ring());
    this.#arm();
  }

  give(input: Input): void {
    const waiting = this.#waiting;
    waiting.push(input);
    if (this.#isBusy) return;
    this.#isBusy = true;
    const { engine, perform } = this.#options;
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { state, actions } = engine.step(this.#config, this.#state, next);
        this.#state = state;
        for (const action of actions) {
          const answer = perform(action);
          if (answer !== undefined) waiting.push(answer);
        }
      }
    } finally {
      this.#isBusy = false;
      this.#arm();
    }
  }

  state(): State {
    return this.#state;
  }

  config(): Config {
    return this.#config;
  }

  reconfigure(next: Config, state: State = this.#state): void {
    this.#config = next;
    this.#state = state;
    this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    this.#arm();
  }

  #ring(): void {
    this.#armedMs = Infinity;
    const { engine, clock, timerInput } = this.#options;
    const nowMs = clock.nowMs();
    if (nowMs >= engine.deadlineMs(this.#state)) this.give(timerInput(nowMs));
    else this.#arm();
  }

  #arm(): void {
    const deadlineMs = this.#isStopped ? Infinity : this.#options.engine.deadlineMs(this.#state);
    if (deadlineMs === this.#armedMs) return;
    this.#armedMs = deadlineMs;
    this.#alarm.set(deadlineMs);
  }
}
