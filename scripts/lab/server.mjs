// server.mjs NAME CONTROL : a real server. `/` answers "NAME <client address>", `/ok.html` answers "ok".
// While the file CONTROL exists the server is sick: `/ok.html` says "sick" and `/` answers 503.

import { existsSync } from "node:fs";
import { createServer } from "node:http";

const [name = "rs", control = ""] = process.argv.slice(2);

createServer((request, response) => {
  const sick = control !== "" && existsSync(control);
  response.setHeader("connection", "close");
  if (request.url === "/ok.html") response.end(sick ? "sick\n" : "ok\n");
  else if (sick) response.writeHead(503).end(`${name} is sick\n`);
  else response.end(`${name} ${request.socket.remoteAddress}\n`);
}).listen(80, "0.0.0.0");
