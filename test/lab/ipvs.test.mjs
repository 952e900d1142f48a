// One director, its real daemon and the kernel's IPVS table, which ipvsadm tells us about.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { startDuet, weightOf } from "../../scripts/lab/directors.mjs";
import {
  buildTopology,
  makeSick,
  makeWell,
  OUT,
  ROOT,
  razeTopology,
  runIn,
  startServers,
  until,
} from "../../scripts/lab/topology.mjs";
import { test } from "./lab.mjs";

const MAIN = `${ROOT}build/duet/main.js`;
const FILE = `${OUT}/ipvs-test.ini`;
const FOREIGN = "-A -t 10.9.9.9:81 -s rr\n-a -t 10.9.9.9:81 -r 10.1.0.21:81 -m -w 7\n";
let duet;

test.before(async () => {
  buildTopology("dr");
  await startServers();
  runIn("d1", "sh", "-c", `printf %s '${FOREIGN}' | ipvsadm -R`);
  writeFileSync(FILE, config());
  duet = startDuet({ node: "d1", file: FILE });
  await until("duet is MASTER", async () => (await duet.state()) === "MASTER");
  await until("both servers are up", () => weightOf("d1", "rs1") + weightOf("d1", "rs2") === 3);
});
test.after.always(async () => razeTopology());

test("ipvsadm -Sn shows the services and servers that status tells", async (t) => {
  const { virtual_servers: virtualServers } = await duet.status();
  t.deepEqual(virtualServers.flatMap(savedLines).sort(), ownTable());
  t.deepEqual(ownTable(), [
    "-A -f 99 -s wlc -p 300 -M 255.255.255.0",
    "-A -t 10.0.0.100:80 -s wrr",
    "-A -t 10.0.0.100:8080 -s rr",
    "-A -u 10.0.0.100:53 -s sh",
    "-a -f 99 -r 10.1.0.21:0 -i -w 1 --tun-type ipip",
    "-a -t 10.0.0.100:80 -r 10.1.0.21:80 -g -w 2",
    "-a -t 10.0.0.100:80 -r 10.1.0.22:80 -g -w 1",
    "-a -t 10.0.0.100:8080 -r 10.1.0.22:80 -m -w 1",
    "-a -u 10.0.0.100:53 -r 10.1.0.22:53 -g -w 1",
  ]);
});

test("a table that was changed by hand is put right", async (t) => {
  const before = ownTable();
  runIn("d1", "ipvsadm", "-d", "-t", "10.0.0.100:80", "-r", "10.1.0.21:80");
  runIn("d1", "ipvsadm", "-a", "-t", "10.0.0.100:80", "-r", "10.1.0.99:80", "-g");
  runIn("d1", "ipvsadm", "-e", "-t", "10.0.0.100:80", "-r", "10.1.0.22:80", "-g", "-w", "50");
  runIn("d1", "ipvsadm", "-D", "-f", "99");
  await until("the table is as before", () => same(ownTable(), before));
  t.pass();
});

test("duet ipvs says when it changes what the running duet owns, and nothing of the services of others", async (t) => {
  const by = (...words) =>
    spawnSync("ip", ["netns", "exec", "d1", "node", MAIN, "ipvs", ...words], {
      encoding: "utf8",
      env: { ...process.env, DUET_RUN_DIR: "/run/duet-d1" },
    });
  const before = ownTable();
  const owned = by("-e", "-t", "10.0.0.100:80", "-r", "10.1.0.22:80", "-g", "-w", "50");
  t.is(owned.status, 0);
  t.regex(owned.stderr, /^duet ipvs: warning: the running duet owns tcp 10\.0\.0\.100:80: .+\n$/);
  const foreign = by("-e", "-t", "10.9.9.9:81", "-r", "10.1.0.21:81", "-m", "-w", "7");
  t.like(foreign, { status: 0, stderr: "", stdout: "" });
  const marked = by("-E", "-f", "99", "-s", "rr");
  t.regex(marked.stderr, /owns fwmark 99: /);
  await until("the table is as before", () => same(ownTable(), before));
});

test("a sick server leaves, or gets weight 0 with inhibit_on_failure; both return", async (t) => {
  makeSick("rs2");
  await until("rs2 is out", () => weightOf("d1", "rs2") === 0);
  await until("rs2 is inhibited", () =>
    ownTable().includes("-a -t 10.0.0.100:8080 -r 10.1.0.22:80 -m -w 0"),
  );
  makeWell("rs2");
  await until("rs2 is back", () => weightOf("d1", "rs2") === 1);
  await until("rs2 has its weight", () =>
    ownTable().includes("-a -t 10.0.0.100:8080 -r 10.1.0.22:80 -m -w 1"),
  );
  t.pass();
});

test("the sorry server takes over when the quorum is lost, and status says so", async (t) => {
  makeSick("rs1");
  makeSick("rs2");
  await until("the sorry server is in", () =>
    ownTable().includes("-a -t 10.0.0.100:80 -r 10.1.0.77:80 -g -w 1"),
  );
  const [web] = (await duet.status()).virtual_servers;
  t.false(web.quorum_up);
  t.true(web.sorry_server_active);
  t.throws(() => duet.statusText(), { message: /degraded|DOWN|sorry|Command failed/ });
  makeWell("rs1");
  makeWell("rs2");
  await until("the servers are back", () => weightOf("d1", "rs1") + weightOf("d1", "rs2") === 3);
  await until("the sorry server is out", () => !ownTable().join().includes("10.1.0.77"));
});

