// One ICMP echo: the machine is there and has a network, which says nothing of its services.

import { randomBytes, randomInt } from "node:crypto";
import { openPing } from "../../kernel/ping-socket.ts";
import { attempt, connectFailure } from "./attempt.ts";
import type { ProbeOf } from "./probe.ts";

const PAYLOAD_BYTES = 56;

export const probePing: ProbeOf<"ping"> = async (target, config, context) => {
  return attempt({ timeoutMs: config.timeoutMs, ...context }, (end) => {
    const socket = openPing({
      address: target.address,
      source: config.source,
      id: randomInt(2 ** 16),
      payload: randomBytes(PAYLOAD_BYTES),
      onReply: () => end({ ok: true, detail: "echo" }),
      onError: (code) => end(connectFailure(Object.assign(new Error(code), { code }))),
    });
    return () => socket.close();
  });
};
