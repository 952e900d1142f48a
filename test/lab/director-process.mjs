// The director role as a process of its own, and what it needs around it: a configuration, servers, ipvsadm's eyes.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { readConfigFile } from "../../build/src/config/read.js";

export async function configOf(text) {
  const file = `${mkdtempSync("/run/director-")}/duet.ini`;
  writeFileSync(file, text);
  const read = await readConfigFile(file);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.config;
}

export function startDirector(runDir, config, wrapper = []) {
  const lines = [];
  const [command, ...words] = [
    ...wrapper,
    process.execPath,
    "build/duet/main.js",
    "--role",
    "director",
  ];
  const child = spawn(command, words, {
    stdio: ["ignore", "inherit", "pipe", "ipc"],
    env: { ...process.env, DUET_RUN_DIR: runDir, DUET_LOG_LEVEL: "info" },
  });
  createInterface(child.stderr).on("line", (line) => {
    lines.push(line.startsWith("{") ? JSON.parse(line) : { msg: line });
  });
  let sequence = 0;
  let done = 0;
  child.on("message", (message) => {
    if (message.type === "configured") done = message.sequence;
  });
  return {
    process: child,
    lines,
    isConfigured: () => done === sequence,
    has: (msg) => lines.some((line) => line.msg === msg),
    configure(virtualServers = config.virtualServers) {
      sequence += 1;
      child.send({
        type: "configure",
        sequence,
        config: { ...config, virtualServers },
      });
    },
    async end(signal) {
      child.kill(signal);
      await once(child, "exit");
    },
  };
}

/** A server on port 8080 that says back what it hears. */
export async function serve(address) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.pipe(socket);
  });
  server.listen(8080, address);
  await once(server, "listening");
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

export async function echo(socket, limitMs) {
  socket.write("ping");
  const [bytes] = await once(socket, "data", { signal: AbortSignal.timeout(limitMs) });
  if (String(bytes) !== "ping") throw new Error(`The server answered "${bytes}"`);
}

export function saved() {
  return run("ipvsadm", "-S", "-n")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .sort();
}

export function run(command, ...args) {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
