// What checks and the maintenance directory make of the real table: weights, maintenance over a restart, and how long it
// takes from a closed port to the change.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { openBusServer } from "../../build/src/daemon/desk/bus-server.js";
import { busPath } from "../../build/src/daemon/process/bus-messages.js";
import { openIpvs } from "../../build/src/ipvs/apply.js";
import { unshare } from "../../build/src/kernel/ffi.js";
import { timeoutClock } from "../../build/src/lib/clock.js";
import { until } from "../../scripts/lab/topology.mjs";
import { configOf, echo, run, serve, startDirector } from "./director-process.mjs";
import { test } from "./lab.mjs";

const CLONE_NEWNET = 0x40000000;
const VIP = "10.9.0.1";
const LIMIT_MS = 120_000;
const INTERVAL_MS = 200;
const TIMEOUT_MS = 100;
const place = mkdtempSync("/run/verdict-");
const maintenance = `${place}/maintenance`;
const monitor = `${place}/monitor`;
const TEXT = `
[global]
maintenance_dir = ${maintenance}

[check.port]
type = tcp
interval = ${INTERVAL_MS}ms
timeout = ${TIMEOUT_MS}ms
retry = 0

[check.load]
type = file
file = ${place}/load
interval = ${INTERVAL_MS}ms

[check.says]
type = misc
script = ${place}/says.sh
dynamic = yes
interval = ${INTERVAL_MS}ms

[virtual_server.web]
address = ${VIP}:80
protocol = tcp
lb_algo = wrr
lb_kind = NAT
weight_max = 100
check[] = port
monitor_file = ${monitor}

[real_server.web.rs1]
address = 10.9.1.1:8080
weight = 10
check[] = load

[real_server.web.rs2]
address = 10.9.1.2:8080
check[] = says

[real_server.web.rs3]
address = 10.9.1.3:8080
weight = 3
`;

const servers = new Map();
let config;
let bus;
let director;
let table;

test.before(async () => {
  unshare(CLONE_NEWNET);
  run("ip", "link", "set", "lo", "up");
  for (const address of [VIP, "10.9.1.1", "10.9.1.2", "10.9.1.3"]) {
    run("ip", "address", "add", `${address}/32`, "dev", "lo");
    if (address !== VIP) servers.set(address, await serve(address));
  }
  run("modprobe", "-q", "-a", "ip_vs", "ip_vs_wrr");
  mkdirSync(maintenance);
  writeFileSync(`${place}/load`, "5\n");
  say(7);
  const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  bus = await openBusServer({ path: busPath(place), onEvent() {}, clock: timeoutClock, log });
  config = await configOf(TEXT);
  table = openIpvs();
  director = startDirector(place, config);
  director.configure();
});
test.after.always(async () => {
  director?.process.kill("SIGKILL");
  table?.close();
  bus?.close();
  for (const server of servers.values()) await server.close();
});

test("a file adds to the weight and a script says it, within its limits", async (t) => {
  await weightsAre("15 7 3");
  writeFileSync(`${place}/load`, "-8\n");
  say(0);
  await weightsAre("2 0 3");
  writeFileSync(`${place}/load`, "1000\n");
  say(250);
  await weightsAre("100 100 3");
  writeFileSync(`${place}/load`, "no number\n");
  await weightsAre("- 100 3");
  writeFileSync(`${place}/load`, "0\n");
  say(1);
  await weightsAre("10 1 3");
  t.pass();
});

test("a file in maintenance_dir is weight 0; its connections go on, over a restart and a reload that write nothing", async (t) => {
  const client = connect({ host: VIP, port: 80 });
  await echo(client, LIMIT_MS);
  const busy = table
    .list()[0]
    .destinations.find(({ activeConnections }) => activeConnections > 0).address;
  const file = `${maintenance}/${busy}`;
  writeFileSync(file, "");
  const now = weights().split(" ");
  now[Number(busy.at(-1)) - 1] = "0";
  await weightsAre(now.join(" "));
  await echo(client, LIMIT_MS);

  await director.end("SIGKILL");
  director = startDirector(place, config);
  director.configure();
  await until("all are known", allKnown);
  director.configure();
  await until("the reload is done", director.isConfigured);
  t.is((await body()).lvs.table_changes, 0);
  t.is(weights(), now.join(" "));
  await echo(client, LIMIT_MS);
  client.destroy();
  t.true(
    director.lines.some(({ msg, to }) => msg === "real server in maintenance" && to === "MAINT"),
  );
  rmSync(file);
  await weightsAre("10 1 3");
});

test("maintenance_remove takes it out of the table", async (t) => {
  const [web] = config.virtualServers;
  director.configure([{ ...web, maintenanceRemove: true }]);
  writeFileSync(`${maintenance}/web.rs3`, "");
  await weightsAre("10 1 -");
  rmSync(`${maintenance}/web.rs3`);
  await weightsAre("10 1 3");
  director.configure();
  t.pass();
});

test("a closed port is out of the table before a neighbour with the same check has had three more results", async (t) => {
  const tookMs = [];
  for (let round = 0; round < 10; round += 1) {
    await servers.get("10.9.1.3").close();
    const closedAt = new Date().toISOString();
    const startMs = performance.now();
    await until("it is gone", () => weights() === "10 1 -", { everyMs: 2 });
    tookMs.push(performance.now() - startMs);
    await until("it is told", () => untilDown(closedAt) !== undefined);
    const before = untilDown(closedAt);
    t.true(before.filter((line) => line.includes("web.rs1")).length < 3, before.join("\n"));
    servers.set("10.9.1.3", await serve("10.9.1.3"));
    await weightsAre("10 1 3");
  }
  tookMs.sort((a, b) => a - b);
  const [least, median, most] = [0, 5, 9].map((index) => tookMs[index].toFixed(0));
  t.log(
    `detection at an interval of ${INTERVAL_MS} ms: ${least} to ${most} ms, median ${median} ms`,
  );
});

/** What the checks of the port found from that moment to the failure of rs3; undefined = it is not told yet. */
function untilDown(since) {
  const lines = readFileSync(monitor, "utf8")
    .split("\n")
    .filter((line) => line.includes(" port: ") && line.slice(1, since.length + 1) > since);
  const down = lines.findIndex((line) => /web\.rs3 .*\[down\]/.test(line));
  return down === -1 ? undefined : lines.slice(0, down);
}

/** Exit status: 2 more than the weight. */
function say(weight) {
  writeFileSync(`${place}/says.sh`, `#!/bin/sh\nexit ${weight + 2}\n`, { mode: 0o755 });
}

/** "15 7 3" of rs1, rs2, rs3; "-" is not there. */
function weights() {
  const destinations = table.list()[0]?.destinations ?? [];
  return [1, 2, 3]
    .map((n) => destinations.find(({ address }) => address === `10.9.1.${n}`)?.weight ?? "-")
    .join(" ");
}

async function weightsAre(wanted) {
  await until(`weights ${wanted}`, () => weights() === wanted);
}

async function body() {
  return bus.status("director", LIMIT_MS);
}

async function allKnown() {
  const [web] = (await body())?.virtual_servers ?? [];
  return web?.real_servers.every(({ checks }) => checks.every(({ last_ok: ok }) => ok !== null));
}
