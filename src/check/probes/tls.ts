// A TLS handshake, and nothing inside: who is there, and for how long still.

import { attempt } from "./attempt.ts";
import { dial } from "./dial.ts";
import { spokenDays, type TlsSummary } from "./open-tls.ts";
import type { ProbeOf } from "./probe.ts";

export const probeTls: ProbeOf<"tls"> = async (target, config, context) => {
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
};

function detailOf({ protocol, daysLeft, warning }: TlsSummary): string {
  if (warning !== null) return `${protocol}, ${warning}`;
  return daysLeft === undefined ? protocol : `${protocol}, certificate for ${spokenDays(daysLeft)}`;
}
