// The lab's machines from JavaScript: start things in them, unplug them, wait for them.

import { execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { nowMs } from "./measure.mjs";

export const VIP = "10.0.0.100";
/** Logs and other files of this run; outside it nothing survives the lab kernel. */
export const OUT = process.env["LAB_OUT"] ?? "/run";
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const children = new Set();

/**
 * @param {"dr" | "nat" | "tun"} mode
 * @param {{ bare?: boolean }} options bare: the real servers are not set up
 */
export function buildTopology(mode, { bare = false } = {}) {
  const servers = bare ? ["bare"] : [];
  run(fileURLToPath(new URL("topology", import.meta.url)), mode, ...servers);
}

/** Ends what was started and removes the machines, so that others can be built. */
export async function razeTopology() {
  await endAll();
  for (const [, port] of run("ip", "-o", "link").matchAll(/ (\w+-(?:pub|srv))@/g)) {
    run("ip", "link", "delete", port);
  }
  for (const bridge of ["brp", "brs"]) run("ip", "link", "delete", bridge);
  for (const node of ["client", "d1", "d2", "rs1", "rs2"]) run("ip", "netns", "delete", node);
}

/** Runs a command to its end and returns what it printed; throws when it failed. */
export function run(command, ...args) {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export function runIn(node, command, ...args) {
  return run("ip", "netns", "exec", node, command, ...args);
}

/** Starts a process in a machine; its output goes to OUT/<log>. It ends with the lab at the latest. */
export function startIn(node, log, [command, ...args], options = {}) {
  return start(log, ["ip", "netns", "exec", node, command, ...args], options);
}

/** In the namespace of this process. */
export function start(log, [command, ...args], options = {}) {
  const fd = openSync(`${OUT}/${log}`, "a");
  const child = spawn(command, args, {
    stdio: ["ignore", fd, fd, ...(options.ipc ? ["ipc"] : [])],
    env: { ...process.env, ...options.env },
  });
  closeSync(fd);
  children.add(child);
  child.once("exit", () => children.delete(child));
  return child;
}

/** Both real servers: see server.mjs. */
export async function startServers() {
  const script = fileURLToPath(new URL("server.mjs", import.meta.url));
  for (const name of ["rs1", "rs2"])
    startIn(name, `${name}.log`, ["node", script, name, sickFile(name)]);
  for (const name of ["rs1", "rs2"]) {
    await until(`${name} serves`, () => runIn(name, "ss", "-Hltn", "sport = :80") !== "");
  }
}

export function makeSick(server) {
  writeFileSync(sickFile(server), "");
}

export function makeWell(server) {
  rmSync(sickFile(server), { force: true });
}

function sickFile(server) {
  return `/run/${server}.sick`;
}

/** Takes the public cable out of the switch. The carrier stays: the machine does not notice. */
export function unplug(node) {
  run("ip", "link", "set", `${node}-pub`, "nomaster");
}

export function plugIn(node) {
  run("ip", "link", "set", `${node}-pub`, "master", "brp");
}

/** Returns right after a VRRP advert of this machine, so that the next one is somebody else's. */
export function afterAdvertOf(node) {
  // Not immediate, the capture would hand the packet over up to a second late.
  const words = ["--immediate-mode", "-c1", "-ni", `${node}-pub`, "ip proto 112"];
  run("timeout", "120", "tcpdump", ...words);
}

/** The destinations in a machine's kernel table, "10.1.0.21:80" -> weight. */
export function ipvsTable(node) {
  const table = {};
  for (const line of runIn(node, "ipvsadm", "-Ln").split("\n")) {
    const [, destination, weight] = /-> (\d\S+)\s+\S+\s+(\d+)/.exec(line) ?? [];
    if (destination !== undefined) table[destination] = Number(weight);
  }
  return table;
}

/** Long enough for a machine on which other labs run too: a pair takes 20 s to start there. It is no measure of anything. */
const PATIENCE_MS = 300_000;

/**
 * Waits for a condition and tells how long it took; throws when it does not come true at all. A look that starts a program
 * takes a tenth of a second of the one processor that what is waited for needs too: unless told how often, a quarter of the
 * time goes to looks.
 */
export async function until(what, condition, { everyMs } = {}) {
  const startMs = nowMs();
  for (;;) {
    const lookMs = nowMs();
    if (await condition()) return nowMs() - startMs;
    if (nowMs() - startMs > PATIENCE_MS)
      throw new Error(`This did not happen within ${PATIENCE_MS} ms: ${what}`);
    await delay(everyMs ?? Math.min(Math.max(50, 3 * (nowMs() - lookMs)), 1000));
  }
}

/** What is worth a look when something did not happen: who the client talks to, both tables, both logs' ends. */
export function evidence() {
  const tail = (node) =>
    readFileSync(`${OUT}/${node}.log`, "utf8").trimEnd().split("\n").slice(-25);
  return [
    `--- client\n${run("ip", "-n", "client", "neigh")}`,
    ...["d1", "d2"].map((node) =>
      [`--- ${node}`, run("ip", "-n", node, "-br", "address"), run("ip", "-n", node, "neigh")]
        .concat(runIn(node, "ipvsadm", "-Ln"), tail(node))
        .join("\n"),
    ),
  ];
}

/** Ends every process that startIn() started. */
export async function endAll() {
  const ending = [...children].map((child) => endChild(child));
  await Promise.all(ending);
}

/** Runs a story to its end, good or bad, and leaves nothing running. */
export async function endingAll(story) {
  try {
    await story();
  } finally {
    await endAll();
  }
  process.exit(0);
}

/** SIGTERM, and SIGKILL for what is still there after 5 s. */
export async function endChild(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await exited;
  clearTimeout(timer);
}
