// bench-vips.mjs ROUNDS : many addresses at once. The master is unplugged; a third machine listens until every address
// has been announced by the other one. Writes OUT/figures.json as bench-process.mjs does.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { startSide, vipCount } from "./bench-pair.mjs";
import { buildSwitch, razeSwitch } from "./bench-switch.mjs";
import { fact } from "./tell.mjs";
import { afterAdvertOf, endingAll, OUT, plugIn, unplug, until } from "./topology.mjs";

const ROUNDS = Number(process.argv[2] ?? 3);
const SHAPES = [
  { instances: 200, vipsEach: 1 },
  { instances: 1, vipsEach: 500 },
];

const figures = [];
await endingAll(async () => {
  for (const shape of SHAPES) await measure(shape);
  writeFileSync(`${OUT}/figures.json`, JSON.stringify(figures));
});

async function measure(shape) {
  const { instances, vipsEach } = shape;
  const total = instances * vipsEach;
  const what = `${instances} x ${vipsEach} addresses: unplug until the last one is announced`;
  const figure = { what, unit: "ms", duet: [], keepalived: [] };
  for (const kind of ["duet", "keepalived"]) {
    buildSwitch();
    const side = { ...shape, device: "pub" };
    startSide(kind, { ...side, node: "d1", priority: 150 });
    startSide(kind, { ...side, node: "d2", priority: 100 });
    const settled = () => vipCount("d1") === total && vipCount("d2") === 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await until("d1 holds everything", settled);
      await delay(6000); // keepalived announces a second time after five seconds
      const heard = await announcements();
      afterAdvertOf("d1");
      const unpluggedMs = Date.now();
      unplug("d1");
      await until("d2 has announced everything", () => heard.firstMs.size === total);
      figure[kind].push(Math.max(...heard.firstMs.values()) - unpluggedMs);
      heard.close();
      plugIn("d1");
    }
    await razeSwitch();
    fact(`${kind}: ${instances} x ${vipsEach} done`);
  }
  figures.push(figure);
}

/** When each address was announced for the first time, by the kernel's stamps at the client. */
async function announcements() {
  const words = ["netns", "exec", "client", "tcpdump", "-ni", "pub", "-tt", "-l", "-s", "64"];
  const child = spawn("ip", [...words, "--immediate-mode", "arp"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const firstMs = new Map();
  createInterface(child.stdout).on("line", (line) => {
    const [, stamp, address] =
      /^(\d+\.\d+) ARP, (?:Request who-has|Reply) (10\.\d+\.\d+\.\d+)/.exec(line) ?? [];
    // Those of the directors and the client end in .0.N; they ask for each other now and then.
    if (address === undefined || address.startsWith("10.0.0.")) return;
    if (!firstMs.has(address)) firstMs.set(address, Number(stamp) * 1000);
  });
  await new Promise((resolve) => {
    createInterface(child.stderr).on("line", (line) => {
      if (line.includes("listening on")) resolve();
    });
    child.once("exit", resolve);
  });
  return { firstMs, close: () => child.kill() };
}
