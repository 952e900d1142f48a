// The client of the lab: asks the VIP all the time, and says what became of the requests of a time span.

import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  answersByServer,
  failuresText,
  lastFailureMs,
  lostMs,
  median,
  nowMs,
  outageOf,
  pausedMs,
  slowMs,
} from "./measure.mjs";
import { endChild, startIn, until, VIP } from "./topology.mjs";

const INTERVAL_MS = 5;
/** Until it is known how long a request takes here. */
const FIRST_INTERVAL_MS = 50;
/** The servers, the directors and the client share one processor: the client takes a third of it at most. */
const SHARE = 3;
const FIRST_REQUESTS = 15;
// Below the second after which TCP would send a lost SYN again: what was lost counts as lost, what was slow does not.
const TIMEOUT_MS = 900;

export async function startTraffic(address = VIP) {
  const script = fileURLToPath(new URL("client.mjs", import.meta.url));
  const args = ["node", script, address, String(FIRST_INTERVAL_MS), String(TIMEOUT_MS)];
  const child = startIn("client", "client.log", args, { ipc: true });

  // One question at a time: the answers carry no name.
  let asked = Promise.resolve();
  let answered = () => {};
  child.on("message", (samples) => answered(samples));
  child.on("exit", () => answered([]));
  function samples(sinceMs, untilMs) {
    asked = asked.then(
      () =>
        new Promise((resolve) => {
          answered = resolve;
          if (child.connected) child.send({ sinceMs, untilMs });
          else resolve([]);
        }),
    );
    return asked;
  }

  /** Of the requests sent in that time; waits until the last of them has its answer or its timeout. */
  async function between(fromMs, toMs) {
    const openMs = toMs + TIMEOUT_MS + 50 - nowMs();
    if (openMs > 0) await delay(openMs);
    const sent = await samples(fromMs, toMs);
    return {
      ...outageOf(sent),
      lostMs: lostMs(sent),
      pausedMs: pausedMs(sent),
      slowMs: slowMs(sent),
      answers: answersByServer(sent),
      failures: failuresText(sent),
    };
  }

  const since = (fromMs) => between(fromMs, nowMs());
  let answeredMs = [];
  await until("the client gets answers", async () => {
    const sent = await samples(0, nowMs());
    answeredMs = sent.filter(({ ok }) => ok).map(({ tookMs }) => tookMs);
    return answeredMs.length >= FIRST_REQUESTS;
  });
  child.send({ newIntervalMs: Math.max(INTERVAL_MS, SHARE * median(answeredMs)) });
  return {
    between,
    since,
    /** Of the requests since then, once none was lost for `calmMs`. */
    async settled(fromMs, { calmMs = 2000 } = {}) {
      const isCalm = async () => {
        const toMs = nowMs() - TIMEOUT_MS - 50;
        const sent = await samples(fromMs, toMs);
        return toMs - Math.max(fromMs, lastFailureMs(sent)) > calmMs;
      };
      await until("the client is served again", isCalm, { everyMs: 250 });
      return since(fromMs);
    },
    stop: () => endChild(child),
  };
}
