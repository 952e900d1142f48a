// The state of a BFD session: that of the moment when it is decided, else what becomes of it within the limit.

import { attempt } from "./attempt.ts";
import type { ProbeOf } from "./probe.ts";

export const probeBfd: ProbeOf<"bfd"> = async (_target, { session, timeoutMs }, context) => {
  const { sessions } = context;
  if (sessions === undefined)
    throw new Error("Cannot tell BFD sessions: nobody says what they are");
  const late = (): { readonly cause: "says_down"; readonly detail: string } => {
    return { cause: "says_down", detail: `${sessions.of(session).detail}, and not Up` };
  };
  return attempt({ timeoutMs, late, ...context }, (end) => {
    function look(): void {
      const { up, detail } = sessions?.of(session) ?? { up: null, detail: "" };
      if (up === true) end({ ok: true, detail });
      if (up === false) end({ ok: false, cause: "says_down", detail });
    }
    const unwatch = sessions.watch(look);
    look();
    return unwatch;
  });
};
