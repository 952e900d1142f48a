// What a virtual server can be, on one real director with a real client: groups, marks, tunnels, IPv6, port mapping, flags,
// schedulers and their shares; and what ipvsadm and status say of it.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startDuet } from "../../scripts/lab/directors.mjs";
import * as lab from "../../scripts/lab/topology.mjs";
import { test } from "./lab.mjs";

const { OUT, VIP, runIn, until } = lab;
const FILE = `${OUT}/services.ini`;
const INET6 = { client: "fd00::5", d1: "fd00::11", rs1: "fd00::21", rs2: "fd00::22" };
const SCHEDULERS = [
  "rr",
  "wrr",
  "lc",
  "wlc",
  "lblc",
  "lblcr",
  "dh",
  "sh",
  "sed",
  "nq",
  "fo",
  "ovf",
  "mh",
  "twos",
];
/** What the scheduler makes of weights 2 and 1; lc, wlc, sed and nq of connections that stay. */
const SHARES = { rr: 1 / 2, wrr: 2 / 3, lc: 1 / 2, wlc: 2 / 3, sed: 2 / 3, nq: 2 / 3, fo: 1 };
/** The same client always gets the same server. */
const STICKY = ["sh", "mh", "dh"];
/** In this order, from 7100 on. */
const portOf = (scheduler) => String(7100 + SCHEDULERS.indexOf(scheduler));
let duet;

