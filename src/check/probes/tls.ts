// A TLS handshake, and nothing inside: who is there, and for how long still.

import type { ProbeResult, Target } from "../model.ts";
import type { CheckConfigOf } from "../types/index.ts";
import { attempt, type ProbeContext } from "./attempt.ts";
import { dial } from "./dial.ts";
import { spokenDays, type TlsSummary } from "./open-tls.ts";

export async function probeTls(
  target: Target,
  config: CheckConfigOf<"tls">,
  context: ProbeContext,
): Promise<ProbeResult> {
  const { timeoutMs, tls } = config;
  return attempt({ timeoutMs, ...context }, (end, awaits) =>
    dial(target, config, {
      tls,
      end,
      awaits,
      ready(stream, summary) {
        stream.end();
        end({ ok: true, detail: summary === null ? "connected" : detailOf(summary) });
      },
    }),
  );
}

function detailOf({ protocol, daysLeft, warning }: TlsSummary): string {
  if (warning !== null) return `${protocol}, ${warning}`;
  return daysLeft === undefined ? protocol : `${protocol}, certificate for ${spokenDays(daysLeft)}`;
}
