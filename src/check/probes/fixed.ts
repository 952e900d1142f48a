// Checks that always say the same, in place of one that is switched off for a while.

import type { ProbeResult, Target } from "../model.ts";
import type { CheckConfigOf } from "../types/index.ts";

export async function probeFixed(
  _target: Target,
  { type }: CheckConfigOf<"on" | "off">,
): Promise<ProbeResult> {
  if (type === "on") return Promise.resolve({ ok: true, detail: "on", tookMs: 0 });
  return Promise.resolve({ ok: false, cause: "says_down", detail: "off", tookMs: 0 });
}
