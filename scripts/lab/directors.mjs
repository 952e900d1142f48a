// The two kinds of director that the lab can run: duet from this tree, and Debian's keepalived.
// Both are started in a namespace and answer the same questions.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { getJson } from "./get-json.mjs";
import { keepalivedConf } from "./keepalived-conf.mjs";
import { endChild, ipvsTable, OUT, ROOT, run, runIn, startIn, VIP } from "./topology.mjs";

/**
 * @typedef {object} Director
 * @property {"duet" | "keepalived"} kind
 * @property {string} node the namespace
 * @property {() => Promise<number>} vrrpPid the process that speaks VRRP
 * @property {() => Promise<string>} state "MASTER", "BACKUP" … as it says itself
 * @property {() => string} statusText for people
 * @property {() => Promise<void>} stop
 */

/** @returns {Director} */
export function startDuet({ node, file }) {
  const runDir = `/run/duet-${node}`;
  const main = `${ROOT}build/duet/main.js`;
  rmSync(runDir, { recursive: true, force: true });
  const child = startIn(node, `${node}.log`, [
    "node",
    main,
    "run",
    "-f",
    file,
    "--run-dir",
    runDir,
  ]);
  const status = () => getJson(`${runDir}/duet.sock`, "/v1/status", { timeout: 5_000 });
  return {
    kind: "duet",
    pid: child.pid,
    node,
    status,
    async vrrpPid() {
      const { processes } = await status();
      return processes.find(({ role }) => role === "vrrp").pid;
    },
    async state() {
      const { vrrp_instances: instances } = await status().catch(() => ({ vrrp_instances: [] }));
      return instances[0]?.state ?? "not running";
    },
    statusText: () => runIn(node, "node", main, "status", "--run-dir", runDir),
    /** Another command of duet for this daemon, "reload" say. */
    command: (name) => runIn(node, "node", main, name, "--run-dir", runDir),
    exited: () => child.exitCode !== null || child.signalCode !== null,
    lookAround: `ip netns exec ${node} node ${main} status --run-dir ${runDir}`,
    stop: () => endChild(child),
  };
}

/** @returns {Director} */
export function startKeepalived({ node, mode, priority, answersHigher }) {
  const conf = `${OUT}/${node}-keepalived.conf`;
  const pidFile = (name) => `/run/keepalived-${node}-${name}.pid`;
  writeFileSync(conf, keepalivedConf({ node, mode, priority, answersHigher }), { mode: 0o644 });
  const options = "--dont-fork --log-console --log-detail".split(" ");
  const pidFiles = {
    "--pid": pidFile("parent"),
    "--vrrp_pid": pidFile("vrrp"),
    "--checkers_pid": pidFile("check"),
  };
  const words = ["keepalived", ...options, "--use-file", conf, ...Object.entries(pidFiles).flat()];
  const child = startIn(node, `${node}.log`, words);
  return {
    kind: "keepalived",
    pid: child.pid,
    node,
    vrrpPid: async () => Number(readFileSync(pidFile("vrrp"), "utf8")),
    state: async () => (holdsVip(node) ? "MASTER" : "BACKUP"),
    statusText: () =>
      `keepalived, priority ${priority}: ${holdsVip(node) ? "holds" : "does not hold"} ${VIP}\n` +
      runIn(node, "ipvsadm", "-Ln"),
    lookAround: `ip netns exec ${node} ipvsadm -Ln`,
    stop: () => endChild(child),
  };
}

/** The shipped file of director "a" or "b". */
export function demoFile(name, mode) {
  return `${ROOT}conf/director-${name}${mode === "dr" ? "" : `-${mode}`}.ini`;
}

/** True when the director's kernel has both real servers, with their weights. */
export function tableIsFull(node) {
  const table = ipvsTable(node);
  return weightIn(table, "rs1") === 2 && weightIn(table, "rs2") === 1;
}

/** The weight of a real server in a director's kernel table, by either of its addresses; 0 = not there. */
export function weightOf(node, server) {
  return weightIn(ipvsTable(node), server);
}

function weightIn(table, server) {
  const ending = { rs1: ".21:80", rs2: ".22:80" }[server];
  return Object.entries(table).find(([address]) => address.endsWith(ending))?.[1] ?? 0;
}

function holdsVip(node) {
  return run("ip", "-n", node, "-4", "address").includes(` ${VIP}/`);
}
