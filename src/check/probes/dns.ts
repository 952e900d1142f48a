// One question to a name server. RFC 1035; over TCP §4.2.2.

import { randomInt } from "node:crypto";
import type { RecordType } from "dns-packet";
import { judgeAnswer } from "../dns-answer.ts";
import type { Target } from "../model.ts";
import { shownBytes } from "../shown.ts";
import type { CheckConfigOf } from "../types/index.ts";
import {
  type Awaits,
  attempt,
  badResponse,
  connectFailure,
  dropSocket,
  type Outcome,
  type Release,
} from "./attempt.ts";
import { type Exchange, exchangeDatagrams } from "./exchange.ts";
import { openTcp } from "./open.ts";
import type { ProbeOf } from "./probe.ts";
import { type Memory, noAnswer, remember } from "./remember.ts";
import { CLOSED, howLost, unmet } from "./wire.ts";

export const probeDns: ProbeOf<"dns"> = async (target, config, context) => {
  // Loaded only where somebody checks name servers.
  const { default: codec } = await import("dns-packet");
  const id = randomInt(2 ** 16);
  const bytes = codec.encode({
    type: "query",
    id,
    flags: config.recursion ? codec.RECURSION_DESIRED : 0,
    questions: [{ name: config.queryName, type: config.queryType as RecordType, class: "IN" }],
  });
  const memory = remember();
  const asker = { who: `${target.address}:${target.port}`, patienceMs: config.timeoutMs };
  const asked = { ...config, id, asker };
  const judge = async (reply: Buffer): Promise<Outcome | undefined> => {
    const outcome = await judgeAnswer(reply, asked, (packet) => codec.decode(packet));
    return memory.judged(outcome ?? { dropped: noAnswer(reply) });
  };
  const { late } = memory;
  return attempt({ timeoutMs: config.timeoutMs, late, ...context }, (end, awaits) =>
    config.transport === "udp"
      ? exchangeDatagrams(target, config, { bytes, judge }, end)
      : exchangeByTcp(target, config, { bytes, judge, memory, awaits }, end),
  );
};

function exchangeByTcp(
  target: Target,
  config: CheckConfigOf<"dns">,
  {
    bytes,
    judge,
    memory,
    awaits,
  }: Exchange & {
    readonly bytes: Uint8Array;
    readonly memory: Memory;
    readonly awaits: Awaits;
  },
  end: (outcome: Outcome) => void,
): Release {
  const socket = openTcp(target, config);
  let connected = false;
  awaits("connection");
  let hasAnswer = false;
  let received: Buffer = Buffer.alloc(0);
  const lost = (how: string): Outcome => badResponse(`${how}: ${unmet("answer", received)}`);
  socket.on("connect", () => {
    connected = true;
    awaits("answer");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    socket.write(Buffer.concat([length, bytes]));
  });
  socket.on("data", (chunk: Buffer) => {
    if (hasAnswer) return;
    received = Buffer.concat([received, chunk]);
    if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) {
      memory.judged({ dropped: `a part of an answer: ${shownBytes(received)}` });
      return;
    }
    const reply = received.subarray(2, 2 + received.readUInt16BE(0));
    hasAnswer = true;
    void conclude(reply);
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    if (!hasAnswer) end(connected ? lost(howLost(error)) : connectFailure(error));
  });
  socket.on("close", () => {
    if (!hasAnswer) end(lost(CLOSED));
  });

  async function conclude(reply: Buffer): Promise<void> {
    end((await judge(reply)) ?? badResponse(noAnswer(received)));
  }

  return () => dropSocket(socket);
}
