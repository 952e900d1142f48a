// bench-process.mjs ROUNDS : duet and keepalived as processes, each alone on a wire of its own, at the same time.
// Writes OUT/figures.json: [{ what, unit, duet: [numbers], keepalived: [numbers] }].

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { benchConf } from "./bench-conf.mjs";
import { cpuMs, family, memoryMb } from "./processes.mjs";
import { adverts } from "./sniff.mjs";
import { fact } from "./tell.mjs";
import { endAll, endChild, OUT, ROOT, run, startIn } from "./topology.mjs";

const ROUNDS = Number(process.argv[2] ?? 3);
const KINDS = ["duet", "keepalived"];
const JITTER_S = 15;
const IDLE_S = 20;

const figures = [];

async function main() {
  for (const kind of KINDS) {
    run("ip", "netns", "add", kind);
    run("ip", "link", "add", wireOf(kind), "type", "veth", "peer", "name", "pub", "netns", kind);
    run("ip", "link", "set", wireOf(kind), "up");
    run("ip", "-n", kind, "link", "set", "pub", "up");
    run("ip", "-n", kind, "address", "add", "10.0.0.11/24", "dev", "pub");
  }
  await startToAdvert();
  await jitter("idle");
  await jitter("all cores busy");
  await jitter("all cores busy, SCHED_RR", { rtPriority: 50 });
  await idle();
  writeFileSync(`${OUT}/figures.json`, JSON.stringify(figures));
}

// With 10 ms the election itself takes 36 ms: the rest is the start of the program.
async function startToAdvert() {
  const result = {
    what: "start to first advert (10 ms adverts)",
    unit: "ms",
    duet: [],
    keepalived: [],
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of KINDS) {
      const wire = await adverts(wireOf(kind));
      const startMs = Date.now();
      const child = start(kind, { version: 3, advertIntervalS: 0.01 });
      while (wire.arrivalsMs.length === 0) await delay(5);
      result[kind].push(wire.arrivalsMs[0] - startMs);
      await endChild(child);
      wire.close();
    }
  }
  figures.push(result);
  fact("start: done");
}

/** Both on the same machine at the same time; busy: as many loops as there are cores, at the usual priority. */
async function jitter(load, scheduling = {}) {
  const burners = load === "idle" ? [] : cpus().map(() => spawn("node", ["-e", "for (;;);"]));
  const started = [];
  const gaps = {};
  await Promise.all(
    KINDS.map(async (kind) => {
      started.push(start(kind, { version: 3, advertIntervalS: 0.01, ...scheduling }));
      await delay(3000);
      const wire = await adverts(wireOf(kind));
      await delay(JITTER_S * 1000);
      wire.close();
      const { arrivalsMs } = wire;
      gaps[kind] = arrivalsMs.slice(1).map((atMs, i) => atMs - arrivalsMs[i]);
    }),
  );
  for (const [name, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
    ["p99.9", 0.999],
    ["longest", 1],
  ]) {
    const figure = { what: `gap between 10 ms adverts, ${load}, ${name}`, unit: "ms" };
    for (const kind of KINDS) figure[kind] = [quantile(gaps[kind], share)];
    figures.push(figure);
  }
  for (const burner of burners) burner.kill("SIGKILL");
  await Promise.all(started.map(endChild));
  fact(`jitter, ${load}: done`);
}

async function idle() {
  const children = Object.fromEntries(
    KINDS.map((kind) => [kind, start(kind, { version: 2, advertIntervalS: 1 })]),
  );
  await delay(8000);
  const before = Object.fromEntries(KINDS.map((kind) => [kind, cpuMs(family(children[kind].pid))]));
  await delay(IDLE_S * 1000);
  const cpu = { what: "idle CPU, one instance, 1 s adverts", unit: "% of a core" };
  const memory = { what: "memory (PSS), VRRP only, all processes", unit: "MB" };
  const privately = { what: "memory (private), VRRP only, all processes", unit: "MB" };
  for (const kind of KINDS) {
    const pids = family(children[kind].pid);
    cpu[kind] = [((cpuMs(pids) - before[kind]) / (IDLE_S * 1000)) * 100];
    memory[kind] = [memoryMb(pids, /^Pss:\s+(\d+)/m)];
    privately[kind] = [memoryMb(pids, /^Private_Dirty:\s+(\d+)/m)];
    fact(`${kind}: ${pids.length} processes`);
  }
  figures.push(cpu, memory, privately);
  await endAll();
}

function start(kind, options) {
  const file = `${OUT}/bench-${kind}.${kind === "duet" ? "ini" : "conf"}`;
  writeFileSync(file, benchConf(kind, options));
  const words =
    kind === "duet"
      ? ["node", `${ROOT}build/duet/main.js`, "run", "-f", file, "--run-dir", `${OUT}/run`]
      : ["keepalived", "-n", "-l", "-P", "-f", file, "-p", `${OUT}/ka.pid`, "-r", `${OUT}/kv.pid`];
  return startIn(kind, `${kind}.log`, words);
}

function wireOf(kind) {
  return `wire-${kind}`;
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

await main();
