// A server for more checks than a test's own process could answer beside them: says its port, and answers each request.

import { type AddressInfo, createServer } from "node:net";

const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";

const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", () => void socket.end(ANSWER));
});
server.listen({ port: 0, host: "0.0.0.0", backlog: 1024 }, () =>
  process.send?.((server.address() as AddressInfo).port),
);
process.on("disconnect", () => process.exit(0));
