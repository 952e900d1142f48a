// Real servers that nothing but `duet realserver` sets up, behind a director with the real ip_vs: served in DR, TUN and
// NAT, silent for ARP, and as they were after stop.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { networkChanges, networkDump } from "../../build/test/helpers/network-dump.js";
import {
  buildTopology,
  endChild,
  OUT,
  ROOT,
  razeTopology,
  run,
  runIn,
  startIn,
  startServers,
  until,
  VIP,
} from "../../scripts/lab/topology.mjs";
import { test } from "./lab.mjs";

const SERVERS = ["rs1", "rs2"];
const RIPS = ["10.1.0.21", "10.1.0.22"];
const DIP = "10.1.0.1";
const WORKER = fileURLToPath(new URL("realserver-worker.mjs", import.meta.url));
const workers = {};

test.before(async () => {
  // The default gateway of before, the filters that distributions set: what a machine brings along.
  buildTopology("dr", { bare: true });
  for (const name of SERVERS) {
    runIn(
      name,
      "sysctl",
      "-qw",
      "net.ipv4.conf.all.rp_filter=2",
      "net.ipv4.conf.all.arp_announce=1",
    );
    setPublic(name, true);
    // What the kernel makes when a tunnel comes up for the first time it keeps.
    for (const state of ["up", "down"]) runIn(name, "ip", "link", "set", "tunl0", state);
  }
  await startServers();
  for (const name of SERVERS) {
    workers[name] = startIn(name, `${name}-worker.log`, ["node", WORKER], { ipc: true });
  }
  runIn("d1", "ip", "address", "add", `${VIP}/24`, "dev", "pub");
  runIn("d1", "ip", "address", "add", `${DIP}/24`, "dev", "srv");
});
test.after.always(async () => razeTopology());

for (const [mode, flag, words] of [
  ["dr", "-g", [VIP]],
  ["tun", "-i", [VIP]],
  ["nat", "-m", ["--via", DIP]],
]) {
  test(`${mode}: set up by duet, judged right, served, and as before after stop`, async (t) => {
    // Behind NAT the servers are in no network of the client's.
    if (mode === "nat") for (const name of SERVERS) setPublic(name, false);
    const before = dump("rs1");
    for (const name of SERVERS) {
      // Once as users run it.
      const run = mode === "dr" && name === "rs1" ? duetAlone : duet;
      const started = await run(name, mode, "start", ...words);
      t.is(started.status, 0, started.stderr);
      t.log(name, started.stdout.trim().replaceAll("\n", "; "));
      const judged = await duet(name, mode, "status", "--json");
      t.like(JSON.parse(judged.stdout), { ok: true, problems: [] });
    }
    direct(flag);
    if (mode === "nat") runIn("d1", "sysctl", "-qw", "net.ipv4.ip_forward=1");
    const heard = await arpRepliesFor(VIP, () => {
      const answers = Array.from({ length: 4 }, () =>
        runIn("client", "curl", "-s", "-m", "3", VIP),
      );
      t.deepEqual(answers.toSorted(), [
        "rs1 10.0.0.5\n",
        "rs1 10.0.0.5\n",
        "rs2 10.0.0.5\n",
        "rs2 10.0.0.5\n",
      ]);
    });
    t.deepEqual(heard, [macOf("d1")], "nobody but the director says where the address is");
    for (const name of SERVERS) t.is((await duet(name, mode, "stop")).status, 0);
    t.deepEqual(networkChanges(before, dump("rs1")), []);
    if (mode === "nat") for (const name of SERVERS) setPublic(name, true);
  });
}

test("without the settings a real server answers ARP for the address: the wire tells, and so does status", async (t) => {
  await duet("rs1", "dr", "start", VIP);
  runIn("rs1", "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=0");
  const heard = await arpRepliesFor(VIP, () => ask(VIP));
  t.deepEqual(heard.toSorted(), [macOf("d1"), macOf("rs1")].toSorted());
  const { status, stdout } = await duet("rs1", "dr", "status");
  t.is(status, 1);
  t.regex(stdout, /^error: pub, srv: answers ARP requests for 10\.0\.0\.100 \(arp_ignore is 0\)$/m);
  runIn("rs1", ...(/repair: +(sysctl .*)/.exec(stdout)?.[1] ?? "").split(" "));
  t.is((await duet("rs1", "dr", "status")).status, 0);
  const silent = await arpRepliesFor(VIP, () => ask(VIP));
  t.deepEqual(silent, [macOf("d1")]);
  t.is((await duet("rs1", "dr", "stop")).status, 0);
});

