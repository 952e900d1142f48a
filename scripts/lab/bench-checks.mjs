// bench-checks.mjs ROUNDS : checks of duet beside those of keepalived, one after the other on the same kernel, and what a
// black hole does to ldirectord and to duet. The servers are nginx and checked-ports.mjs, on addresses of this machine.
// Writes OUT/figures.json as bench-process.mjs does, and of ldirectord with that as the peer.
//
// A system call of user-mode Linux takes some ten times as long as one of a real kernel, and its one core is that of the
// servers too: there it is a fifth of the checks, for keepalived as well.

import { spawn } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { openIpvs } from "../../build/src/ipvs/apply.js";
import { checksConf } from "./checks-conf.mjs";
import { nowMs } from "./measure.mjs";
import { cpuMs, family, memoryMb } from "./processes.mjs";
import { fact } from "./tell.mjs";
import { endChild, OUT, ROOT, run, until } from "./topology.mjs";

const ROUNDS = Number(process.argv[2] ?? 1);
const ONLY = process.argv[3] ?? "";
const WATCH_S = 30;
const IS_UML = process.env["LAB_KERNEL"] === "uml";
const MANY = IS_UML ? { tcp: 1000, http: 200 } : { tcp: 5000, http: 1000 };
const HUGE = { count: 20_000, intervalS: 60 };
const KINDS = ["duet", "keepalived"];
/** Real servers that can be closed; each service has so many. */
const CLOSABLE = 50;
const TIMEOUT_S = 2;

const figures = new Map();
const ipvs = openIpvs();
const closable = { tcp: 0, http: CLOSABLE };
const ports = Object.keys(closable).flatMap((_, group) =>
  Array.from({ length: CLOSABLE }, (__, i) => ({ address: `10.4.${group}.${i + 1}`, port: 8080 })),
);

async function main() {
  for (const range of ["10.2.0.0/15", "10.4.0.0/16"]) {
    run("ip", "route", "add", "local", range, "dev", "lo");
  }
  run("prlimit", "--pid", process.pid, "--nofile=65536");
  run("sysctl", "-qw", "net.ipv4.ip_forward=1");
  // A dummy interface takes every packet, and nobody answers.
  run("ip", "link", "add", "hole", "type", "dummy");
  run("ip", "link", "set", "hole", "up");
  run("ip", "address", "add", "10.9.255.1/16", "dev", "hole");
  startNginx();
  const watched = await startPorts();
  for (let round = 0; round < ROUNDS; round += 1) {
    if (wants("many")) for (const kind of KINDS) await manyChecks(kind, watched);
    if (wants("hole")) for (const kind of ["duet", "ldirectord"]) await blackHole(kind, watched);
    if (wants("huge")) for (const kind of KINDS) await hugeTable(kind);
    fact(`round ${round + 1}: done`);
  }
  writeFileSync(`${OUT}/figures.json`, JSON.stringify([...figures.values()]));
  process.exit(0);
}

function wants(part) {
  return ONLY === "" || ONLY === part;
}

/** So many servers by tcp each 5 s and by http each second, and a hundred that are closed and opened. */
async function manyChecks(kind, watched) {
  const few = closableGroups();
  const tcp = groupsOf({ name: "t", type: "tcp", intervalS: 5, count: MANY.tcp, port: 8000 });
  const http = groupsOf({
    name: "h",
    type: "http",
    intervalS: 1,
    count: MANY.http,
    port: 80,
    net: 3,
  });
  const daemon = await start(kind, [...few, ...tcp, ...http]);
  await delay(6000);
  await watched.ask({ arrivals: true });
  const before = cost(daemon);
  await delay(WATCH_S * 1000);
  const after = cost(daemon);
  const { arrivals } = await watched.ask({ arrivals: true });
  const heard = after.checks - before.checks + arrivals.flat().length;
  const all = `${MANY.tcp} tcp checks each 5 s, ${MANY.http} http each 1 s`;
  note(
    kind,
    `${all}: CPU per check (limit 2 of keepalived's)`,
    "us",
    ((after.cpuMs - before.cpuMs) * 1000) / heard,
  );
  note(kind, `${all}: checks a second`, "", heard / WATCH_S);
  const late = arrivals.flatMap((times, i) => {
    const intervalMs = i < CLOSABLE ? 5000 : 1000;
    return times.slice(1).map((atMs, n) => atMs - times[n] - intervalMs);
  });
  note(kind, `${all}: later than the interval, p99 (limit 100)`, "ms", quantile(late, 0.99));
  for (const group of few) {
    const took = await closeAll(watched, closable[group.type], group);
    const what = `${all}: closed port to change of the table, ${group.type}`;
    note(kind, `${what}, p99 (limit ${group.intervalS * 1000 + 50})`, "ms", quantile(took, 0.99));
  }
  await endChild(daemon);
  ipvs.settings.flush();
  fact(`${kind}, many checks: done`);
}

