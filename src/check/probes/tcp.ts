// A TCP connection, with TLS when it is wanted, and a dialogue when there is one.

import type { ProbeResult, Target, TcpCheckConfig } from "../model.ts";
import { attempt, type Late, type ProbeContext } from "./attempt.ts";
import { converse } from "./converse.ts";
import { dial } from "./dial.ts";

export async function probeTcp(
  target: Target,
  config: TcpCheckConfig,
  context: ProbeContext,
): Promise<ProbeResult> {
  const { timeoutMs, tls, steps } = config;
  let seen: Late | undefined;
  return attempt({ timeoutMs, late: () => seen?.(), ...context }, (end) =>
    dial(target, config, {
      tls,
      end,
      ready(stream, summary) {
        const detail =
          summary?.warning ?? (steps.length === 0 ? "connected" : "answered as expected");
        if (steps.length === 0) end({ ok: true, detail });
        else seen = converse(stream, steps, { detail, patienceMs: timeoutMs }, end);
      },
    }),
  );
}
