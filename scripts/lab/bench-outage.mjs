// bench-outage.mjs ROUNDS : what the client loses when the master is unplugged, comes back, is stopped, is killed,
// with two duets and with two keepalived as Debian ships it. Writes OUT/figures.json as bench-process.mjs does.

import { writeFileSync } from "node:fs";
import { demoFile, startDuet, startKeepalived, tableIsFull } from "./directors.mjs";
import { nowMs } from "./measure.mjs";
import { watchOwners } from "./owners.mjs";
import { family, memoryMb } from "./processes.mjs";
import { fact, ms } from "./tell.mjs";
import {
  afterAdvertOf,
  buildTopology,
  OUT,
  plugIn,
  razeTopology,
  startServers,
  unplug,
  until,
  VIP,
} from "./topology.mjs";
import { startTraffic } from "./traffic.mjs";

const ROUNDS = Number(process.argv[2] ?? 3);
const A = { node: "d1", name: "a", priority: 150 };
const B = { node: "d2", name: "b", priority: 100 };

const memory = { what: "memory (PSS), demo configuration, in the lab", unit: "MB" };
const outages = {
  unplug: {
    what: "outage: the master is unplugged (limit 3609)",
    unit: "ms",
    duet: [],
    keepalived: [],
  },
  heal: { what: "outage: it is plugged in again", unit: "ms", duet: [], keepalived: [] },
  stop: { what: "outage: the master is stopped (SIGTERM)", unit: "ms", duet: [], keepalived: [] },
  start: {
    what: "outage: it is started again and takes over",
    unit: "ms",
    duet: [],
    keepalived: [],
  },
  kill: {
    what: "outage: its VRRP process is killed (SIGKILL)",
    unit: "ms",
    duet: [],
    keepalived: [],
  },
};

for (const kind of ["duet", "keepalived"]) await measure(kind);
writeFileSync(`${OUT}/figures.json`, JSON.stringify([memory, ...Object.values(outages)]));
process.exit(0);

async function measure(kind) {
  buildTopology("dr");
  await startServers();
  const owners = watchOwners(VIP, [A.node, B.node]);
  start(kind, B);
  let a = start(kind, A);
  const onlyA = () => until("only A holds the VIP", () => owners.onlyHolder(A.node));
  const full = (node) => until("the table is full", () => tableIsFull(node), { everyMs: 200 });
  await onlyA();
  await full(A.node);
  await full(B.node);
  memory[kind] = [memoryMb(family(a.pid), /^Pss:\s+(\d+)/m)];
  const traffic = await startTraffic();

  // Waits for the new owner, when one is sure to come, then until the client is served by it without a break.
  async function timed(name, act, newOwner) {
    const atMs = nowMs();
    await act();
    const moved = () =>
      owners.changes.some(
        ({ atMs: thenMs, node, held }) => held && node === newOwner && thenMs > atMs,
      );
    if (newOwner !== undefined) await until(`${newOwner} gets the VIP`, moved);
    const { outageMs } = await traffic.settled(atMs, { limitMs: 120_000 });
    outages[name][kind].push(outageMs);
    fact(`${kind}: ${name} ${ms(outageMs)}`);
  }

  for (let round = 0; round < ROUNDS; round += 1) {
    await timed("unplug", () => unplug(A.node), B.node);
    // The worst moment, as in the demo: A speaks first.
    afterAdvertOf(B.node);
    await timed("heal", async () => {
      plugIn(A.node);
      await onlyA();
    });
    await timed("stop", () => a.stop(), B.node);
    a = start(kind, A);
    await timed("start", onlyA, A.node);
    await full(A.node);
    await timed("kill", async () => process.kill(await a.vrrpPid(), "SIGKILL"));
    await onlyA();
  }
  await traffic.stop();
  owners.close();
  await razeTopology();
}

function start(kind, { node, name, priority }) {
  return kind === "duet"
    ? startDuet({ node, file: demoFile(name, "dr") })
    : startKeepalived({ node, mode: "dr", priority, answersHigher: false });
}
