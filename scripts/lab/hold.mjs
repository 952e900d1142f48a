// hold.mjs ADDRESS PORT : one TCP connection to an echo server, kept. Says something every 100 ms and prints what comes back,
// a line each; "ended" when the connection ends.

import { connect } from "node:net";

const [host = "", port = "0"] = process.argv.slice(2);
const socket = connect({ host, port: Number(port) });
let said = 0;

socket.on("data", (bytes) => console.log(String(bytes).trim()));
socket.on("error", (error) => console.log(`ended: ${error.message}`));
socket.on("close", () => {
  console.log("ended");
  process.exit(1);
});
socket.on("connect", () => {
  setInterval(() => {
    said += 1;
    socket.write(`${said}\n`);
  }, 100);
});
