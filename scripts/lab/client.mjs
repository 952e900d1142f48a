// client.mjs ADDRESS INTERVAL_MS TIMEOUT_MS : asks http://ADDRESS/ at a steady rate, each time by a new connection,
// and keeps what became of it. Over IPC, { sinceMs, untilMs } is answered with the samples sent in that time;
// { newIntervalMs } changes the rate.
// It decides nothing: measure.mjs does.

import { connect } from "node:net";
import { nowMs } from "./measure.mjs";

const [address = "", interval = "5", timeout = "900"] = process.argv.slice(2);
let intervalMs = Number(interval);
const timeoutMs = Number(timeout);
const IN_FLIGHT_MAX = 500;
const SAMPLES_MAX = 200_000;

const samples = [];
let inFlight = 0;
let dueMs = nowMs();

function tick() {
  if (inFlight < IN_FLIGHT_MAX) ask();
  // After a stall of this process the rate goes on, the missed requests are not made up for.
  dueMs = Math.max(dueMs + intervalMs, nowMs());
  setTimeout(tick, Math.max(1, Math.round(dueMs - nowMs())));
}

function ask() {
  const sentMs = nowMs();
  const sample = { sentMs, ok: false, server: "", why: "", tookMs: Infinity, done: false };
  samples.push(sample);
  if (samples.length > SAMPLES_MAX) samples.splice(0, SAMPLES_MAX / 2);
  inFlight += 1;
  let text = "";
  const socket = connect(80, address, () => socket.write("GET / HTTP/1.0\r\n\r\n"));
  const timer = setTimeout(() => setImmediate(setImmediate, giveUp), timeoutMs);
  // Timers come before input in Node's loop: after a stall of this process the answer may be there already.
  function giveUp() {
    sample.why = "no answer";
    socket.destroy();
  }
  socket.setEncoding("latin1");
  socket.on("data", (part) => {
    text += part;
  });
  socket.on("error", ({ code }) => {
    sample.why = code;
  });
  socket.on("close", () => {
    clearTimeout(timer);
    inFlight -= 1;
    sample.done = true;
    sample.tookMs = nowMs() - sentMs;
    sample.ok = text.startsWith("HTTP/1.1 200 ") && text.endsWith("\n");
    if (text !== "") sample.why = text.slice(0, text.indexOf("\r\n"));
    sample.server = /\r\n\r\n(\S+)/.exec(text)?.[1] ?? "";
  });
}

process.on("message", ({ sinceMs, untilMs, newIntervalMs }) => {
  if (newIntervalMs !== undefined) {
    intervalMs = newIntervalMs;
    return;
  }
  const wanted = samples.filter((s) => s.done && s.sentMs >= sinceMs && s.sentMs < untilMs);
  process.send(wanted);
});
process.on("disconnect", () => process.exit(0));
tick();