test("the death of the director role costs no connection and no count", async (t) => {
  for (let i = 0; i < 4; i += 1) runIn("client", "curl", "-s", "-m", "3", "10.0.0.100");
  await until("the kernel counted them", () => connections() >= 4);
  const counted = connections();
  const table = ownTable();
  const { processes } = await duet.status();
  process.kill(processes.find(({ role }) => role === "director").pid, "SIGKILL");
  const restarts = async () =>
    (await duet.status()).processes.find(({ role }) => role === "director");
  await until("it was restarted", async () => (await restarts())?.restarts === 1);
  await until(
    "it checks again",
    async () => (await duet.status()).virtual_servers[0]?.quorum_up === true,
  );
  t.deepEqual(ownTable(), table);
  t.true(connections() >= counted);
  t.is(await duet.state(), "MASTER");
});

test("a reload that changes a weight changes only that, and nothing in VRRP", async (t) => {
  const [before] = (await duet.status()).vrrp_instances;
  const counted = connections();
  writeFileSync(FILE, config({ weight: 5 }));
  duet.command("reload");
  await until("the weight is there", () => weightOf("d1", "rs1") === 5);
  const [after] = (await duet.status()).vrrp_instances;
  t.is(after.since, before.since);
  t.is(after.counters.became_master, before.counters.became_master);
  t.true(connections() >= counted);
});

test("a reload with a bad file is refused with the reason and changes nothing", (t) => {
  const table = ownTable();
  writeFileSync(FILE, config().replace("lb_algo = wrr", "lb_algo = wrx"));
  t.throws(() => duet.command("reload"), { message: /wrx/ });
  t.deepEqual(ownTable(), table);
});

test("a clean stop removes the VIP and its own services, and leaves those of others", async (t) => {
  duet.command("stop");
  await until("duet ended", () => duet.exited());
  t.is(runIn("d1", "ipvsadm", "-Sn"), FOREIGN);
  t.notRegex(runIn("d1", "ip", "-4", "address"), /10\.0\.0\.100/);
});

function config({ weight = 2 } = {}) {
  return `
[vrrp_instance.VI_1]
interface = pub
virtual_router_id = 51
priority = 150
version = 3
advert_int = 0.2
virtual_ipaddress[] = 10.0.0.100/24 dev pub

[check.ok_page]
type = http
path = /ok.html
body = ok
port = 80
interval = 500ms
timeout = 1

[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
lb_algo = wrr
lb_kind = DR
check[] = ok_page
sorry_server = 10.1.0.77:80
[real_server.web.rs1]
address = 10.1.0.21:80
weight = ${weight}
[real_server.web.rs2]
address = 10.1.0.22:80
weight = 1

[virtual_server.inhibited]
address = 10.0.0.100:8080
protocol = tcp
lb_algo = rr
lb_kind = NAT
check[] = ok_page
[real_server.inhibited.rs2]
address = 10.1.0.22:80
inhibit_on_failure = yes

[virtual_server.dns]
address = 10.0.0.100:53
protocol = udp
lb_algo = sh
lb_kind = DR
[real_server.dns.rs2]
address = 10.1.0.22:53

[virtual_server.marked]
fwmark = 99
lb_algo = wlc
lb_kind = TUN
persistence_timeout = 300
persistence_granularity = 255.255.255.0
[real_server.marked.rs1]
address = 10.1.0.21
`;
}

/** The table as ipvsadm saves it, without the services of others. */
function ownTable() {
  const lines = runIn("d1", "ipvsadm", "-Sn").split("\n");
  return lines.filter((line) => line !== "" && !FOREIGN.includes(line)).sort();
}

/** What ipvsadm -Sn should print for a virtual server of status. */
function savedLines(virtualServer) {
  const {
    address,
    fwmark,
    protocol,
    lb_algo: scheduler,
    persistence_timeout_s: timeoutS,
  } = virtualServer;
  const option = { tcp: "-t", udp: "-u" }[protocol];
  const service = fwmark === null ? `${option} ${address}` : `-f ${fwmark}`;
  const forward = { DR: "-g", NAT: "-m", TUN: "-i" }[virtualServer.lb_kind];
  const tunnel = forward === "-i" ? " --tun-type ipip" : "";
  const persistence = timeoutS === null ? "" : ` -p ${timeoutS} -M 255.255.255.0`;
  const servers = virtualServer.real_servers.map(
    ({ address: real, effective_weight: weight }) =>
      `-a ${service} -r ${real.includes(":") ? real : `${real}:0`} ${forward} -w ${weight}${tunnel}`,
  );
  return [`-A ${service} -s ${scheduler}${persistence}`, ...servers];
}

function connections() {
  const line = runIn("d1", "ipvsadm", "-Ln", "--stats", "--exact", "-t", "10.0.0.100:80");
  return Number(/10\.0\.0\.100:80\s+(\d+)/.exec(line)?.[1]);
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
