// The programs that scripts/compare runs on one file: each started at a node of a place, asked for its states, and ended.

import { readFileSync, rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { readConfigFile } from "../../build/src/config/read.js";
import { getJson } from "./get-json.mjs";
import { OUT, ROOT } from "./topology.mjs";

/** For a slow machine: what comes is waited for, and what does not is a program that ended. */
const PATIENCE_MS = 900_000;
/** For the lines of a file that begin with @. */
const CONFIG_ID = "high";

export function startKeepalived(place, node, file, { log, vrrpOnly }) {
  const at = (name) => `${place.folder}/${node}/${name}`;
  const pids = Object.entries({
    "-p": "pid",
    "-r": "vrrp.pid",
    "-c": "checkers.pid",
    "-b": "bfd.pid",
  });
  const words = [
    "keepalived",
    "-n",
    "-l",
    "-D",
    "-i",
    CONFIG_ID,
    "-f",
    file,
    ...(vrrpOnly ? ["-P"] : []),
  ];
  const child = place.spawn(
    node,
    [
      "env",
      `TMPDIR=${at("tmp")}`,
      ...words,
      ...pids.flatMap(([option, name]) => [option, at(name)]),
    ],
    log,
  );
  return {
    ready: () => comes(child, () => /Startup complete/.test(logOf(log)), log),
    notes: () => [],
    async states() {
      // Without an instance it has no process that would tell.
      if (!/Starting VRRP child/.test(logOf(log))) return [];
      const file = at("tmp/keepalived.data");
      rmSync(file, { force: true });
      process.kill(Number(readFileSync(at("pid"), "utf8")), "SIGUSR1");
      // The vrrp process writes it, and no line tells its end: it has its whole length when it does not grow.
      let text = "";
      await comes(
        child,
        async () => {
          const before = text;
          await delay(200);
          text = textOf(file);
          return text !== "" && text === before;
        },
        log,
      );
      return statesInDump(text);
    },
    pid: child.pid,
    hasEnded: () => hasEnded(child),
    end: () => endSlowly(child),
  };
}

function statesInDump(text) {
  const topology = text.split("------< VRRP Topology >------")[1]?.split("\n------<")[0] ?? "";
  return topology
    .split("\n VRRP Instance = ")
    .slice(1)
    .map((block) => {
      const value = (key) => new RegExp(`^\\s*${key} = (\\S+)`, "m").exec(block)?.[1];
      return `state ${block.split("\n")[0]} ${value("State")} priority ${value("Effective priority") ?? value("Priority")}`;
    })
    .sort();
}

export function startDuet(place, node, file, { log, vrrpOnly }) {
  const runDir = `${place.folder}/${node}/duet`;
  const child = place.spawn(
    node,
    ["node", `${ROOT}build/duet/main.js`, "run", "-i", CONFIG_ID, "-f", file, "--run-dir", runDir],
    log,
  );
  const status = () =>
    getJson(`${runDir}/duet.sock`, "/v1/status", { timeout: 60_000, agent: false });
  return {
    ready: () =>
      comes(child, async () => isStarted(await status().catch(() => undefined), !vrrpOnly), log),
    notes: () =>
      jsonLines(logOf(log))
        .filter(({ msg }) => msg === "configuration")
        .map(({ file: where = "", line = 0, problem }) => ({
          file: where,
          line,
          message: problem,
        })),
    async states() {
      const { vrrp_instances: all } = await status();
      return all
        .map(({ name, state, priority }) => `state ${name} ${state} priority ${priority}`)
        .sort();
    },
    pid: child.pid,
    hasEnded: () => hasEnded(child),
    end: () => endSlowly(child),
  };
}

function isStarted(status, hasServices) {
  if (status === undefined || (hasServices && status.virtual_servers.length === 0)) return false;
  return status.vrrp_instances.every(({ state }) => state !== "INIT");
}

/** The director role alone: three processes less, and the table is its work. */
export function startDirector(place, node, file, { log }) {
  const words = ["env", `DUET_RUN_DIR=${place.folder}/${node}/duet`, "DUET_LOG_LEVEL=info"];
  const program = ["node", `${ROOT}build/duet/main.js`, "--role", "director"];
  const child = place.spawn(node, [...words, ...program], log, { ipc: true });
  let isConfigured = false;
  child.on("message", ({ type }) => {
    isConfigured ||= type === "configured";
  });
  let notes = [];
  return {
    async ready() {
      const read = await readConfigFile(file, { configId: CONFIG_ID });
      notes = (read.ok ? read.warnings : read.problems).map((one) => ({ line: 0, ...one }));
      if (!read.ok) return false;
      child.send({ type: "configure", sequence: 1, config: read.config });
      return comes(child, () => isConfigured, log);
    },
    notes: () => notes,
    states: async () => [],
    pid: child.pid,
    hasEnded: () => hasEnded(child),
    async end() {
      if (child.connected) child.send({ type: "stop" });
      await ended(child);
    },
  };
}

export function startLdirectord(place, node, file, { log }) {
  const child = place.spawn(node, ["ldirectord", "-d", file, "start"], log);
  return {
    ready: () => comes(child, () => ipvsTableOf(child.pid).length > 0, log),
    notes: () => [],
    states: async () => [],
    pid: child.pid,
    hasEnded: () => hasEnded(child),
    end: () => endSlowly(child),
  };
}

/** SIGTERM, and time for a slow machine to take everything off. */
async function endSlowly(child) {
  child.kill("SIGTERM");
  await ended(child);
}

async function ended(child) {
  await comes(child, () => false, "its end");
}

function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}

/** What the kernel has there, without the cost of a process: of the namespace of a process, for a first look. */
export function ipvsTableOf(pid) {
  return textOf(`/proc/${pid}/net/ip_vs`)
    .split("\n")
    .slice(3)
    .map((line) => line.replace(/^( +->.*?)\s+\d+\s+\d+\s*$/, "$1"))
    .filter((line) => line !== "");
}

/** Waits until it is so; a program that ended instead is what there is to see. */
async function comes(child, condition, log) {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!hasEnded(child)) {
    if (await condition()) return true;
    if (performance.now() > deadlineMs)
      throw new Error(`Not ready within ${PATIENCE_MS} ms: ${OUT}/${log}`);
    await delay(250);
  }
  return false;
}

function logOf(log) {
  return textOf(`${OUT}/${log}`);
}

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function jsonLines(text) {
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));
}
