// Virtual servers, as the director tells them: whether they can serve. What is not known, as the director starts or was
// started again, keeps what was known before, and has failed when that lasts longer than a patience. Pure.

import type { Step } from "../lib/drive.ts";
import { unreachable } from "../lib/unreachable.ts";

/** What the director says of one. */
export type ServiceNow = {
  readonly name: string;
  /** null = its checks have not decided yet. */
  readonly up: boolean | null;
  readonly detail: string;
};

export type Config = { readonly names: readonly string[]; readonly patienceMs: number };

export type State = {
  /** By name, what was said last; null = there is no director that answers. */
  readonly told: ReadonlyMap<string, ServiceNow> | null;
  /** How long there has been one, or none. */
  readonly toldSinceMs: number;
  /** There has been one. */
  readonly wasTold: boolean;
  readonly known: ReadonlyMap<string, Known>;
  readonly deadlineMs: number;
};

/** What counts of one. */
export type Known = {
  readonly up: boolean | null;
  readonly detail: string;
  /** Since when nothing is known that counts; Infinity = something is. */
  readonly unknownSinceMs: number;
  /** It failed with its director, which has to live for a patience before it is believed again. */
  readonly isOrphaned: boolean;
};

export type Input =
  | {
      readonly type: "told";
      readonly nowMs: number;
      readonly services: readonly ServiceNow[] | null;
    }
  | { readonly type: "configured"; readonly nowMs: number }
  | { readonly type: "timer"; readonly nowMs: number };

export type Action = {
  readonly type: "found";
  readonly name: string;
  readonly up: boolean;
  readonly detail: string;
};

export const NOT_KNOWN = "not known yet";

export const INITIAL: State = {
  told: null,
  toldSinceMs: -Infinity,
  wasTold: false,
  known: new Map(),
  deadlineMs: Infinity,
};

export function step(config: Config, state: State, input: Input): Step<State, Action> {
  switch (input.type) {
    case "told":
      return look(config, heard(state, input.services, input.nowMs), input.nowMs);
    case "configured":
    case "timer":
      return look(config, state, input.nowMs);
    default:
      return unreachable(input);
  }
}

export function deadlineMs(state: State): number {
  return state.deadlineMs;
}

function heard(state: State, services: readonly ServiceNow[] | null, nowMs: number): State {
  const told = services && new Map(services.map((each) => [each.name, each]));
  const isTurn = (told === null) !== (state.told === null);
  const toldSinceMs = isTurn ? nowMs : state.toldSinceMs;
  return { ...state, told, toldSinceMs, wasTold: state.wasTold || told !== null };
}

function look(config: Config, state: State, nowMs: number): Step<State, Action> {
  const known = new Map(
    config.names.map((name) => [name, knownOf(name, config.patienceMs, state, nowMs)]),
  );
  const actions = [...known].flatMap(([name, { up, detail }]): Action[] => {
    const before = state.known.get(name);
    const isSame = before?.up === up && before.detail === detail;
    return up === null || isSame ? [] : [{ type: "found", name, up, detail }];
  });
  const next = { ...state, known };
  return { state: { ...next, deadlineMs: deadlineOf(next, config, nowMs) }, actions };
}

function knownOf(name: string, patienceMs: number, state: State, nowMs: number): Known {
  const { told, toldSinceMs } = state;
  const before = state.known.get(name) ?? {
    up: null,
    detail: NOT_KNOWN,
    unknownSinceMs: nowMs,
    isOrphaned: false,
  };
  const said = told?.get(name);
  // A director that dies again and again would move the addresses each time that it comes back.
  const isBelieved = !before.isOrphaned || nowMs >= toldSinceMs + patienceMs;
  if (said !== undefined && said.up !== null && isBelieved) {
    return { up: said.up, detail: said.detail, unknownSinceMs: Infinity, isOrphaned: false };
  }
  const unknownSinceMs = Math.min(before.unknownSinceMs, nowMs);
  if (nowMs < unknownSinceMs + patienceMs) return { ...before, unknownSinceMs };
  const isOrphaned = before.isOrphaned || (told === null && state.wasTold);
  return { up: false, detail: whyFailed(state, said, isOrphaned), unknownSinceMs, isOrphaned };
}

function whyFailed(
  { told, wasTold }: State,
  said: ServiceNow | undefined,
  isOrphaned: boolean,
): string {
  if (told === null) {
    return wasTold ? "the director role is dead" : "the director role has not answered yet";
  }
  if (isOrphaned) return "the director role was dead, and has only just come back";
  return said?.detail ?? "the director role does not know it";
}

function deadlineOf({ told, toldSinceMs, known }: State, config: Config, nowMs: number): number {
  const due = [...known.values()].flatMap(({ unknownSinceMs, isOrphaned }) => [
    unknownSinceMs + config.patienceMs,
    isOrphaned && told !== null ? toldSinceMs + config.patienceMs : Infinity,
  ]);
  return Math.min(Infinity, ...due.filter((atMs) => atMs > nowMs));
}