test.before(async () => {
  lab.run(
    "modprobe",
    "-q",
    "-a",
    "fou",
    "ip_gre",
    "ip_vs_pe_sip",
    "sch_ingress",
    "cls_flower",
    "act_skbedit",
  );
  lab.buildTopology("dr");
  for (const server of ["rs1", "rs2"]) {
    const local = { rs1: "10.1.0.21", rs2: "10.1.0.22" }[server];
    runIn(server, "ip", "link", "add", "gre1", "up", "type", "gre", "local", local);
    runIn(server, "sysctl", "-qw", "net.ipv4.conf.gre1.rp_filter=0");
    // GUE packets come out at tunl0; a mapped port and IPv6 go by NAT, whose answers pass the director.
    runIn(server, "ip", "fou", "add", "port", "6080", "gue");
    runIn(server, "ip", "link", "set", "tunl0", "up");
    runIn(server, "sysctl", "-qw", "net.ipv4.conf.tunl0.rp_filter=0");
    for (const address of ["10.0.0.101", "fd00::100"]) {
      runIn(server, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=0");
      runIn(server, "ip", "address", "add", address, "dev", "lo");
    }
    runIn(server, "ip", "route", "add", "10.9.0.0/16", "via", "10.0.0.5");
    runIn(server, "ip", "route", "add", "10.8.0.0/16", "via", "10.1.0.11");
    lab.startIn(server, `${server}.log`, [
      "node",
      script("echo.mjs"),
      server,
      "80",
      "443",
      "7000",
      "7001",
      "8080",
      ...SCHEDULERS.map(portOf),
    ]);
  }
  for (const [node, address] of Object.entries(INET6)) {
    runIn(
      node,
      "sysctl",
      "-qw",
      "net.ipv6.conf.all.disable_ipv6=0",
      "net.ipv6.conf.pub.disable_ipv6=0",
    );
    runIn(node, "ip", "address", "add", `${address}/64`, "dev", "pub", "nodad");
  }
  // More clients: 10.9 gets its answers from the servers, 10.8 through the director, as NAT needs it.
  for (const address of ["10.9.0.1", "10.9.0.2", "10.8.0.1"]) {
    runIn("client", "ip", "address", "add", `${address}/32`, "dev", "pub");
    runIn("d1", "ip", "route", "replace", `${address}/32`, "via", "10.0.0.5");
  }
  // The lab kernel has no nftables of IPv4: packets get their mark from tc.
  runIn("d1", "tc", ..."qdisc add dev pub ingress".split(" "));
  for (const port of [80, 443]) {
    const filter = `filter add dev pub ingress protocol ip flower ip_proto tcp dst_ip ${VIP} dst_port ${port} action skbedit mark 99`;
    runIn("d1", "tc", ...filter.split(" "));
  }
  runIn("d1", "ip", "address", "add", `${VIP}/32`, "dev", "pub");
  runIn("d1", "ip", "address", "add", "10.0.0.101/32", "dev", "pub");
  runIn("d1", "ip", "address", "add", "fd00::100/128", "dev", "pub", "nodad");
  for (const server of ["rs1", "rs2"]) {
    await until(`${server} listens`, () => runIn(server, "ss", "-Hltn", "sport = :8080") !== "");
  }
  // While it runs the kernel refuses destinations of another family.
  runIn("d1", "ipvsadm", "--start-daemon", "master", "--mcast-interface", "pub");
  writeFileSync(FILE, config());
  duet = startDuet({ node: "d1", file: FILE });
  await until("the table is there", () => saved().length >= TABLE.length);
  await until("the director answers", async () => (await duet.status()).lvs !== null);
});
test.after.always(async () => lab.razeTopology());

test("ipvsadm -Sn and -Ln have what is configured, and status says the same", async (t) => {
  t.deepEqual(saved(), [...TABLE].sort());
  const { virtual_servers: services, lvs } = await duet.status();
  t.deepEqual(lvs.errors, []);
  const listed = runIn("d1", "ipvsadm", "-Ln")
    .split("\n")
    .filter((line) => /^(TCP|UDP|SCTP|FWM)/.test(line));
  const there = services.filter(({ name, error }) => error === null || name === "mixed");
  t.is(listed.length, there.flatMap((service) => service.services).length);
  t.deepEqual(services.find(({ name }) => name === "group").services, [
    "tcp 10.0.0.101:7000",
    "tcp 10.0.0.101:8080",
  ]);
  const thresholds = runIn("d1", "ipvsadm", "-Ln", "--thresholds");
  t.regex(thresholds, /10\.1\.0\.22:9\s+500\s+400/);
  const { stdout } = t.throws(() => duet.statusText(), undefined, "one scheduler is missing");
  t.regex(stdout, /TCP {2}group g \(2 services\) rr/);
  t.regex(stdout, /ERROR: Cannot add tcp 10\.0\.0\.101:7113: scheduler "twos"/);
});

test("a destination that the kernel refuses is the error of its service, the others are there; it is tried again", async (t) => {
  const mixed = async () =>
    (await duet.status()).virtual_servers.find(({ name }) => name === "mixed");
  // A director that is busy says nothing for a moment.
  await until("the director answers", async () => (await mixed()) !== undefined);
  t.regex(
    (await mixed()).error,
    /^Cannot add \[fd00::22\]:80 of tcp 10\.0\.0\.103:80: .* while a connection sync daemon runs$/,
  );
  runIn("d1", "ipvsadm", "--stop-daemon", "master");
  await until("nothing is refused", async () => (await mixed())?.error === null);
  t.true(saved().includes("-a -t 10.0.0.103:80 -r [fd00::22]:80 -i -w 1 --tun-type ipip"));
});

test("the mark makes 80 and 443 one service: a client stays with its server, the other client may have the other", (t) => {
  const answers = ask(VIP, "80,443", 3, ["10.9.0.1", "10.9.0.2"]);
  const servers = Object.values(answers).map((ports) => new Set(Object.values(ports).flat()));
  for (const each of servers) t.is(each.size, 1, runIn("d1", "ipvsadm", "-Lnc"));
  t.false(JSON.stringify(answers).includes("-"), runIn("d1", "ipvsadm", "-Lnc"));
  t.not([...servers[0]][0], [...servers[1]][0], "round robin gave them different ones");
});

for (const [what, port] of [
  ["DR in a group", 7000],
  ["DR in a group, the other port", 8080],
]) {
  test(`both servers answer: ${what}`, (t) => {
    const {
      "": { [port]: names },
    } = ask("10.0.0.101", String(port), 4);
    t.deepEqual([...names].sort(), ["rs1", "rs1", "rs2", "rs2"]);
  });
}

test("both servers answer: TUN by ipip, by gue, by gre, NAT with another port, IPv6", (t) => {
  for (const [address, port, from] of [
    [VIP, "7000", ""],
    [VIP, "8080", ""],
    [VIP, "7001", ""],
    ["10.0.0.101", "81", "10.8.0.1"],
    ["fd00::100", "7000", ""],
  ]) {
    const {
      [from]: { [port]: names },
    } = ask(address, port, 4, from === "" ? [] : [from]);
    t.deepEqual([...names].sort(), ["rs1", "rs1", "rs2", "rs2"], `${address} ${port}`);
  }
});

test("forwarding for NAT was set", (t) => {
  t.is(runIn("d1", "sysctl", "-n", "net.ipv4.ip_forward"), "1\n");
  t.is(runIn("d1", "sysctl", "-n", "net.ipv4.vs.expire_quiescent_template"), "1\n");
  t.is(runIn("d1", "ipvsadm", "-Ln", "--timeout"), "Timeout (tcp tcpfin udp): 800 120 300\n");
});

for (const [scheduler, share] of Object.entries(SHARES)) {
  test(`${scheduler} spreads 1,000 connections by the weights, within 2 %`, (t) => {
    const names = ask("10.0.0.101", portOf(scheduler), 1000)[""][portOf(scheduler)];
    const got = names.filter((name) => name === "rs1").length / 1000;
    t.true(Math.abs(got - share) <= 0.02, `${got} of ${share}`);
    t.false(names.includes("-"));
  });
}

for (const scheduler of STICKY) {
  test(`${scheduler}: a client stays with its server`, (t) => {
    const port = portOf(scheduler);
    const answers = ask("10.0.0.101", port, 5, ["10.9.0.1", "10.9.0.2", "10.0.0.5"]);
    for (const { [port]: names } of Object.values(answers)) {
      t.is(new Set(names).size, 1, names.join());
      t.not(names[0], "-");
    }
  });
}

test("a scheduler that this kernel has not is the error of its service alone", async (t) => {
  let wrong = [];
  // A director that was started again has not tried yet.
  await until("something is refused", async () => {
    const { virtual_servers: services } = await duet.status();
    wrong = services.filter(({ error }) => error !== null);
    return wrong.length > 0;
  });
  t.deepEqual(
    wrong.map(({ name }) => name),
    ["twos"],
  );
  t.regex(
    wrong[0].error,
    /^Cannot add tcp 10\.0\.0\.101:7113: scheduler "twos" is not in this kernel \(module ip_vs_twos: /,
  );
});

test("a stop leaves nothing behind: services, timeouts, settings", async (t) => {
  duet.command("stop");
  await until("duet ended", () => duet.exited());
  t.deepEqual(saved(), []);
  t.is(runIn("d1", "sysctl", "-n", "net.ipv4.ip_forward"), "0\n");
  t.is(runIn("d1", "sysctl", "-n", "net.ipv4.vs.expire_quiescent_template"), "0\n");
  t.is(runIn("d1", "ipvsadm", "-Ln", "--timeout"), "Timeout (tcp tcpfin udp): 900 120 300\n");
});

test("when all was killed at once, duet release puts timeouts and settings back; the services stay", async (t) => {
  duet = startDuet({ node: "d1", file: FILE });
  await until("the table is there", () => saved().length >= TABLE.length);
  const { processes } = await duet.status();
  const forwards = () => runIn("d1", "sysctl", "-n", "net.ipv4.ip_forward");
  t.is(forwards(), "1\n");
  lab.run("kill", "-KILL", ...processes.map(({ pid }) => String(pid)));
  await until("duet ended", () => duet.exited());
  t.is(forwards(), "1\n");
  t.is(duet.command("release"), "");
  t.is(forwards(), "0\n");
  t.is(runIn("d1", "sysctl", "-n", "net.ipv4.vs.expire_quiescent_template"), "0\n");
  t.is(runIn("d1", "ipvsadm", "-Ln", "--timeout"), "Timeout (tcp tcpfin udp): 900 120 300\n");
  t.true(saved().length >= TABLE.length);
});

const SERVERS4 = ["10.1.0.21", "10.1.0.22"];

function config() {
  const virtualServer = (name, keys, servers) =>
    `[virtual_server.${name}]\n${keys.join("\n")}\n` +
    servers
      .map((address, i) => `[real_server.${name}.rs${i + 1}]\naddress = ${address}\n`)
      .join("");
  return [
    "[global]\nlvs_timeouts = tcp 800\nlvs_sysctl[] = expire_quiescent_template 1\n",
    "[virtual_server_group.g]\nmember[] = 10.0.0.101 7000\nmember[] = 10.0.0.101 8080\n",
    virtualServer(
      "marked",
      ["fwmark = 99", "lb_algo = rr", "lb_kind = DR", "persistence_timeout = 300"],
      SERVERS4,
    ),
    virtualServer(
      "group",
      ["group = g", "protocol = tcp", "lb_algo = rr", "lb_kind = DR"],
      SERVERS4,
    ),
    virtualServer(
      "ipip",
      [`address = ${VIP}:7000`, "protocol = tcp", "lb_algo = rr", "lb_kind = TUN"],
      SERVERS4,
    ),
    virtualServer(
      "gue",
      [
        `address = ${VIP}:8080`,
        "protocol = tcp",
        "lb_algo = rr",
        "lb_kind = TUN type gue port 6080",
      ],
      SERVERS4,
    ),
    virtualServer(
      "gre",
      [`address = ${VIP}:7001`, "protocol = tcp", "lb_algo = rr", "lb_kind = TUN type gre"],
      SERVERS4,
    ),
    virtualServer(
      "mixed",
      ["address = 10.0.0.103:80", "protocol = tcp", "lb_algo = rr", "lb_kind = TUN"],
      ["10.1.0.21", "fd00::22"],
    ),
    virtualServer(
      "nat",
      ["address = 10.0.0.101:81", "protocol = tcp", "lb_algo = rr", "lb_kind = NAT"],
      SERVERS4.map((address) => `${address}:8080`),
    ),
    virtualServer(
      "six",
      ["address = [fd00::100]:7000", "protocol = tcp", "lb_algo = rr", "lb_kind = DR"],
      ["fd00::21", "fd00::22"],
    ),
    ...SCHEDULERS.map((scheduler) =>
      virtualServer(
        scheduler,
        [
          `address = 10.0.0.101:${portOf(scheduler)}`,
          "protocol = tcp",
          `lb_algo = ${scheduler}`,
          "lb_kind = DR",
        ],
        SERVERS4,
      ).replace(".21\n", ".21\nweight = 2\n"),
    ),
    virtualServer(
      "sip",
      [
        "address = 10.0.0.101:5060",
        "protocol = udp",
        "lb_algo = mh",
        "mh-port",
        "mh-fallback",
        "ops",
        "persistence_timeout",
        "persistence_engine = sip",
        "lb_kind = DR",
      ],
      ["10.1.0.21"],
    ),
    virtualServer(
      "all",
      [
        "address = 10.0.0.102",
        "protocol = sctp",
        "lb_kind = DR",
        "persistence_timeout = 60",
        "persistence_granularity = 24",
      ],
      ["10.1.0.21"],
    ),
    virtualServer(
      "limits",
      ["address = 10.0.0.102:9", "protocol = tcp", "lb_kind = NAT"],
      ["10.1.0.21:9", "10.1.0.22:9"],
    ) + "weight = 0\nuthreshold = 500\nlthreshold = 400\n",
  ].join("\n");
}

const TABLE = [
  "-A -f 99 -s rr -p 300",
  ...SERVERS4.map((address) => `-a -f 99 -r ${address}:0 -g -w 1`),
  ...[7000, 8080].flatMap((port) => [
    `-A -t 10.0.0.101:${port} -s rr`,
    ...SERVERS4.map((address) => `-a -t 10.0.0.101:${port} -r ${address}:${port} -g -w 1`),
  ]),
  `-A -t ${VIP}:7000 -s rr`,
  ...SERVERS4.map((address) => `-a -t ${VIP}:7000 -r ${address}:7000 -i -w 1 --tun-type ipip`),
  `-A -t ${VIP}:8080 -s rr`,
  ...SERVERS4.map(
    (address) =>
      `-a -t ${VIP}:8080 -r ${address}:8080 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum`,
  ),
  `-A -t ${VIP}:7001 -s rr`,
  ...SERVERS4.map(
    (address) => `-a -t ${VIP}:7001 -r ${address}:7001 -i -w 1 --tun-type gre --tun-nocsum`,
  ),
  "-A -t 10.0.0.103:80 -s rr",
  "-a -t 10.0.0.103:80 -r 10.1.0.21:80 -i -w 1 --tun-type ipip",
  "-A -t 10.0.0.101:81 -s rr",
  ...SERVERS4.map((address) => `-a -t 10.0.0.101:81 -r ${address}:8080 -m -w 1`),
  "-A -t [fd00::100]:7000 -s rr",
  ...["fd00::21", "fd00::22"].map(
    (address) => `-a -t [fd00::100]:7000 -r [${address}]:7000 -g -w 1`,
  ),
  ...SCHEDULERS.filter((scheduler) => scheduler !== "twos").flatMap((scheduler) => [
    `-A -t 10.0.0.101:${portOf(scheduler)} -s ${scheduler}`,
    `-a -t 10.0.0.101:${portOf(scheduler)} -r 10.1.0.21:${portOf(scheduler)} -g -w 2`,
    `-a -t 10.0.0.101:${portOf(scheduler)} -r 10.1.0.22:${portOf(scheduler)} -g -w 1`,
  ]),
  "-A -u 10.0.0.101:5060 -s mh -p 360 --pe sip -o -b mh-fallback,mh-port",
  "-a -u 10.0.0.101:5060 -r 10.1.0.21:5060 -g -w 1",
  "-A --sctp-service 10.0.0.102:0 -s wlc -p 60 -M 255.255.255.0",
  "-a --sctp-service 10.0.0.102:0 -r 10.1.0.21:0 -g -w 1",
  "-A -t 10.0.0.102:9 -s wlc",
  "-a -t 10.0.0.102:9 -r 10.1.0.21:9 -m -w 1",
  "-a -t 10.0.0.102:9 -r 10.1.0.22:9 -m -w 0",
];

function ask(address, ports, count, from = []) {
  const words = [script("ask.mjs"), address, ports, String(count), from.join()];
  return JSON.parse(runIn("client", "node", ...words));
}

function saved() {
  return runIn("d1", "ipvsadm", "-Sn")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .sort();
}

function script(name) {
  return fileURLToPath(new URL(`../../scripts/lab/${name}`, import.meta.url));
}
