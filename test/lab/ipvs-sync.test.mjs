// A pair of directors with connection sync: what is connected through the virtual address stays so when the master is
// unplugged, in every mode. And the death of a director role costs no request.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startDuet } from "../../scripts/lab/directors.mjs";
import { nowMs } from "../../scripts/lab/measure.mjs";
import * as lab from "../../scripts/lab/topology.mjs";
import { startTraffic } from "../../scripts/lab/traffic.mjs";
import { test } from "./lab.mjs";

const { VIP, OUT, runIn, until } = lab;
const PORT = 7000;
const REAL = {
  nat: ["10.1.0.21", "10.1.0.22"],
  dr: ["10.1.0.21", "10.1.0.22"],
  tun: ["10.1.0.21", "10.1.0.22"],
};

for (const mode of ["nat", "dr", "tun"]) {
  test(`an established connection outlives an unplugged master in mode ${mode}`, async (t) => {
    t.teardown(lab.razeTopology);
    const { a, b } = await startPair(mode);
    if (mode === "dr") await killedDirector(t, a);
    lab.startIn("client", `hold-${mode}.log`, ["node", script("hold.mjs"), VIP, String(PORT)]);
    await until("the connection is used", () => heard(mode).length > 5);
    await until("the backup knows it", () => isSynced("d2"));
    t.is((await syncOf(a)).join(), "master");
    t.is((await syncOf(b)).join(), "backup");

    lab.unplug("d1");
    await until("B is MASTER", async () => (await b.state()) === "MASTER");
    await until("B sends what it knows", async () => (await syncOf(b)).join() === "master");
    const before = heard(mode).length;
    await until("the connection goes on", () => heard(mode).length > before + 10);
    t.deepEqual(
      heard(mode).filter((line) => line.startsWith("ended")),
      [],
    );
    const numbers = heard(mode).slice(1).map(Number);
    t.deepEqual(
      numbers,
      Array.from(numbers, (_, i) => i + 1),
      "every echo came, in order",
    );
    if (mode !== "nat") return;

    t.is(runIn("d1", "sysctl", "-n", "net.ipv4.ip_forward"), "1\n");
    a.command("stop");
    t.is(runIn("d1", "sysctl", "-n", "net.ipv4.ip_forward"), "0\n", "forwarding is put back");
    t.is(
      runIn("d1", "sysctl", "-n", "net.ipv4.vs.sync_threshold").trim().split(/\s+/).join(),
      "3,50",
    );
    t.is(runIn("d1", "ipvsadm", "-Ln", "--daemon").trim(), "");
  });
}

/** Under 200 requests a second: none fails, and the next one writes nothing. */
async function killedDirector(t, a) {
  const traffic = await startTraffic();
  const fromMs = nowMs();
  const repeated = repeatedSyns();
  const { processes } = await a.status();
  process.kill(processes.find(({ role }) => role === "director").pid, "SIGKILL");
  await until("it was restarted and checks again", async () => {
    const { processes: now, virtual_servers: services } = await a.status();
    const director = now.find(({ role }) => role === "director");
    return (
      director?.restarts === 1 &&
      services[0]?.real_servers.every(({ checks }) => checks[0]?.last_ok)
    );
  });
  const { lvs } = await a.status();
  t.is(lvs.table_changes, 0, "the table was adopted as it is");
  t.deepEqual(lvs.errors, []);
  t.is((await syncOf(a)).join(), "master");
  await until(
    "a hundred requests, at whatever rate",
    async () => (await traffic.since(fromMs)).sent > 100,
  );
  const { lost, sent, failures } = await traffic.since(fromMs);
  t.log(`${sent} requests, ${lost} without an answer in time`);
  // On a busy machine the processes of client and servers may be late: what counts is what the kernels did.
  t.regex(failures, /^(?:\d+ x no answer \([^)]*\))?$/, "none was refused or reset");
  t.is(repeatedSyns(), repeated, "every first packet of a connection was answered");
  await traffic.stop();
}

/** Of the client: connections whose first packet was not answered within a second. */
function repeatedSyns() {
  const [names, numbers] = runIn("client", "grep", "^TcpExt", "/proc/net/netstat")
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  return Number(numbers[names.indexOf("TCPSynRetrans")]);
}

async function startPair(mode) {
  lab.buildTopology(mode);
  if (mode === "nat")
    for (const node of ["d1", "d2"]) runIn(node, "sysctl", "-qw", "net.ipv4.ip_forward=0");
  if (mode === "dr") await lab.startServers();
  for (const name of ["rs1", "rs2"]) {
    lab.startIn(name, `${name}.log`, ["node", script("echo.mjs"), name, String(PORT)]);
    await until(`${name} echoes`, () => runIn(name, "ss", "-Hltn", `sport = :${PORT}`) !== "");
  }
  const [a, b] = ["d1", "d2"].map((node, i) => {
    const file = `${OUT}/sync-${mode}-${node}.ini`;
    writeFileSync(file, config(mode, 150 - 50 * i));
    return startDuet({ node, file });
  });
  await until("A is MASTER", async () => (await a.state()) === "MASTER");
  for (const each of [a, b]) {
    await until("the servers are UP", async () =>
      (await each.status().catch(() => undefined))?.virtual_servers.every((web) =>
        web.real_servers.every(({ state }) => state === "UP"),
      ),
    );
  }
  return { a, b };
}

function config(mode, priority) {
  const inside = mode === "nat" ? "virtual_ipaddress[] = 10.1.0.1/24 dev srv" : "";
  const service = (name, port, real) =>
    `[virtual_server.${name}]\naddress = ${VIP}:${port}\nprotocol = tcp\nlb_algo = rr\nlb_kind = ${mode.toUpperCase()}\n` +
    `check[] = port\n${REAL[mode].map((address, i) => `[real_server.${name}.rs${i + 1}]\naddress = ${address}:${real}\n`).join("")}`;
  return `
[global]
lvs_sync_daemon = srv VI_1
lvs_sysctl[] = sync_threshold 2 10
[vrrp_instance.VI_1]
interface = pub
virtual_router_id = 51
priority = ${priority}
version = 3
advert_int = 0.2
virtual_ipaddress[] = ${VIP}/24 dev pub
${inside}
[check.port]
type = tcp
interval = 500ms
timeout = 1
${service("echo", PORT, PORT)}
${mode === "dr" ? service("web", 80, 80) : ""}
`;
}

async function syncOf(director) {
  const { lvs } = await director.status();
  return lvs.sync_daemons.map(({ state, interface: device, sync_id: id }) => {
    if (device !== "srv" || id !== 51) throw new Error(`${state} daemon on ${device}, id ${id}`);
    return state;
  });
}

function isSynced(node) {
  return runIn(node, "ipvsadm", "-Lnc")
    .split("\n")
    .some((line) => /ESTABLISHED.*:7000/.test(line));
}

function heard(mode) {
  return readFileSync(`${OUT}/hold-${mode}.log`, "utf8")
    .split(/\s+/)
    .filter((line) => line !== "");
}

function script(name) {
  return fileURLToPath(new URL(`../../scripts/lab/${name}`, import.meta.url));
}
