// Watches who holds the VIP. One netlink socket hears all namespaces, so the kernel itself says in which order
// one machine gave the address up and the other took it: no polling, nothing between two looks is missed.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { nowMs } from "./measure.mjs";
import { run } from "./topology.mjs";

/**
 * @param {string} vip
 * @param {string[]} nodes whose addresses count; real servers hold the VIP too, quietly
 */
export function watchOwners(vip, nodes) {
  const nodeOfId = namespaceIds(nodes);
  const changes = [];
  const holders = new Set();
  const wallMinusMonotonicMs = Date.now() - nowMs();

  const child = spawn("ip", ["-4", "-ts", "monitor", "address", "all-nsid"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TZ: "UTC" },
  });
  createInterface(child.stdout).on("line", (line) => {
    const event = /^\[(\S+)\] \[nsid (\d+)\](Deleted)? ?.*\binet (\d+\.\d+\.\d+\.\d+)\//.exec(line);
    if (event === null || event[4] !== vip) return;
    const node = nodeOfId.get(event[2]);
    if (node === undefined) return;
    const held = event[3] === undefined;
    // An address that is renewed or changed is told again: that is no change of its owner.
    if (held === holders.has(node)) return;
    if (held) holders.add(node);
    else holders.delete(node);
    changes.push({ atMs: microsecondsOf(event[1]) / 1000 - wallMinusMonotonicMs, node, held });
  });

  return {
    /** @type {import("./measure.mjs").Change[]} */
    changes,
    holders: () => [...holders].sort(),
    onlyHolder: (node) => holders.size === 1 && holders.has(node),
    close: () => child.kill(),
  };
}

// The kernel numbered the namespaces when cables were drawn between them.
function namespaceIds(nodes) {
  const ids = new Map();
  for (const [, node, id] of run("ip", "netns", "list").matchAll(/^(\S+) \(id: (\d+)\)$/gm)) {
    if (nodes.includes(node)) ids.set(id, node);
  }
  return ids;
}

// "2026-01-01T00:00:00.123456", and a Date cuts it to milliseconds.
function microsecondsOf(stamp) {
  const [seconds = "", fraction = "0"] = stamp.split(".");
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction);
}
