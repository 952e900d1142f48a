// One question to a time server, as an SNTP client asks it. RFC 5905 §7.3, §14.

import { randomBytes } from "node:crypto";
import type { CheckConfigOf } from "../types/index.ts";
import { attempt, badResponse, type Outcome } from "./attempt.ts";
import { exchangeDatagrams } from "./exchange.ts";
import type { ProbeOf } from "./probe.ts";
import { noAnswer, remember } from "./remember.ts";

const PACKET_BYTES = 48;
const VERSION = 4;
const MODE_CLIENT = 3;
const MODE_SERVER = 4;
const LEAP_UNKNOWN = 3;
/** Of the packet: our transmit timestamp comes back as its origin timestamp. */
const ORIGIN_AT = 24;
const TRANSMIT_AT = 40;

export const probeNtp: ProbeOf<"ntp"> = async (target, config, context) => {
  const cookie = randomBytes(8);
  const bytes = Buffer.alloc(PACKET_BYTES);
  bytes[0] = (VERSION << 3) | MODE_CLIENT;
  cookie.copy(bytes, TRANSMIT_AT);
  const { judged, late } = remember();
  const judge = (reply: Buffer): Outcome | undefined =>
    judged(judgeTime(reply, cookie, config) ?? { dropped: noAnswer(reply) });
  return attempt({ timeoutMs: config.timeoutMs, late, ...context }, (end) =>
    exchangeDatagrams(target, config, { bytes, judge }, end),
  );
};

/** undefined = no answer to this question. */
export function judgeTime(
  reply: Buffer,
  cookie: Buffer,
  { stratumMax }: Pick<CheckConfigOf<"ntp">, "stratumMax">,
): Outcome | undefined {
  if (reply.length < PACKET_BYTES || !reply.subarray(ORIGIN_AT, ORIGIN_AT + 8).equals(cookie)) {
    return undefined;
  }
  const [head = 0, stratum = 0] = reply;
  const leap = head >> 6;
  if ((head & 7) !== MODE_SERVER) return badResponse(`mode ${head & 7}, wanted ${MODE_SERVER}`);
  // §7.4: the kiss of death, four letters in place of the reference.
  const kiss =
    stratum === 0 ? /^[A-Z]{2,4}/.exec(reply.toString("latin1", 12, 16))?.[0] : undefined;
  if (kiss !== undefined && !UNREADY.has(kiss)) return badResponse(`refused: ${kiss}`);
  if (leap === LEAP_UNKNOWN || stratum === 0) {
    return badResponse(`its clock is not synchronized (leap ${leap}, stratum ${stratum})`);
  }
  if (stratum > stratumMax) return badResponse(`stratum ${stratum}, wanted at most ${stratumMax}`);
  return { ok: true, detail: `stratum ${stratum}` };
}

/** §7.4: what ntpd says of itself before it follows anybody, and after a jump. */
const UNREADY: ReadonlySet<string> = new Set(["INIT", "STEP"]);
