// A program: answers UDP on every address of its network, on the port that is its argument, until it is ended.

import { createSocket } from "node:dgram";

const socket = createSocket("udp4");
socket.on("message", (bytes, { port, address }) => socket.send(bytes, port, address, () => {}));
socket.bind(Number(process.argv[2]), () => process.stdout.write("ready\n"));
