// One OPTIONS to a SIP server: by datagrams, said again while nothing comes (RFC 3261 §17.1.2), or over a stream.

import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { hostPort } from "../../lib/ip.ts";
import { shownBytes } from "../shown.ts";
import { encodeOptions, judgeSip, messageOf, type SipQuestion, takeSip } from "../sip.ts";
import type { CheckConfigOf } from "../types/index.ts";
import { attempt, badResponse, type Outcome } from "./attempt.ts";
import { dial, onLost } from "./dial.ts";
import { exchangeDatagrams } from "./exchange.ts";
import { warned } from "./open-tls.ts";
import type { ProbeOf } from "./probe.ts";
import { type Memory, remember } from "./remember.ts";
import { unmet } from "./wire.ts";

/** T1 and T2 of §17.1.1.1. */
const AGAIN = { firstMs: 500, maxMs: 4000 };

export const probeSip: ProbeOf<"sip"> = async (target, config, context) => {
  const { timeoutMs, transport, tls } = config;
  const memory = remember();
  const token = randomBytes(8).toString("hex");
  const remote = hostPort(target.address, target.port);
  const questionFrom = (local: string): SipQuestion => ({
    via: transport === "udp" ? "UDP" : tls === null ? "TCP" : "TLS",
    local,
    remote,
    token,
  });
  return attempt({ timeoutMs, late: memory.late, ...context }, (end, awaits) => {
    if (transport === "tcp") {
      return dial(target, config, {
        tls,
        end,
        awaits,
        ready(stream, summary) {
          const { localAddress = "", localPort = 0 } = stream;
          const question = questionFrom(hostPort(localAddress, localPort));
          ask(stream, question, config, memory, (outcome) => end(warned(outcome, summary)));
        },
      });
    }
    const exchange = {
      bytes: ({ address, port }: { readonly address: string; readonly port: number }) =>
        encodeOptions(questionFrom(hostPort(address, port)), config),
      judge(reply: Buffer): Outcome | undefined {
        const message = messageOf(reply);
        if (message === undefined) return memory.judged({ dropped: "what is no SIP" });
        return memory.judged(judgeSip(message, questionFrom(""), config));
      },
      again: { ...AGAIN, clock: context.clock },
    };
    return exchangeDatagrams(target, config, exchange, end);
  });
};

function ask(
  stream: Socket,
  question: SipQuestion,
  config: CheckConfigOf<"sip">,
  memory: Memory,
  end: (outcome: Outcome) => void,
): void {
  let rest: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let taken = takeSip(rest); taken !== undefined; taken = takeSip(rest)) {
      if (typeof taken === "string") return end(badResponse(taken));
      rest = rest.subarray(taken.lengthBytes);
      const outcome = memory.judged(judgeSip(taken.message, question, config));
      if (outcome === undefined) continue;
      stream.destroy();
      return end(outcome);
    }
    if (rest.length > 0) memory.judged({ dropped: `a part of an answer: ${shownBytes(rest)}` });
  });
  onLost(stream, ({ cause = "bad_response" as const, how }) => {
    end({ ok: false, cause, detail: `${how}: ${unmet("answer", rest)}` });
  });
  stream.write(encodeOptions(question, config));
}
