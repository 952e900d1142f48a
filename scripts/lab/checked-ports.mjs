// checked-ports.mjs FILE : servers that can be closed and opened one by one, for bench-checks.mjs, which starts this and
// talks to it over IPC. FILE: JSON [{ address, port }]. Each answers "ok" to whoever asks.
//   { close: [i] }, { open: [i] } -> { done: ms }     { arrivals: true } -> { arrivals: [[ms, ...], ...] } since the last time

import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { nowMs } from "./measure.mjs";

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";

const ports = JSON.parse(readFileSync(process.argv[2], "utf8")).map((place) => ({
  ...place,
  arrivals: [],
  server: undefined,
}));

async function open(one) {
  one.server = createServer((socket) => {
    one.arrivals.push(nowMs());
    socket.on("error", () => {});
    socket.on("data", () => socket.end(ANSWER));
  });
  await new Promise((resolve) => one.server.listen(one.port, one.address, resolve));
}

process.on("message", async (message) => {
  if (message.arrivals) {
    process.send({ arrivals: ports.map((one) => one.arrivals.splice(0)) });
    return;
  }
  for (const i of message.close ?? []) ports[i].server.close();
  for (const i of message.open ?? []) await open(ports[i]);
  process.send({ done: nowMs() });
});
await Promise.all(ports.map(open));
process.send({ done: nowMs() });