/** Closes the servers of a service one by one within an interval: how long each stays in the table. */
async function closeAll(watched, first, group) {
  const key = { kind: "address", protocol: "tcp", address: group.vip, port: 80 };
  const closedMs = new Map();
  const gone = new Map();
  const gapMs = (group.intervalS * 1000) / CLOSABLE;
  let closing = true;
  const watching = (async () => {
    while (closing || gone.size < closedMs.size) {
      const there = new Set(
        ipvs
          .find(key)
          .destinations.filter(({ weight }) => weight > 0)
          .map(({ address }) => address),
      );
      for (const [address, atMs] of closedMs) {
        if (!there.has(address) && !gone.has(address)) gone.set(address, nowMs() - atMs);
      }
      await delay(5);
      if (!closing && nowMs() - Math.max(...closedMs.values()) > 30_000) break;
    }
  })();
  for (let i = 0; i < CLOSABLE; i += 1) {
    const { done } = await watched.ask({ close: [first + i] });
    closedMs.set(group.servers[i].address, done);
    await delay(gapMs + 3);
  }
  closing = false;
  await watching;
  await watched.ask({ open: Array.from({ length: CLOSABLE }, (_, i) => first + i) });
  return Array.from(closedMs.keys(), (address) => gone.get(address) ?? Infinity);
}

/** 50 servers in one service, and one that never answers: when another one is closed, when is that seen? */
async function blackHole(kind, watched) {
  const [{ servers, ...tcp }] = closableGroups();
  const hole = { address: "10.9.0.1", port: 8080 };
  for (const holes of [[], [hole]]) {
    const group = {
      ...tcp,
      intervalS: 1,
      timeoutS: 3,
      servers: [...holes, ...servers.slice(0, CLOSABLE - holes.length)],
    };
    const daemon = await start(kind, [group], group.servers.length - holes.length);
    await delay(4000);
    const took = [];
    for (let i = 0; i < 10; i += 1) {
      const { done } = await watched.ask({ close: [i] });
      await until("seen", () => !isServing(group, servers[i]), { everyMs: 5 });
      took.push(nowMs() - done);
      await watched.ask({ open: [i] });
      await until("seen again", () => isServing(group, servers[i]));
      await delay(170);
    }
    const what = `closed port to change of the table, 50 servers ${holes.length === 0 ? "that answer" : "and a black hole"}`;
    note(kind, `${what}, longest of 10`, "ms", Math.max(...took), "ldirectord");
    await endChild(daemon);
    ipvs.settings.flush();
  }
  fact(`${kind}, black hole: done`);
}

function isServing({ vip }, { address }) {
  const key = { kind: "address", protocol: "tcp", address: vip, port: 80 };
  return ipvs.find(key).destinations.some((one) => one.address === address && one.weight > 0);
}

/** What so many servers cost, beside a hundred. */
async function hugeTable(kind) {
  const few = await start(kind, closableGroups());
  await delay(10_000);
  const fewMb = memoryOf(few);
  await endChild(few);
  ipvs.settings.flush();
  const { count, intervalS } = HUGE;
  const all = `${count} servers each ${intervalS} s`;
  const groups = groupsOf({ name: "t", type: "tcp", intervalS, count, port: 8000 });
  const startMs = nowMs();
  const daemon = await start(kind, groups);
  note(kind, `${all}: start to all in the table`, "s", (nowMs() - startMs) / 1000);
  await delay(intervalS * 1000);
  const before = cost(daemon);
  await delay(WATCH_S * 1000);
  const after = cost(daemon);
  const checks = after.checks - before.checks;
  note(kind, `${all}: CPU`, "% of a core", (after.cpuMs - before.cpuMs) / (WATCH_S * 10));
  note(kind, `${all}: checks a second`, "", checks / WATCH_S);
  note(
    kind,
    `${all}: memory (PSS) for each (limit 4)`,
    "KiB",
    ((memoryOf(daemon) - fewMb) * 1024) / count,
  );
  await endChild(daemon);
  ipvs.settings.flush();
  fact(`${kind}, ${count} servers: done`);
}

