// Two directors and a client on one switch, without servers behind: the VIP is served by whoever holds it.

import { fileURLToPath } from "node:url";
import { endAll, run, startIn } from "./topology.mjs";

const NODES = { client: 5, d1: 11, d2: 12 };

export function buildSwitch() {
  const bridge = "stp_state 0 forward_delay 0 mcast_snooping 0".split(" ");
  run("ip", "link", "add", "brp", "type", "bridge", ...bridge);
  run("ip", "link", "set", "brp", "up");
  for (const [node, host] of Object.entries(NODES)) {
    run("ip", "netns", "add", node);
    run("ip", "-n", node, "link", "set", "lo", "up");
    const port = `${node}-pub`;
    run("ip", "link", "add", port, "type", "veth", "peer", "name", "pub", "netns", node);
    run("ip", "link", "set", port, "master", "brp", "up");
    run("ip", "-n", node, "link", "set", "pub", "up");
    run("ip", "-n", node, "address", "add", `10.0.0.${host}/16`, "dev", "pub");
  }
}

export function startWebServers() {
  const script = fileURLToPath(new URL("server.mjs", import.meta.url));
  for (const node of ["d1", "d2"]) startIn(node, `${node}-web.log`, ["node", script, node]);
}

export async function razeSwitch() {
  await endAll();
  for (const node of Object.keys(NODES)) {
    run("ip", "link", "delete", `${node}-pub`);
    run("ip", "netns", "delete", node);
  }
  run("ip", "link", "delete", "brp");
}
