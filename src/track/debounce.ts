// A yes or no that only counts once it has lasted: link states, processes that come and go. Pure.

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";

export type Config = {
  /** How long it must have been true before it turns to true; and false, to false. */
  readonly upDelayMs: number;
  readonly downDelayMs: number;
};

export type State = {
  /** What counts; null until something was seen. */
  readonly value: boolean | null;
  /** When it turns to its opposite, unless that goes away again; Infinity = what is seen is what counts. */
  readonly turnAtMs: number;
};

export type Input =
  | { readonly type: "seen"; readonly nowMs: number; readonly value: boolean }
  | { readonly type: "timer"; readonly nowMs: number };

export type Action = { readonly type: "turned"; readonly value: boolean };

export const INITIAL: State = { value: null, turnAtMs: Infinity };

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  switch (input.type) {
    case "seen":
      return seen(config, state, input.value, input.nowMs);
    case "timer":
      if (state.value === null || input.nowMs < state.turnAtMs) return { state, actions: [] };
      return turn(!state.value);
    default:
      return unreachable(input);
  }
}

export function deadlineMs(state: State): number {
  return state.turnAtMs;
}

function seen(config: Config, state: State, value: boolean, nowMs: number): Step<State, Action> {
  // There is nothing that the first sight could be a flap of.
  if (state.value === null) return turn(value);
  if (value === state.value) return { state: { value, turnAtMs: Infinity }, actions: [] };
  const delayMs = value ? config.upDelayMs : config.downDelayMs;
  if (delayMs === 0) return turn(value);
  const turnAtMs = Math.min(state.turnAtMs, nowMs + delayMs);
  return { state: { value: state.value, turnAtMs }, actions: [] };
}

function turn(value: boolean): Step<State, Action> {
  return { state: { value, turnAtMs: Infinity }, actions: [{ type: "turned", value }] };
}
