// Static addresses, routes and rules: this node's own as long as duet runs, master or not.

import type { Config } from "../../config/model.ts";
import { type Kept, type KeptParts, openKept } from "../../vip/holding/kept.ts";
import { thingsOf } from "../../vip/holding/things.ts";

export type Statics = Kept & { readonly configure: (config: Config) => void };

export function openStatics(parts: KeptParts): Statics {
  const kept = openKept(parts, "static", { onBack() {}, onMore() {} });
  let on = false;
  return {
    ...kept,
    configure({ statics }) {
      const wanted = { things: thingsOf(statics), leaseS: null };
      if (on) kept.change(wanted);
      else if (wanted.things.length > 0) kept.putOn(wanted);
      on ||= wanted.things.length > 0;
    },
  };
}
