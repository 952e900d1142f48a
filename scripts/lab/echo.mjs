// echo.mjs NAME PORT... : a TCP server that says "NAME\n" to who connects, then whatever it hears.

import { createServer } from "node:net";

const [name = "rs", ...ports] = process.argv.slice(2);

for (const port of ports) {
  createServer((socket) => {
    socket.on("error", () => {});
    socket.write(`${name}\n`);
    socket.pipe(socket);
  }).listen(Number(port));
}
