// One datagram there, again while nothing comes where that is wanted, and the first one back that is an answer to it.

import type { AddressInfo } from "node:net";
import { type Backoff, backoffMs } from "../../lib/backoff.ts";
import type { Clock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import type { Target } from "../model.ts";
import type { CheckPlace } from "../model-common.ts";
import { connectFailure, type Outcome, type Release } from "./attempt.ts";
import { openUdp } from "./open.ts";

export type Exchange = {
  readonly bytes: Uint8Array | ((local: AddressInfo) => Uint8Array);
  /** undefined = not an answer to what was asked: the next one is waited for. */
  readonly judge: (reply: Buffer) => Judged | Promise<Judged>;
  /** When a lost datagram is sent again. */
  readonly again?: Backoff & { readonly clock: Clock };
};

type Judged = Outcome | undefined;

export function exchangeDatagrams(
  target: Target,
  config: CheckPlace,
  { bytes, judge, again }: Exchange,
  end: (outcome: Outcome) => void,
): Release {
  const socket = openUdp(target, config);
  let question: Uint8Array = Buffer.alloc(0);
  let sent = 0;
  const alarm = again?.clock.alarm(send);

  function send(): void {
    socket.send(question, (error) => {
      if (error !== null) end(connectFailure(error));
    });
    sent += 1;
    if (again !== undefined) alarm?.set(again.clock.nowMs() + backoffMs(again, sent));
  }

  socket.on("error", (error) => end(connectFailure(error)));
  socket.on("message", (reply) => void conclude(reply));

  /** Never rejects. */
  async function conclude(reply: Buffer): Promise<void> {
    try {
      const outcome = await judge(reply);
      if (outcome !== undefined) end(outcome);
    } catch (error) {
      end({ ok: false, cause: "internal", detail: errorText(error) });
    }
  }

  socket.on("connect", () => {
    question = typeof bytes === "function" ? bytes(socket.address()) : bytes;
    send();
  });
  return () => {
    alarm?.set(Infinity);
    socket.removeAllListeners("message");
    socket.close();
  };
}
