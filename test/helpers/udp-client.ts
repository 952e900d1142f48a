// A program: asks an address again and again by UDP until SIGTERM, then tells as JSON how many questions were
// answered. Arguments: address, port, period in milliseconds.

import { createSocket } from "node:dgram";

const [address = "", port = "0", periodMs = "10"] = process.argv.slice(2);
const LAST_ANSWERS_MS = 500;

const socket = createSocket("udp4");
const heard = new Set<string>();
let sent = 0;
socket.on("message", (bytes) => {
  if (heard.size === 0) process.stdout.write("answered\n");
  heard.add(bytes.toString());
});
socket.on("error", () => {});
const asking = setInterval(() => {
  sent += 1;
  socket.send(String(sent), Number(port), address, () => {});
}, Number(periodMs));
process.on("SIGTERM", () => {
  clearInterval(asking);
  setTimeout(() => {
    const lost = Array.from({ length: sent }, (_, i) => String(i + 1)).filter((n) => !heard.has(n));
    process.stdout.write(`${JSON.stringify({ sent, lost: lost.length })}\n`);
    process.exit(0);
  }, LAST_ANSWERS_MS);
});
