// One datagram there, and the first one back that is an answer to it.

import { errorText } from "../../lib/errors.ts";
import type { CheckPlace, Target } from "../model.ts";
import { connectFailure, type Outcome, type Release } from "./attempt.ts";
import { openUdp } from "./open.ts";

export type Exchange = {
  readonly bytes: Uint8Array;
  /** undefined = not an answer to what was asked: the next one is waited for. */
  readonly judge: (reply: Buffer) => Outcome | undefined;
};

export function exchangeDatagrams(
  target: Target,
  config: CheckPlace,
  { bytes, judge }: Exchange,
  end: (outcome: Outcome) => void,
): Release {
  const socket = openUdp(target, config);
  socket.on("error", (error) => end(connectFailure(error)));
  socket.on("message", (reply) => {
    try {
      const outcome = judge(reply);
      if (outcome !== undefined) end(outcome);
    } catch (error) {
      end({ ok: false, cause: "internal", detail: errorText(error) });
    }
  });
  socket.on("connect", () => {
    socket.send(bytes, (error) => {
      if (error !== null) end(connectFailure(error));
    });
  });
  return () => {
    socket.removeAllListeners("message");
    socket.close();
  };
}
