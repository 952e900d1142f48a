// Lines on their way into a FIFO: what the reader cannot take now waits, up to a limit; then the oldest is
// lost, which is counted and said. Pure; writes nothing itself.
// keepalived differs: what does not fit into the pipe is lost at once, and nothing says so.

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";

export type Config = { readonly linesMax: number };

export type State = {
  /** The first one is tried now, or again at `retryAtMs`. */
  readonly lines: readonly string[];
  readonly retryAtMs: number;
  readonly written: number;
  readonly lost: number;
  /** Since the pipe was full. */
  readonly lostNow: number;
};

export type Input =
  | { readonly type: "line"; readonly nowMs: number; readonly line: string }
  | { readonly type: "written"; readonly nowMs: number }
  | { readonly type: "full"; readonly nowMs: number }
  | { readonly type: "timer"; readonly nowMs: number };

export type Action =
  /** Answered by "written" or "full". */
  | { readonly type: "write"; readonly line: string }
  /** The first loss since the pipe was full. */
  | { readonly type: "losing" }
  /** Everything that waited is written. */
  | { readonly type: "caught-up"; readonly lost: number };

export const RETRY_MS = 100;

export const initialState: State = {
  lines: [],
  retryAtMs: Infinity,
  written: 0,
  lost: 0,
  lostNow: 0,
};

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  switch (input.type) {
    case "line":
      return add(config, state, input.line);
    case "written":
      return next({ ...state, lines: state.lines.slice(1), written: state.written + 1 });
    case "full":
      return { state: { ...state, retryAtMs: input.nowMs + RETRY_MS }, actions: [] };
    case "timer":
      if (input.nowMs < state.retryAtMs) return { state, actions: [] };
      return next({ ...state, retryAtMs: Infinity });
    default:
      return unreachable(input);
  }
}

export function deadlineMs(state: State): number {
  return state.retryAtMs;
}

function add({ linesMax }: Config, state: State, line: string): Step<State, Action> {
  const lines = [...state.lines, line];
  if (lines.length === 1) return next({ ...state, lines });
  if (lines.length <= linesMax) return { state: { ...state, lines }, actions: [] };
  // The newest says most. The first one may be in the middle of its write.
  lines.splice(state.retryAtMs === Infinity ? 1 : 0, 1);
  const { lost, lostNow } = state;
  const actions: Action[] = lostNow === 0 ? [{ type: "losing" }] : [];
  return { state: { ...state, lines, lost: lost + 1, lostNow: lostNow + 1 }, actions };
}

function next(state: State): Step<State, Action> {
  const [line] = state.lines;
  if (line !== undefined) return { state, actions: [{ type: "write", line }] };
  if (state.lostNow === 0) return { state, actions: [] };
  const actions: Action[] = [{ type: "caught-up", lost: state.lostNow }];
  return { state: { ...state, lostNow: 0 }, actions };
}
