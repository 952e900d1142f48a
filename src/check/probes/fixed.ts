// Checks that always say the same, in place of one that is switched off for a while.

import type { ProbeOf } from "./probe.ts";

export const probeFixed: ProbeOf<"on" | "off"> = async (_target, { type }) => {
  if (type === "on") return Promise.resolve({ ok: true, detail: "on", tookMs: 0 });
  return Promise.resolve({ ok: false, cause: "says_down", detail: "off", tookMs: 0 });
};
