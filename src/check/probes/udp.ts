// A datagram, and what comes back: a reply, an ICMP error or nothing.

import { randomBytes } from "node:crypto";
import type { CheckConfigOf } from "../types/index.ts";
import type { ReplyPattern } from "../types/udp.ts";
import { attempt, type Outcome } from "./attempt.ts";
import { exchangeDatagrams } from "./exchange.ts";
import type { ProbeOf } from "./probe.ts";

/** The limit of attempt() is a failure; here silence may be a success, told at the time of the limit. */
const MARGIN_MS = 1000;
const SHOWN_BYTES_MAX = 32;

export const probeUdp: ProbeOf<"udp"> = async (target, config, context) => {
  const { payload, timeoutMs } = config;
  const { clock } = context;
  return attempt({ ...context, timeoutMs: timeoutMs + MARGIN_MS }, (end) => {
    const alarm = clock.alarm(() => end(silence(config)));
    alarm.set(clock.nowMs() + timeoutMs);
    const bytes = payload === null ? randomBytes(8) : Buffer.from(payload, "hex");
    const judge = (reply: Buffer): Outcome => judgeReply(reply, config);
    const release = exchangeDatagrams(target, config, { bytes, judge }, end);
    return () => {
      alarm.set(Infinity);
      release();
    };
  });
};

function silence({ reply, timeoutMs }: CheckConfigOf<"udp">): Outcome {
  if (reply !== null) {
    return { ok: false, cause: "timeout", detail: `no answer in ${timeoutMs} ms` };
  }
  return { ok: true, detail: "no answer and no ICMP error" };
}

function judgeReply(bytes: Buffer, config: CheckConfigOf<"udp">): Outcome {
  const { reply, replyBytesMin, replyBytesMax } = config;
  const length = bytes.length;
  if (reply === null) return { ok: true, detail: `${length} bytes` };
  if (length < replyBytesMin || length > replyBytesMax) {
    return mismatch(`${length} bytes, wanted ${replyBytesMin} to ${replyBytesMax}`);
  }
  const seen = bytes.subarray(0, SHOWN_BYTES_MAX).toString("hex");
  if (!begins(bytes, reply)) return mismatch(`wanted ${reply}, got ${seen}`);
  return { ok: true, detail: `${length} bytes` };
}

function begins(bytes: Buffer, pattern: ReplyPattern): boolean {
  if (bytes.length * 2 < pattern.length) return false;
  const digits = bytes.subarray(0, pattern.length / 2).toString("hex");
  return Array.from(pattern).every(
    (digit, at) => digit === "X" || digit.toLowerCase() === digits[at],
  );
}

function mismatch(detail: string): Outcome {
  return { ok: false, cause: "unexpected_answer", detail };
}
