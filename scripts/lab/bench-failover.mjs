// bench-failover.mjs ROUNDS : what a client loses at each kind of failover, with adverts of 1, 0.1 and 0.01 s. The
// directors serve the address themselves. Writes OUT/figures.json as bench-process.mjs does.

import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { startSide } from "./bench-pair.mjs";
import { buildSwitch, razeSwitch, startWebServers } from "./bench-switch.mjs";
import { nowMs } from "./measure.mjs";
import { fact, ms } from "./tell.mjs";
import { afterAdvertOf, endingAll, OUT, plugIn, run, unplug, until } from "./topology.mjs";
import { startTraffic } from "./traffic.mjs";

const ROUNDS = Number(process.argv[2] ?? 1);
const INTERVALS_S = [1, 0.1, 0.01];
const KINDS = ["duet", "keepalived"];
const VIP = "10.0.1.1";
const LESS = `${OUT}/less`;

/** What happens to d1, and whose the address is afterwards. */
const EVENTS = [
  ["it is stopped", "d2", (a) => a.stop()],
  ["it is started again", "d1", (a) => a.start()],
  ["it is unplugged", "d2", () => unplug("d1")],
  ["it is plugged in again", "d1", () => plugIn("d1")],
  ["its link goes down", "d2", () => run("ip", "link", "set", "d1-pub", "down")],
  ["its link comes back", "d1", () => run("ip", "link", "set", "d1-pub", "up")],
  ["a tracked file takes its priority", "d2", () => writeFileSync(LESS, "100\n")],
  ["the tracked file gives it back", "d1", () => writeFileSync(LESS, "0\n")],
];

const figures = [];
await endingAll(async () => {
  for (const advertIntervalS of INTERVALS_S) await measure(advertIntervalS);
  await measureBfd();
  writeFileSync(`${OUT}/figures.json`, JSON.stringify(figures));
});

async function measure(advertIntervalS) {
  const rows = EVENTS.map(([what]) => ({
    what: `outage, adverts of ${advertIntervalS} s: ${what}`,
    unit: "ms",
    duet: [],
    keepalived: [],
  }));
  figures.push(...rows);
  for (const kind of KINDS) {
    writeFileSync(LESS, "0\n");
    buildSwitch();
    startWebServers();
    const side = { instances: 1, advertIntervalS, device: "pub" };
    const only = (node) => until(`only ${node} holds the VIP`, () => onlyHolder(node));
    startSide(kind, { ...side, node: "d2", priority: 100 });
    const director = restartable(() =>
      startSide(kind, { ...side, node: "d1", priority: 150, trackFile: LESS }),
    );
    director.start();
    await only("d1");
    const traffic = await startTraffic(VIP);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [i, [, owner, act]] of EVENTS.entries()) {
        await delay(500);
        afterAdvertOf(owner === "d1" ? "d2" : "d1");
        const atMs = nowMs();
        await act(director);
        // A cable that is out takes nothing from who holds the address behind it.
        await until(`${owner} holds the VIP`, () => holders().includes(owner));
        if (!EVENTS[i][0].includes("unplugged")) await only(owner);
        const { outageMs } = await traffic.settled(atMs, { limitMs: 60_000 });
        rows[i][kind].push(outageMs);
      }
    }
    fact(`${kind}, ${advertIntervalS} s: ${rows.map((row) => ms(row[kind].at(-1))).join(", ")}`);
    await traffic.stop();
    await razeSwitch();
  }
}

/** A host that dies, with adverts of 1 s: duet's other half asks BFD, keepalived's waits for adverts. */
async function measureBfd() {
  const row = {
    what: "outage, adverts of 1 s, bfd_promote at 3 x 10 ms: it is unplugged (limit 60)",
    unit: "ms",
    duet: [],
    keepalived: [],
  };
  figures.push(row);
  for (const kind of KINDS) {
    buildSwitch();
    startWebServers();
    const side = { instances: 1, device: "pub" };
    const [a, b] = ["10.0.0.11", "10.0.0.12"];
    startSide(kind, { ...side, node: "d2", priority: 100, bfd: { source: b, neighbor: a } });
    startSide(kind, { ...side, node: "d1", priority: 150, bfd: { source: a, neighbor: b } });
    await until("only d1 holds the VIP", () => onlyHolder("d1"));
    const traffic = await startTraffic(VIP);
    for (let round = 0; round < ROUNDS; round += 1) {
      await delay(4000); // a new session of BFD starts with a packet a second
      const atMs = nowMs();
      unplug("d1");
      await until("d2 holds the VIP", () => holders().includes("d2"));
      row[kind].push((await traffic.settled(atMs, { limitMs: 60_000 })).outageMs);
      plugIn("d1");
      await until("only d1 holds the VIP", () => onlyHolder("d1"));
    }
    await razeSwitch();
  }
  fact(`BFD: ${ms(row.duet.at(-1))}`);
}

function restartable(start) {
  let side;
  return {
    start: () => void (side = start()),
    stop: () => side.stop(),
  };
}

function holders() {
  return ["d1", "d2"].filter((node) => run("ip", "-n", node, "address").includes(` ${VIP}/32`));
}

function onlyHolder(node) {
  return holders().join() === node;
}
