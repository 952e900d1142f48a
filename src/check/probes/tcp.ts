// A TCP connection, with TLS when it is wanted, and a dialogue when there is one.

import { attempt, type Late } from "./attempt.ts";
import { openChannel } from "./channel.ts";
import { converse } from "./converse.ts";
import type { ProbeOf } from "./probe.ts";

export const probeTcp: ProbeOf<"tcp"> = async (target, config, context) => {
  const { timeoutMs, tls, steps } = config;
  const who = `${target.address}:${target.port}`;
  let seen: Late | undefined;
  return attempt({ timeoutMs, late: () => seen?.(), ...context }, (end, awaits) =>
    openChannel(target, config, {
      tls,
      end,
      awaits,
      ready(channel, summary) {
        const done = steps.length === 0 ? "connected" : "answered as expected";
        const detail = summary?.warning ?? done;
        if (steps.length === 0) {
          end({ ok: true, detail });
          return null;
        }
        const dialogue = converse(channel, steps, { detail, patienceMs: timeoutMs, who }, end);
        seen = dialogue.late;
        return dialogue;
      },
    }),
  );
};