test("tun: a tunnel that is down, filtered or without the address is told", async (t) => {
  await duet("rs1", "tun", "start", VIP);
  const codes = async () =>
    JSON.parse((await duet("rs1", "tun", "status", "--json")).stdout).problems.map(
      ({ code }) => code,
    );
  t.deepEqual(await codes(), []);
  runIn("rs1", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1");
  t.deepEqual(await codes(), ["tunnel_filtered"]);
  runIn("rs1", "ip", "link", "set", "tunl0", "down");
  t.deepEqual(await codes(), ["tunnel_down", "tunnel_filtered"]);
  runIn("rs1", "ip", "address", "del", `${VIP}/32`, "dev", "tunl0");
  t.deepEqual(await codes(), ["tunnel_down", "tunnel_filtered", "vip_missing"]);
  t.is((await duet("rs1", "tun", "start", VIP)).status, 0);
  t.deepEqual(await codes(), []);
  t.is((await duet("rs1", "tun", "stop")).status, 0);
});

test("tun over IPv6: ip6tnl0 comes and goes", async (t) => {
  run("modprobe", "-q", "ip6_tunnel");
  for (const state of ["up", "down"]) runIn("rs1", "ip", "link", "set", "ip6tnl0", state);
  // Nowhere else: an Ethernet interface would still be at work on its link-local address.
  for (const where of ["lo", "ip6tnl0"]) {
    runIn("rs1", "sysctl", "-qw", `net.ipv6.conf.${where}.disable_ipv6=0`);
  }
  const before = dump("rs1");
  const started = await duet("rs1", "tun", "start", "2001:db8::100");
  t.is(started.status, 0, started.stderr);
  t.regex(
    runIn("rs1", "ip", "-6", "-o", "address", "show", "dev", "ip6tnl0"),
    /2001:db8::100\/128/,
  );
  t.is((await duet("rs1", "tun", "status")).status, 0);
  t.is((await duet("rs1", "tun", "stop")).status, 0);
  t.deepEqual(networkChanges(before, dump("rs1")), []);
});

/** In a process that is there already: a start of Node takes a second in the lab. */
async function duet(name, ...words) {
  const answer = once(workers[name], "message");
  workers[name].send(lineOf(name, words));
  return (await answer)[0];
}

function duetAlone(name, ...words) {
  const program = ["node", `${ROOT}build/duet/main.js`, "realserver"];
  const args = ["netns", "exec", name, ...program, ...lineOf(name, words)];
  return spawnSync("ip", args, { encoding: "utf8" });
}

function lineOf(name, words) {
  return [...words, "--run-dir", `/run/duet-${name}`];
}

/** Asks for the address, answered or not. */
function ask(address) {
  spawnSync("ip", ["netns", "exec", "client", "curl", "-s", "-m", "1", `${address}:9`]);
}

/** With its port in the public LAN, and its way out there or by the other director. */
function setPublic(name, isPublic) {
  runIn(name, "ip", "link", "set", "pub", isPublic ? "up" : "down");
  runIn(name, "ip", "route", "replace", "default", "via", isPublic ? "10.0.0.5" : "10.1.0.12");
}

function direct(flag) {
  runIn("d1", "ipvsadm", "-C");
  runIn("d1", "ipvsadm", "-A", "-t", `${VIP}:80`, "-s", "rr");
  for (const rip of RIPS) runIn("d1", "ipvsadm", "-a", "-t", `${VIP}:80`, "-r", `${rip}:80`, flag);
}

function dump(name) {
  return networkDump({ run: (command) => runIn(name, ...command.split(" ")) });
}

function macOf(name) {
  return /link\/ether (\S+)/.exec(runIn(name, "ip", "-o", "link", "show", "dev", "pub"))[1];
}

/** Who answers the client's question for the address while `act` makes it ask: MAC addresses. */
async function arpRepliesFor(address, act) {
  const log = "arp-capture.log";
  rmSync(`${OUT}/${log}`, { force: true });
  const words = ["tcpdump", "--immediate-mode", "-lnei", "pub", "arp"];
  const capture = startIn("client", log, words);
  const seen = () => readFileSync(`${OUT}/${log}`, "utf8");
  await until("tcpdump at work", () => seen().includes("listening on"));
  try {
    runIn("client", "ip", "neighbour", "flush", "dev", "pub");
    act();
    // A last question, whose answer comes after all others: what was to be heard has been heard.
    runIn("client", "ip", "neighbour", "flush", "dev", "pub");
    ask("10.0.0.12");
    await until("the last answer", () => seen().includes("Reply 10.0.0.12 is-at"));
  } finally {
    await endChild(capture);
  }
  return [
    ...new Set(
      [...seen().matchAll(new RegExp(`Reply ${address} is-at (\\S+),`, "g"))].map(([, mac]) => mac),
    ),
  ];
}
