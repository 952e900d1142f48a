// Who runs something or owns it: as it is written, and as the system knows it.

import type { Identity } from "../../lib/accounts.ts";
import type { UserWords } from "./row.ts";
import { type KeyType, textType } from "./type.ts";
import { first, lineType, perhaps } from "./words.ts";

export const identity: KeyType<string> = textType(
  "user",
  /^[\w.][\w.$-]{0,63}$/,
  "a name or a number",
);

export const user: KeyType<UserWords> = lineType({
  user: first("USER", identity),
  group: perhaps("GROUP", identity),
});

export function printIdentity(who: Identity | null): string | null {
  return who === null ? null : `${who.user} ${who.group}`;
}
