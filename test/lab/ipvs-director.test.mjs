// The director role as a process of its own on the real ip_vs: start, crash, adoption, drift, stop.
// One machine is enough: client, director and real servers are addresses of its loopback.

import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { connect } from "node:net";
import { openBusServer } from "../../build/src/daemon/desk/bus-server.js";
import { busPath } from "../../build/src/daemon/process/bus-messages.js";
import { unshare } from "../../build/src/kernel/ffi.js";
import { timeoutClock } from "../../build/src/lib/clock.js";
import { until } from "../../scripts/lab/topology.mjs";
import { configOf, echo, run, saved, serve, startDirector } from "./director-process.mjs";
import { test } from "./lab.mjs";

const CLONE_NEWNET = 0x40000000;
const VIP = "10.9.0.1";
const KEY = { kind: "address", protocol: "tcp", address: VIP, port: 80 };
const CONFIG = await configOf(`
[check.port]
type = tcp
interval = 200ms
timeout = 5
retry = 0
delay_before_retry = 100ms

[virtual_server.web]
address = ${VIP}:80
protocol = tcp
lb_algo = rr
lb_kind = NAT
check[] = port
sorry_server = 127.0.0.9:99

[real_server.web.rs1]
address = 10.9.1.1:8080
weight = 1

[real_server.web.rs2]
address = 10.9.1.2:8080
weight = 2
`);
const LIMIT_MS = 120_000;
const FOREIGN = "-A -u 10.9.0.7:53 -s rr";
const BOTH = [
  FOREIGN,
  "-A -t 10.9.0.1:80 -s rr",
  "-a -t 10.9.0.1:80 -r 10.9.1.1:8080 -m -w 1",
  "-a -t 10.9.0.1:80 -r 10.9.1.2:8080 -m -w 2",
].sort();

const runDir = mkdtempSync("/run/director-");
const events = [];
const servers = {};
let bus;
let director;

test.before(async () => {
  unshare(CLONE_NEWNET);
  run("ip", "link", "set", "lo", "up");
  for (const address of [VIP, "10.9.1.1", "10.9.1.2"]) {
    run("ip", "address", "add", `${address}/32`, "dev", "lo");
  }
  run("modprobe", "-q", "-a", "ip_vs", "ip_vs_rr", "ip_vs_wlc");
  run("ipvsadm", ...FOREIGN.split(" "));
  await serveBoth();
  const log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  bus = await openBusServer({
    path: busPath(runDir),
    onEvent: (event) => events.push(event),
    clock: timeoutClock,
    log,
  });
});
test.after.always(async () => {
  director?.process.kill("SIGKILL");
  await bus?.close();
  await Promise.all(Object.values(servers).map((server) => server.close()));
});

test("checked real servers join the table, and the desk hears of it", async (t) => {
  director = startDirector(runDir, CONFIG);
  director.configure([web(), { ...web(), name: "old", keys: [{ ...KEY, port: 81 }] }]);
  await until("both servers serve both services", () => saved().length === 7);
  await until("the desk heard", () => events.length === 6);
  t.deepEqual(events.map(eventText).sort(), [
    "old UP",
    "old/rs1 UP",
    "old/rs2 UP",
    "web UP",
    "web/rs1 UP",
    "web/rs2 UP",
  ]);
});

test("a connection outlives a crash; the next run adopts it, and removes what is not configured any more", async (t) => {
  const client = connect(80, VIP);
  await echo(client, LIMIT_MS);
  const before = await statusOf("web");
  t.is(sum(before, "active_connections"), 1);
  await director.end("SIGKILL");
  t.is(saved().length, 7, "the table stays while nobody runs");

  director = startDirector(runDir, CONFIG);
  director.configure([web()]);
  await until("the old service is gone", () => saved().length === 4);
  t.deepEqual(saved(), BOTH);
  await echo(client, LIMIT_MS);
  const after = await statusOf("web");
  t.is(sum(after, "active_connections"), 1);
  t.true(after.quorum_up);
  t.like(after, { error: null, address: "10.9.0.1:80", lb_algo: "rr" });
  client.destroy();
  // What an adopted server is assumed to be is no news; that it was never taken out is the point.
  t.false(director.lines.some(({ msg }) => msg === "real server state changed"));
});

test("drift made with ipvsadm is repaired, told, and a foreign service stays as it is", async (t) => {
  for (const hand of [
    "-d -t 10.9.0.1:80 -r 10.9.1.1:8080",
    "-e -t 10.9.0.1:80 -r 10.9.1.2:8080 -m -w 9",
    "-E -t 10.9.0.1:80 -s wlc -p 60",
    "-a -t 10.9.0.1:80 -r 10.9.1.9:80 -m",
    "-D -t 10.9.0.1:80",
  ]) {
    const told = drifts().length;
    run("ipvsadm", ...hand.split(" "));
    await until(`ipvsadm ${hand} is told`, () => drifts().length > told);
    t.deepEqual(saved(), BOTH, hand);
  }
  t.deepEqual(
    drifts().flatMap(({ changed }) => changed),
    [
      "10.9.1.1:8080 removed from tcp 10.9.0.1:80",
      "10.9.1.2:8080 of tcp 10.9.0.1:80 changed: weight 2 -> 9",
      "tcp 10.9.0.1:80 changed: scheduler rr -> wlc, persistence none -> 60 s /32",
      "10.9.1.9:80 added to tcp 10.9.0.1:80",
      "tcp 10.9.0.1:80 removed",
      "10.9.1.1:8080 removed from tcp 10.9.0.1:80",
      "10.9.1.2:8080 removed from tcp 10.9.0.1:80",
    ],
  );
});

