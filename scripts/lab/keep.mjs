// Keeps the lab running after the story: a shell on the terminal, when there is one, and the asks of scripts/lab/do.

import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { note } from "./tell.mjs";
import { OUT, ROOT, VIP } from "./topology.mjs";

/** Returns when the shell ends; without a terminal, never: whoever started the lab ends it. */
export async function keep(directors) {
  const isTerminal = process.stdin.isTTY === true;
  note(`
Everything runs on. ${isTerminal ? 'This shell is inside the lab; "exit" ends it all.' : "Ctrl-C or SIGTERM ends it all."} Look around:
${directors.map(({ lookAround }) => `  ${lookAround}`).join("\n")}
  ip netns exec client curl ${VIP}
  ip netns exec d1 ipvsadm -Ln
  ip netns exec d1 tcpdump -c 5 -ni pub vrrp
  ip link set d1-pub nomaster           pulls A's cable; "master brp" plugs it in
  touch /run/rs2.sick                   makes a server sick; rm makes it well
From another terminal: ${ROOT}scripts/lab/do ${OUT} COMMAND...
Logs: ${OUT}/d1.log d2.log`);
  writeFileSync(`${OUT}/kept`, "");
  const shell = isTerminal ? exitOf(startShell()) : new Promise(() => {});
  let ended = false;
  void shell.then(() => {
    ended = true;
  });
  while (!ended) {
    answerAsks();
    await Promise.race([shell, delay(100)]);
  }
  rmSync(`${OUT}/kept`, { force: true });
}

function startShell() {
  const env = { ...process.env, PS1: "lab# " };
  return spawn("bash", ["--norc", "-i"], { stdio: "inherit", env });
}

const answered = new Set();

function answerAsks() {
  for (const name of readdirSync(OUT)) {
    const ask = `${OUT}/${name}`;
    if (!name.startsWith("ask.") || answered.has(name) || !existsSync(`${ask}/command`)) continue;
    answered.add(name);
    void answer(ask);
  }
}

async function answer(ask) {
  const fd = openSync(`${ask}/output`, "w");
  const child = spawn("bash", [`${ask}/command`], { stdio: ["ignore", fd, fd] });
  closeSync(fd);
  writeFileSync(`${ask}/status.new`, `${await exitOf(child)}\n`);
  renameSync(`${ask}/status.new`, `${ask}/status`);
}

function exitOf(child) {
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}
