// Checks that always say the same, in place of one that is switched off for a while.

import { local } from "./local.ts";
import type { CheckKind } from "./type.ts";

export const on = { doc: "always UP", parts: [local], portless: true } as const satisfies CheckKind;
export const off = { ...on, doc: "always DOWN" } as const satisfies CheckKind;
