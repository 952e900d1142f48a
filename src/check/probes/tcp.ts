// A TCP connection, with TLS when it is wanted, and a dialogue when there is one.

import type { ProbeResult, Target } from "../model.ts";
import type { CheckConfigOf } from "../types/index.ts";
import { attempt, type Late, type ProbeContext } from "./attempt.ts";
import { openChannel } from "./channel.ts";
import { converse } from "./converse.ts";

export async function probeTcp(
  target: Target,
  config: CheckConfigOf<"tcp">,
  context: ProbeContext,
): Promise<ProbeResult> {
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
}
