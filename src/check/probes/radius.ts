// One question to a RADIUS server, said again while nothing comes. RFC 2865 §2.5, RFC 5080 §2.2.1.

import { randomBytes, randomInt } from "node:crypto";
import { addressBytes } from "../../lib/ip.ts";
import { encodeRadius, judgeRadius } from "../radius.ts";
import { attempt } from "./attempt.ts";
import { type Exchange, exchangeDatagrams } from "./exchange.ts";
import type { ProbeOf } from "./probe.ts";
import { remember } from "./remember.ts";

const AGAIN = { firstMs: 2000, maxMs: 16_000 };
const SILENCE = "no answer, as to a wrong secret or an unknown client,";

export const probeRadius: ProbeOf<"radius"> = async (target, config, context) => {
  const question = { id: randomInt(2 ** 8), authenticator: randomBytes(16) };
  const nasIp = config.nasIp === null ? null : addressBytes(config.nasIp);
  const { judged, late } = remember(SILENCE);
  const exchange: Exchange = {
    bytes: encodeRadius(question, config, nasIp),
    judge: (reply) => judged(judgeRadius(reply, question, config)),
    again: { ...AGAIN, clock: context.clock },
  };
  return attempt({ timeoutMs: config.timeoutMs, late, ...context }, (end) =>
    exchangeDatagrams(target, config, exchange, end),
  );
};
