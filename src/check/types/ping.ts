// One ICMP echo.

import type { CheckKind } from "./type.ts";

export const ping = {
  doc: "an answer to one packet",
  parts: [],
  portless: true,
} as const satisfies CheckKind;
