// bench-ipvs-daemons.mjs ROUNDS [SERVICES SERVERS MANY] : what duet and keepalived need for the same table of 100 services of
// 50 real servers each: to fill it, to change a tenth of it by a reload, what they weigh with MANY (1000) such services, and how long
// a reload then takes that changes one weight.
// Both run without checks and without VRRP. Writes OUT/figures.json as bench-process.mjs does.

import { rmSync, writeFileSync } from "node:fs";
import { openIpvs } from "../../build/src/ipvs/apply.js";
import { nowMs } from "./measure.mjs";
import { family, memoryMb } from "./processes.mjs";
import { fact } from "./tell.mjs";
import { endChild, endingAll, OUT, ROOT, start, until } from "./topology.mjs";

const ROUNDS = Number(process.argv[2] ?? 3);
const SERVICES = Number(process.argv[3] ?? 100);
const SERVERS = Number(process.argv[4] ?? 50);
const MANY = Number(process.argv[5] ?? 1000);
const KINDS = ["duet", "keepalived"];
const PROGRAMS = {
  duet: (file) => ["node", `${ROOT}build/duet/main.js`, "run", "-f", file, "--run-dir", RUN_DIR],
  keepalived: (file) => [
    ..."keepalived --check --dont-fork --log-console --use-file".split(" "),
    file,
    "--pid",
    `${OUT}/keepalived.pid`,
    "--checkers_pid",
    `${OUT}/checkers.pid`,
  ],
};
const WORDS = {
  duet: [
    "[global]\nrouter_id = bench",
    (s) =>
      `[virtual_server.s${s}]\naddress = ${addressOf(s)}:80\nprotocol = tcp\nlb_algo = wlc\nlb_kind = DR`,
    (s, r, weight) => `[real_server.s${s}.r${r}]\naddress = 10.2.0.${r}:80\nweight = ${weight}`,
    "",
  ],
  keepalived: [
    "global_defs {\n  router_id bench\n}",
    (s) => `virtual_server ${addressOf(s)} 80 {\n  protocol TCP\n  lb_algo wlc\n  lb_kind DR`,
    (_, r, weight) => `  real_server 10.2.0.${r} 80 {\n    weight ${weight}\n  }`,
    "}",
  ],
};
const RUN_DIR = "/run/duet-bench";
const LOOK_MS = 4;

const figures = [];
const [filled, started, changed, reloaded] = [
  "from the first to the last in the kernel (limit 0.25 of keepalived's)",
  "from the start of the daemon to the last in the kernel",
  "a reload that changes 10 % of the weights, from the first to the last",
  "such a reload, from SIGHUP to the last",
].map((what) => figure(`${SERVICES * SERVERS} real servers: ${what}`, "ms"));
const [filledMany, changedOne, memory] = [
  ["from the first to the last in the kernel", "ms"],
  ["a reload that changes one weight, from SIGHUP to that", "ms"],
  ["memory (PSS) of the daemon", "MB"],
].map(([what, unit]) => figure(`${MANY * SERVERS} real servers: ${what}`, unit));

const ipvs = openIpvs();
await endingAll(async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const kind of KINDS) await fillAndReload(kind);
    fact(`round ${round + 1}: done`);
  }
  for (const kind of KINDS) await weigh(kind);
  ipvs.close();
  writeFileSync(`${OUT}/figures.json`, JSON.stringify(figures));
});

async function fillAndReload(kind) {
  const file = `${OUT}/bench.${kind === "duet" ? "ini" : "conf"}`;
  writeFileSync(
    file,
    configuration(kind, SERVICES, () => 1),
    { mode: 0o644 },
  );
  const { child, startMs, firstMs, lastMs } = await filling(kind, file, SERVICES);
  filled[kind].push(lastMs - firstMs);
  started[kind].push(lastMs - startMs);
  writeFileSync(file, configuration(kind, SERVICES, doublesATenth), { mode: 0o644 });
  const tenths = (service) => weightsOf(service).filter((weight) => weight === 2).length;
  const askedMs = nowMs();
  child.kill("SIGHUP");
  await looking("a weight is changed", () => tenths(0) > 0);
  const fromMs = nowMs();
  const all = SERVERS / 10;
  await looking("the last weight is changed", () => tenths(SERVICES - 1) === all);
  changed[kind].push(nowMs() - fromMs);
  reloaded[kind].push(nowMs() - askedMs);
  for (let service = 0; service < SERVICES; service += 1) {
    if (tenths(service) !== all)
      throw new Error(`${kind}: service ${service} is not as configured`);
  }
  await ending(child);
}

async function weigh(kind) {
  const file = `${OUT}/bench-many.${kind === "duet" ? "ini" : "conf"}`;
  writeFileSync(
    file,
    configuration(kind, MANY, () => 1),
    { mode: 0o644 },
  );
  const { child, firstMs, lastMs } = await filling(kind, file, MANY);
  filledMany[kind].push(lastMs - firstMs);
  memory[kind].push(memoryMb(family(child.pid), /^Pss:\s+(\d+)/m));
  writeFileSync(file, configuration(kind, MANY, doublesTheLast), { mode: 0o644 });
  const askedMs = nowMs();
  child.kill("SIGHUP");
  await looking("the last weight is changed", () => weightsOf(MANY - 1).includes(2));
  changedOne[kind].push(nowMs() - askedMs);
  await ending(child);
}

function doublesTheLast(server, service) {
  return service === MANY - 1 && server === SERVERS - 1 ? 2 : 1;
}

function doublesATenth(server) {
  return server % 10 === 0 ? 2 : 1;
}

async function filling(kind, file, services) {
  rmSync(RUN_DIR, { recursive: true, force: true });
  ipvs.settings.flush();
  const startMs = nowMs();
  const child = start(`${kind}.log`, PROGRAMS[kind](file));
  const mustRun = () => {
    if (child.exitCode !== null) throw new Error(`${kind} ended: see ${OUT}/${kind}.log`);
  };
  await looking("the first real server is there", () => mustRun() ?? weightsOf(0).length > 0);
  const firstMs = nowMs();
  await looking("the last one is there", () => weightsOf(services - 1).length === SERVERS);
  const lastMs = nowMs();
  for (let service = 0; service < services; service += 1) {
    if (weightsOf(service).length !== SERVERS)
      throw new Error(`${kind}: service ${service} lacks servers`);
  }
  return { child, startMs, firstMs, lastMs };
}

async function ending(child) {
  await endChild(child);
  ipvs.settings.flush();
}

function looking(what, condition) {
  return until(what, condition, { everyMs: LOOK_MS });
}

/** Of the real servers of one service; none when it is not there (yet). */
function weightsOf(service) {
  const key = { kind: "address", protocol: "tcp", address: addressOf(service), port: 80 };
  try {
    return ipvs.find(key).destinations.map(({ weight }) => weight);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
    return [];
  }
}

function addressOf(service) {
  return `10.1.${service >> 8}.${service & 255}`;
}

function configuration(kind, services, weightOf) {
  const [head, serviceOf, serverOf, tail] = WORDS[kind];
  const texts = Array.from({ length: services }, (_, s) => [
    serviceOf(s),
    ...Array.from({ length: SERVERS }, (__, r) => serverOf(s, r, weightOf(r, s))),
    tail,
  ]);
  return [head, ...texts.flat()].join("\n");
}

function figure(what, unit) {
  const made = { what, unit, duet: [], keepalived: [] };
  figures.push(made);
  return made;
}
