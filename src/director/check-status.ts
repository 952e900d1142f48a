// What is told of one checker.

import type { LastProbe, State } from "../check/engine.ts";
import type { CheckConfig } from "../check/model.ts";
import type { CheckStatus } from "../control/status.ts";
import { wallTimeOf } from "../lib/clock.ts";

/** `state` undefined = it rests. */
export function checkStatus({ name, type }: CheckConfig, state: State | undefined): CheckStatus {
  const last = state?.last ?? null;
  return {
    name,
    type,
    state: state?.up ? "UP" : "DOWN",
    last_ok: last?.ok ?? null,
    last_detail: last?.detail ?? null,
    last_took_ms: last?.tookMs ?? null,
    last_at: last === null ? null : wallTimeOf(last.atMs),
    recent: (last === null ? [] : [last, ...(state?.earlier ?? [])]).map(resultStatus),
  };
}

function resultStatus({
  ok,
  cause,
  detail,
  tookMs,
  atMs,
}: LastProbe): NonNullable<CheckStatus["recent"]>[number] {
  return { ok, cause, detail, took_ms: tookMs, at: wallTimeOf(atMs) };
}
