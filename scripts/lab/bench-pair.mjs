// Two directors of one kind, "a" and "b", joined by any number of cables, with many instances on them. Both kinds
// get the same instances and answer the same questions.

import { readFileSync, writeFileSync } from "node:fs";
import { bigConf } from "./bench-conf.mjs";
import { endChild, OUT, ROOT, run, startIn } from "./topology.mjs";

/** A vrid is one byte, and used once on a cable. */
export const INSTANCES_A_CABLE_MAX = 250;

/** @param {{ kind: "duet" | "keepalived", cables: number }} options */
export function buildPair({ kind, cables }) {
  const [a, b] = ["a", "b"].map((side) => `${kind}-${side}`);
  for (const node of [a, b]) {
    run("ip", "netns", "add", node);
    run("ip", "-n", node, "link", "set", "lo", "up");
  }
  for (let i = 0; i < cables; i += 1) {
    const wire = `w${i}`;
    run("ip", "-n", a, "link", "add", wire, "type", "veth", "peer", "name", wire, "netns", b);
    for (const [node, host] of [
      [a, 1],
      [b, 2],
    ]) {
      run("ip", "-n", node, "address", "add", `10.${i}.0.${host}/16`, "dev", wire);
      run("ip", "-n", node, "link", "set", wire, "up");
    }
  }
  return { a, b, raze: () => [a, b].forEach((node) => run("ip", "netns", "delete", node)) };
}

/** Starts the side of a pair with the priority; `instances` as bigConf() takes them. */
export function startSide(kind, { node, priority, instances, ...rest }) {
  const file = `${OUT}/${node}.${kind === "duet" ? "ini" : "conf"}`;
  writeFileSync(file, bigConf(kind, { priority, instances, ...rest }), { mode: 0o644 });
  return kind === "duet" ? duet(node, file) : keepalived(node, file);
}

function duet(node, file) {
  const runDir = `${OUT}/run-${node}`;
  const words = ["node", `${ROOT}build/duet/main.js`, "run", "-f", file, "--run-dir", runDir];
  const child = startIn(node, `${node}.log`, words);
  return {
    pid: child.pid,
    vrrpPid: () => childNamed(child.pid, "duet-vrrp"),
    stop: () => endChild(child),
  };
}

function keepalived(node, file) {
  const pids = ["-p", `${OUT}/${node}.pid`, "-r", `${OUT}/${node}-vrrp.pid`];
  const child = startIn(node, `${node}.log`, ["keepalived", "-n", "-l", "-P", "-f", file, ...pids]);
  return {
    pid: child.pid,
    vrrpPid: () => Number(readFileSync(`${OUT}/${node}-vrrp.pid`, "utf8")),
    stop: () => endChild(child),
  };
}

function childNamed(pid, name) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return Number(
    children.find((each) => readFileSync(`/proc/${each}/comm`, "utf8").trim() === name),
  );
}

/** How many virtual addresses (they are the /32 ones) a node holds. */
export function vipCount(node) {
  return (
    run("ip", "-n", node, "-4", "-o", "address").match(/ 10\.\d+\.\d+\.\d+\/32 /g)?.length ?? 0
  );
}
