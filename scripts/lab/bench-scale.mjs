// bench-scale.mjs SECONDS [INSTANCES] : a pair of directors with a thousand instances at 1 s: what it costs, and that
// nobody takes over who should not. Writes OUT/figures.json as bench-process.mjs does.

import { writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { buildPair, INSTANCES_A_CABLE_MAX, startSide, vipCount } from "./bench-pair.mjs";
import { nowMs } from "./measure.mjs";
import { cpuMs, family, memoryMb } from "./processes.mjs";
import { fact } from "./tell.mjs";
import { endingAll, OUT, until } from "./topology.mjs";

const SECONDS = Number(process.argv[2] ?? 60);
const INSTANCES = Number(process.argv[3] ?? 1000);
const KINDS = ["duet", "keepalived"];

const many = `${INSTANCES} instances at 1 s`;
const figure = (what, unit) => ({ what: `${many}: ${what}`, unit, duet: [], keepalived: [] });
const figures = {
  settled: figure("start until the last is master", "ms"),
  masterCpu: figure("CPU of the master (limit 8)", "% of a core"),
  backupCpu: figure("CPU of the backup (limit 8)", "% of a core"),
  memory: figure("memory (PSS) of the master", "MB"),
  false: figure(`takeovers that should not be, in ${SECONDS} s (limit 0)`, ""),
};

await endingAll(async () => {
  for (const kind of KINDS) await measure(kind);
  writeFileSync(`${OUT}/figures.json`, JSON.stringify(Object.values(figures)));
});

async function measure(kind) {
  const { a, b, raze } = buildPair({ kind, cables: Math.ceil(INSTANCES / INSTANCES_A_CABLE_MAX) });
  const startMs = nowMs();
  const master = startSide(kind, { node: a, priority: 150, instances: INSTANCES });
  await until("A is master of all", () => vipCount(a) === INSTANCES);
  figures.settled[kind].push(nowMs() - startMs);
  const backup = startSide(kind, { node: b, priority: 100, instances: INSTANCES });
  await delay(10_000);
  if (vipCount(b) > 0) fact(`${kind}: B holds ${vipCount(b)} after its start`);
  const costs = { masterCpu: master.pid, backupCpu: backup.pid };
  const before = Object.entries(costs).map(([name, pid]) => [
    name,
    family(pid),
    cpuMs(family(pid)),
  ]);
  const fromMs = nowMs();
  let taken = 0;
  while (nowMs() - fromMs < SECONDS * 1000) {
    await delay(1000);
    taken += vipCount(b);
  }
  const tookMs = nowMs() - fromMs;
  for (const [name, pids, cpuBefore] of before) {
    figures[name][kind].push(((cpuMs(pids) - cpuBefore) / tookMs) * 100);
  }
  figures.false[kind].push(taken);
  figures.memory[kind].push(memoryMb(family(master.pid), /^Pss:\s+(\d+)/m));
  fact(`${kind}: done`);
  await Promise.all([backup.stop(), master.stop()]);
  raze();
}
