// bench-hostile.mjs ROUNDS : what an advert costs that is rejected, beside one that is accepted; duet and keepalived, each a
// backup on a wire of its own, at the same time. Writes OUT/figures.json as bench-process.mjs does.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { advertFrame } from "../../build/test/helpers/peer-packets.js";
import { benchConf } from "./bench-conf.mjs";
import { family } from "./processes.mjs";
import { fact } from "./tell.mjs";
import { endAll, OUT, ROOT, run, startIn } from "./topology.mjs";

const ROUNDS = Number(process.argv[2] ?? 3);
const KINDS = ["duet", "keepalived"];
const PACKETS = 20_000;
/** As many as a receive buffer surely holds. */
const BURST = 50;
const PAUSE_MS = 10;
const REST_MS = 5000;
const MASTER = { vrid: 51, version: 3, priority: 200, addresses: ["10.0.0.100"] };
const FROM = { source: "10.0.0.9" };

const changed = (at, byte) => (vrrp) => {
  vrrp[at] = byte;
  return vrrp;
};

/** Accepted adverts repeat themselves, as a master's do, or are new each time; the forged ones are what they pretend to be. */
const packets = {
  "accepted, the same again": [advertFrame(MASTER, FROM)],
  "accepted, another each time": Array.from({ length: 50 }, (_, i) =>
    advertFrame({ ...MASTER, priority: 150 + i }, FROM),
  ),
  "rejected: TTL": [advertFrame(MASTER, { ...FROM, ttl: 254 })],
  "rejected: destination": [advertFrame(MASTER, { ...FROM, destination: "10.0.0.11" })],
  "rejected: checksum": [advertFrame(MASTER, { ...FROM, wrongSum: true })],
  "rejected: length": [advertFrame(MASTER, { ...FROM, spoil: changed(3, 9) })],
  "rejected: version": [advertFrame(MASTER, { ...FROM, spoil: changed(0, 0x51) })],
  "rejected: type": [advertFrame(MASTER, { ...FROM, spoil: changed(0, 0x32) })],
  "rejected: interval": [advertFrame({ ...MASTER, advertIntervalMs: 0 }, FROM)],
  "unknown virtual router": [advertFrame({ ...MASTER, vrid: 77 }, FROM)],
};

async function main() {
  for (const kind of KINDS) {
    run("ip", "netns", "add", kind);
    run("ip", "link", "add", wireOf(kind), "type", "veth", "peer", "name", "pub", "netns", kind);
    run("ip", "link", "set", wireOf(kind), "up");
    run("ip", "-n", kind, "link", "set", "pub", "up");
    run("ip", "-n", kind, "address", "add", "10.0.0.11/24", "dev", "pub");
  }
  const pids = Object.fromEntries(KINDS.map((kind) => [kind, start(kind).pid]));
  await delay(3000);
  const restingNs = {};
  for (const kind of KINDS) restingNs[kind] = await restNsPerMs(pids[kind]);
  const rows = Object.keys(packets).map((name) => ({
    what: `CPU per advert, ${name}`,
    unit: "us",
    duet: [],
    keepalived: [],
  }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [i, name] of Object.keys(packets).entries()) {
      for (const kind of KINDS)
        rows[i][kind].push(await costUs(kind, pids[kind], packets[name], restingNs[kind]));
    }
    fact(`hostile: round ${round + 1} of ${ROUNDS} done`);
  }
  await endAll();
  writeFileSync(`${OUT}/figures.json`, JSON.stringify(rows));
}

/** What the processes use while it comes in, less what they use at rest. */
async function costUs(kind, pid, frames, restingNs) {
  const times = Math.ceil(PACKETS / BURST);
  const burst = Array.from({ length: BURST }, (_, i) => frames[i % frames.length]);
  const pids = family(pid);
  const startNs = runNs(pids);
  const startMs = performance.now();
  const words = [`${ROOT}build/test/helpers/peer-frames.js`, wireOf(kind), `${times}`];
  const sender = spawn("node", [...words, `${PAUSE_MS}`, ...burst], { stdio: "inherit" });
  await once(sender, "exit");
  await delay(100);
  const tookMs = performance.now() - startMs;
  const busyNs = runNs(pids) - startNs;
  return (busyNs - restingNs * tookMs) / (times * BURST) / 1000;
}

async function restNsPerMs(pid) {
  const pids = family(pid);
  const startNs = runNs(pids);
  await delay(REST_MS);
  return (runNs(pids) - startNs) / REST_MS;
}

/** Nanoseconds on a processor, of all threads: /proc/PID/stat counts in hundredths of a second only. */
function runNs(pids) {
  const schedstats = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}/schedstat`),
  );
  return schedstats.reduce(
    (sum, file) => sum + Number(readFileSync(file, "utf8").split(" ")[0]),
    0,
  );
}

function start(kind) {
  const file = `${OUT}/hostile-${kind}.${kind === "duet" ? "ini" : "conf"}`;
  writeFileSync(file, benchConf(kind, { version: 3, advertIntervalS: 1 }), { mode: 0o644 });
  const words =
    kind === "duet"
      ? ["node", `${ROOT}build/duet/main.js`, "run", "-f", file, "--run-dir", `${OUT}/run`]
      : ["keepalived", "-n", "-l", "-P", "-f", file, "-p", `${OUT}/ka.pid`, "-r", `${OUT}/kv.pid`];
  return startIn(kind, `${kind}.log`, words);
}

function wireOf(kind) {
  return `wire-${kind}`;
}

await main();
