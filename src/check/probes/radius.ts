// One question to a RADIUS server, said again while nothing comes. RFC 2865 §2.5, RFC 5080 §2.2.1.

import { randomBytes, randomInt } from "node:crypto";
import { addressBytes } from "../../lib/ip.ts";
import type { ProbeResult, Target } from "../model.ts";
import type { RadiusCheckConfig } from "../model-datagram.ts";
import { encodeRadius, judgeRadius } from "../radius.ts";
import { attempt, type Outcome, type ProbeContext } from "./attempt.ts";
import { exchangeDatagrams } from "./exchange.ts";

const AGAIN = { firstMs: 2000, maxMs: 16_000 };
const SILENCE = "no answer, as to a wrong secret or an unknown client,";

export async function probeRadius(
  target: Target,
  config: RadiusCheckConfig,
  context: ProbeContext,
): Promise<ProbeResult> {
  const question = { id: randomInt(2 ** 8), authenticator: randomBytes(16) };
  const nasIp = config.nasIp === null ? null : addressBytes(config.nasIp);
  const bytes = encodeRadius(question, config, nasIp);
  let dropped: string | undefined;
  const late = (): { readonly cause: "timeout" | "bad_response"; readonly detail: string } =>
    dropped === undefined
      ? { cause: "timeout", detail: SILENCE }
      : { cause: "bad_response", detail: `only ${dropped},` };

  function judge(reply: Buffer): Outcome | undefined {
    const judged = judgeRadius(reply, question, config);
    if (!("dropped" in judged)) return judged;
    dropped = judged.dropped;
    return undefined;
  }

  return attempt({ timeoutMs: config.timeoutMs, late, ...context }, (end) =>
    exchangeDatagrams(
      target,
      config,
      { bytes, judge, again: { ...AGAIN, clock: context.clock } },
      end,
    ),
  );
}