function closableGroups() {
  return Object.entries(closable).map(([type, first], group) => ({
    name: `closable-${type}`,
    vip: `10.1.255.${group + 1}`,
    type,
    intervalS: type === "tcp" ? 5 : 1,
    timeoutS: TIMEOUT_S,
    servers: ports.slice(first, first + CLOSABLE),
  }));
}

/** Services of 50 real servers each. */
function groupsOf({ name, type, intervalS, count, port, net = 2 }) {
  return Array.from({ length: count / 50 }, (_, g) => ({
    name: `${name}${g}`,
    vip: `10.1.${net * 8 + (g >> 8)}.${g & 255}`,
    type,
    intervalS,
    timeoutS: TIMEOUT_S,
    servers: Array.from({ length: 50 }, (__, i) => {
      const at = g * 50 + i;
      return { address: `10.${net}.${at >> 8}.${at & 255}`, port };
    }),
  }));
}

async function start(
  kind,
  groups,
  wanted = groups.reduce((sum, { servers }) => sum + servers.length, 0),
) {
  const file = `${OUT}/${kind}.${EXTENSION[kind]}`;
  writeFileSync(file, checksConf(kind, groups));
  rmSync(`${OUT}/run`, { recursive: true, force: true });
  const fd = openSync(`${OUT}/${kind}.log`, "a");
  const [command, ...args] = commandOf(kind, file);
  const child = spawn(command, args, { stdio: ["ignore", fd, fd] });
  closeSync(fd);
  await until(`${kind} has ${wanted} servers`, () => hasEnded(child, kind) || serving() >= wanted, {
    everyMs: 1000,
  });
  return child;
}

function hasEnded({ exitCode }, kind) {
  if (exitCode !== null) throw new Error(`${kind} ended: see ${OUT}/${kind}.log`);
  return false;
}

const EXTENSION = { duet: "ini", keepalived: "conf", ldirectord: "cf" };

function commandOf(kind, file) {
  if (kind === "duet")
    return ["node", `${ROOT}build/duet/main.js`, "run", "-f", file, "--run-dir", `${OUT}/run`];
  if (kind === "ldirectord") return ["ldirectord", "-d", file, "start"];
  return ["keepalived", "-n", "-l", "-C", "-f", file, "-p", "/run/ka.pid", "-c", "/run/kc.pid"];
}

function serving() {
  return ipvs
    .list()
    .reduce(
      (sum, { destinations }) => sum + destinations.filter(({ weight }) => weight > 0).length,
      0,
    );
}

function cost(daemon) {
  return { cpuMs: cpuMs(family(daemon.pid)), checks: accepted() };
}

function memoryOf(daemon) {
  return memoryMb(family(daemon.pid), /^Pss:\s+(\d+)/m);
}

function startNginx() {
  const conf = `${OUT}/nginx.conf`;
  writeFileSync(
    conf,
    `worker_processes 1;
worker_rlimit_nofile 20000;
error_log /dev/null crit;
pid /run/nginx-bench.pid;
events { worker_connections 16000; multi_accept on; }
http {
  access_log off;
  keepalive_timeout 0;
  server {
    listen 80 backlog=4096;
    listen 8000 backlog=4096;
    location / { return 200 "ok\\n"; }
    location /status { stub_status; }
  }
}
`,
  );
  run("nginx", "-c", conf);
}

/** Connections that nginx took, less those of this question. */
let asked = 0;
function accepted() {
  asked += 1;
  const text = run("curl", "-s", "http://127.0.0.1/status");
  const [, accepts] = /handled requests\s+(\d+)/.exec(text);
  return Number(accepts) - asked;
}

async function startPorts() {
  const file = `${OUT}/ports.json`;
  writeFileSync(file, JSON.stringify(ports));
  const child = spawn("node", [`${ROOT}scripts/lab/checked-ports.mjs`, file], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const heard = async () => new Promise((resolve) => child.once("message", resolve));
  await heard();
  return {
    async ask(message) {
      const answer = heard();
      child.send(message);
      return answer;
    },
  };
}

function note(kind, what, unit, value, peer = "keepalived") {
  const figure = figures.get(what) ?? { what, unit, duet: [], [peer]: [] };
  figures.set(what, figure);
  figure[kind].push(value);
  fact(`${kind}: ${what}: ${value.toFixed(1)} ${unit}`);
}

function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

await main();
