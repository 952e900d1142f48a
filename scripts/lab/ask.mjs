// ask.mjs ADDRESS PORT[,PORT...] COUNT [FROM,...] : connects COUNT times from each address, to the ports in turn, and prints
// as JSON which server answered: { FROM: { PORT: [NAME, ...] } }. "-" = no answer within 2 s. The connections stay until the end.

import { once } from "node:events";
import { connect } from "node:net";

const [host = "", ports = "", count = "1", from = ""] = process.argv.slice(2);
const TIMEOUT_MS = 2000;
const answers = {};
const sockets = [];

for (const localAddress of from === "" ? [undefined] : from.split(",")) {
  const byPort = {};
  for (let i = 0; i < Number(count); i += 1) {
    for (const port of ports.split(",")) (byPort[port] ??= []).push(await ask(port, localAddress));
  }
  answers[localAddress ?? ""] = byPort;
}
console.log(JSON.stringify(answers));
for (const socket of sockets) socket.resetAndDestroy();

async function ask(port, localAddress) {
  const socket = connect({ host, port: Number(port), localAddress });
  socket.on("error", () => {});
  sockets.push(socket);
  try {
    const [bytes] = await once(socket, "data", { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return String(bytes).trim();
  } catch {
    return "-";
  }
}
