// When VRRP adverts passed an interface, by the kernel's time stamps.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Listens from the moment it returns; times are wall-clock milliseconds with a fraction. */
export async function adverts(device) {
  const words = ["-i", device, "-n", "-tt", "-l", "--immediate-mode", "ip proto 112"];
  const child = spawn("tcpdump", words, { stdio: ["ignore", "pipe", "pipe"] });
  const arrivalsMs = [];
  createInterface(child.stdout).on("line", (line) => {
    const stamp = /^(\d+)\.(\d{6}) /.exec(line);
    if (stamp !== null) arrivalsMs.push(Number(stamp[1]) * 1000 + Number(stamp[2]) / 1000);
  });
  await new Promise((resolve) => {
    createInterface(child.stderr).on("line", (line) => {
      if (line.includes("listening on")) resolve();
    });
    child.once("exit", resolve);
  });
  return { arrivalsMs, close: () => child.kill() };
}