test("a flush with ipvsadm -C is repaired", async (t) => {
  run("ipvsadm", "-C");
  await until("our service is back", () => saved().length === 3);
  run("ipvsadm", ...FOREIGN.split(" "));
  t.deepEqual(saved(), BOTH);
});

test("a server that fails leaves the table, comes back, and the sorry server fills in for both", async (t) => {
  await servers["10.9.1.2"].close();
  await until("it left", () => !saved().some((line) => line.includes("10.9.1.2")));
  await servers["10.9.1.1"].close();
  const alone = "-a -t 10.9.0.1:80 -r 127.0.0.9:99 -m -w 1";
  await until("the sorry server serves", () => saved().includes(alone));
  t.deepEqual(saved(), [FOREIGN, "-A -t 10.9.0.1:80 -s rr", alone].sort());
  t.like(await statusOf("web"), { quorum_up: false, sorry_server_active: true });
  await serveBoth();
  await until("both are back", () => saved().join() === BOTH.join());
  t.pass();
});

test("an unknown scheduler is in the status; the other services work", async (t) => {
  const odd = { ...web(), name: "odd", keys: [{ ...KEY, port: 82 }], scheduler: "nosuch" };
  director.configure([web(), odd]);
  await until("it is told", () => director.has("table not as configured"));
  const { error } = await statusOf("odd");
  t.true(
    error.startsWith(
      'Cannot add tcp 10.9.0.1:82: scheduler "nosuch" is not in this kernel (module ip_vs_nosuch: ',
    ),
    error,
  );
  t.is((await statusOf("web")).error, null);
  t.deepEqual(saved(), BOTH);
});

// User-mode Linux has no nf_tables for IP; the marks themselves are tested where it is: test/netns/marks.test.ts.
test("without nf_tables a service by firewall mark is in the table, and in error with its cause", async (t) => {
  const mark = { address: VIP, firstPort: 82, lastPort: 82, protocol: "tcp" };
  const key = { kind: "fwmark", fwmark: 99, family: 4 };
  director.configure([web(), { ...web(), name: "marked", keys: [key], marks: [mark] }]);
  await until("it is in the table", () => saved().includes("-A -f 99 -s rr"));
  if (process.env.LAB_KERNEL === "uml") {
    await until("it is told", () => director.has("firewall marks: packets do not get them"));
    const { error } = await statusOf("marked");
    t.regex(error, /^no firewall marks: the kernel lacks nf_tables or a part of it \(.*: E[A-Z]+/);
  } else {
    t.is((await statusOf("marked")).error, null);
  }
  t.is((await statusOf("web")).error, null);
  director.configure([web()]);
  await until("it is gone", () => saved().join() === BOTH.join());
});

test("when the guardian is gone the table stays; after a clean stop only the foreign service is left", async (t) => {
  const orphan = once(director.process, "exit");
  director.process.disconnect();
  await orphan;
  t.deepEqual(saved(), BOTH);
  director = startDirector(runDir, CONFIG);
  director.configure([web()]);
  await until("it works", async () => (await statusOf("web")).quorum_up);
  director.process.send({ type: "stop" });
  const [code] = await once(director.process, "exit");
  t.is(code, 0);
  t.deepEqual(saved(), [FOREIGN]);
  t.false(existsSync(`${runDir}/ipvs-owned.json`));
});

test("without CAP_NET_ADMIN the status says so, and the checks go on", async (t) => {
  director = startDirector(runDir, CONFIG, [
    "setpriv",
    "--bounding-set=-net_admin",
    "--inh-caps=-net_admin",
  ]);
  director.configure([web()]);
  await until(
    "a check has ended",
    async () => (await statusOf("web")).real_servers[0].state === "UP",
  );
  const { error } = await statusOf("web");
  t.is(error, "not permitted to read the IPVS table (CAP_NET_ADMIN is needed)");
  await director.end("SIGKILL");
});

async function serveBoth() {
  for (const address of ["10.9.1.1", "10.9.1.2"]) servers[address] = await serve(address);
}

function web() {
  return CONFIG.virtualServers[0];
}

/** Of a director that may be on its way to the bus. */
async function statusOf(name) {
  let status;
  await until("the director answers", async () => {
    const body = await bus.status("director", LIMIT_MS);
    status = body?.virtual_servers.find((server) => server.name === name);
    return status !== undefined;
  });
  return status;
}

function sum(virtualServer, count) {
  return virtualServer.real_servers.reduce((total, server) => total + server[count], 0);
}

function drifts() {
  return director.lines.filter(({ msg }) => msg === "table drift repaired");
}

function eventText({ virtual_server: virtualServer, real_server: realServer, to }) {
  return `${virtualServer}${realServer === undefined ? "" : `/${realServer}`} ${to}`;
}
