#!/usr/bin/env node
// scripts/capture-vectors.mjs : writes test/vectors/{vrrp-v2,vrrp-v3,vrrp-v2-auth,arp}.json from what keepalived sends.
// For root, with keepalived and tcpdump; works in a network namespace of its own.
//
// What a row says an advert means is what keepalived was told to send, never what our own decoder makes of it.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const SOURCE = "198.51.100.10";
const MAC = "02:00:5e:10:00:01";
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_ARP = 0x0806;

/** One virtual router each; the virtual router id is the place in this list plus one. */
const routers = [
  { version: 2, priority: 254, intervalMs: 1000, addresses: vips(1, 1) },
  { version: 2, priority: 200, intervalMs: 1000, addresses: vips(2, 3) },
  { version: 2, priority: 255, intervalMs: 3000, addresses: vips(3, 20) },
  { version: 2, priority: 101, intervalMs: 1000, addresses: vips(4, 1), password: "duet" },
  { version: 3, priority: 254, intervalMs: 1000, addresses: vips(5, 1) },
  { version: 3, priority: 200, intervalMs: 100, addresses: vips(6, 3) },
  { version: 3, priority: 1, intervalMs: 10, addresses: vips(7, 1) },
  { version: 3, priority: 255, intervalMs: 40_950, addresses: vips(8, 20) },
].map((router, i) => ({ ...router, vrid: i + 1 }));

if (process.argv[2] === "--inside") await capture();
else {
  const args = ["--net", process.execPath, process.argv[1], "--inside"];
  const [status] = await once(spawn("unshare", args, { stdio: "inherit" }), "exit");
  process.exitCode = status ?? 1;
}

async function capture() {
  const directory = mkdtempSync(join(tmpdir(), "duet-vectors-"));
  try {
    execFileSync("sh", [
      "-ec",
      `ip link add k0 address ${MAC} type veth peer name k1
       sysctl -qw net.ipv6.conf.k0.disable_ipv6=1 net.ipv6.conf.k1.disable_ipv6=1
       ip link set lo up; ip link set k0 up; ip link set k1 up
       ip address add ${SOURCE}/24 dev k0`,
    ]);
    write(await framesOfOneRun(directory));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** From its start to its end keepalived is every router's master. */
async function framesOfOneRun(directory) {
  const tcpdump = spawn("tcpdump", ["-i", "k1", "-w", "-", "-U", "-q"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const chunks = [];
  tcpdump.stdout.on("data", (chunk) => chunks.push(chunk));
  await once(tcpdump.stdout, "data"); // the file header: it listens
  const conf = join(directory, "keepalived.conf");
  writeFileSync(conf, configuration());
  const pids = ["-p", "-r", "-c"].flatMap((flag) => [flag, join(directory, `pid${flag}`)]);
  const keepalived = spawn("keepalived", ["-n", "-l", "-D", "-f", conf, ...pids], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  const seen = (priority) =>
    routers.every(({ vrid }) =>
      pduFrames(Buffer.concat(chunks)).some(
        ({ pdu }) => pdu[1] === vrid && (pdu[2] === 0) === (priority === 0),
      ),
    );
  await until("every router is master", () => seen(1));
  keepalived.kill("SIGTERM");
  await until("every router has said priority 0", () => seen(0));
  await once(keepalived, "exit");
  tcpdump.kill("SIGINT");
  await once(tcpdump, "exit");
  return Buffer.concat(chunks);
}

async function until(what, holds) {
  const endMs = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`Waited 20 s in vain until ${what}`);
    await sleep(50);
  }
}

function configuration() {
  const blocks = routers.map(
    ({ vrid, version, priority, intervalMs, addresses, password }) => `vrrp_instance V${vrid} {
  state ${priority === 255 ? "MASTER" : "BACKUP"}
  interface k0
  version ${version}
  virtual_router_id ${vrid}
  priority ${priority}
  advert_int ${intervalMs / 1000}
  ${password === undefined ? "" : `authentication {\n auth_type PASS\n auth_pass ${password}\n }`}
  virtual_ipaddress {\n${addresses.map((address) => `    ${address}/32\n`).join("")}  }
}`,
  );
  return ["global_defs {\n  router_id vectors\n}", ...blocks, ""].join("\n");
}

function write(pcap) {
  const keepalived = versionOf("keepalived");
  const rows = routers.flatMap((router) =>
    [router.priority, 0].map((priority) => row(keepalived, pcap, { ...router, priority })),
  );
  save(
    "vrrp-v2",
    rows.filter(({ advert }) => advert.version === 2 && advert.authType === 0),
  );
  save(
    "vrrp-v2-auth",
    rows.filter(({ advert }) => advert.authType !== 0),
  );
  save(
    "vrrp-v3",
    rows.filter(({ advert }) => advert.version === 3),
  );
  save("arp", arpRows(keepalived, pcap));
}

function row(keepalived, pcap, router) {
  const { version, vrid, priority, intervalMs, addresses, password } = router;
  const frame = pduFrames(pcap).find(({ pdu }) => pdu[1] === vrid && pdu[2] === priority);
  const auth = password === undefined ? "" : `, auth_pass ${password}`;
  return {
    name: `${keepalived}: version ${version}, priority ${priority}, every ${intervalMs} ms, ${addresses.length} address(es)${auth}`,
    source: dotted(frame.ip.subarray(12, 16)),
    destination: dotted(frame.ip.subarray(16, 20)),
    ttl: frame.ip[8],
    tos: frame.ip[1],
    hex: frame.pdu.toString("hex"),
    advert: {
      version,
      vrid,
      priority,
      advertIntervalMs: intervalMs,
      addresses,
      authType: password === undefined ? 0 : 1,
    },
  };
}

/** The announcements of the first address of the first three routers. */
function arpRows(keepalived, pcap) {
  return routers.slice(0, 3).map(({ addresses: [address] }) => {
    const bytes = Buffer.from(address.split(".").map(Number));
    const frame = framesOf(pcap).find(
      (each) => each.readUInt16BE(12) === ETHERTYPE_ARP && each.subarray(28, 32).equals(bytes),
    );
    const name = `${keepalived}: announcement of ${address}`;
    return { name, mac: MAC, address, hex: frame.toString("hex") };
  });
}

function pduFrames(pcap) {
  return framesOf(pcap)
    .filter((frame) => frame.readUInt16BE(12) === ETHERTYPE_IPV4 && frame[14 + 9] === 112)
    .map((frame) => {
      const ip = frame.subarray(14, 14 + frame.readUInt16BE(16));
      return { ip, pdu: ip.subarray((ip[0] & 0xf) * 4) };
    });
}

/** The whole records of a pcap file so far: 24 bytes of header, then 16 before each frame. */
function framesOf(pcap) {
  const frames = [];
  for (let at = 24; at + 16 <= pcap.length; ) {
    const end = at + 16 + pcap.readUInt32LE(at + 8);
    if (end > pcap.length) break;
    frames.push(pcap.subarray(at + 16, end));
    at = end;
  }
  return frames;
}

function versionOf(command) {
  const text = execFileSync("sh", ["-c", `${command} --version 2>&1`], { encoding: "utf8" });
  return `${command} ${/v(\d+\.\d+\.\d+)/.exec(text)?.[1]}`;
}

function vips(net, count) {
  return Array.from({ length: count }, (_, i) => `203.0.113.${net * 25 + i}`);
}

function dotted(bytes) {
  return [...bytes].join(".");
}

function save(name, rows) {
  writeFileSync(`test/vectors/${name}.json`, `${JSON.stringify(rows, null, 2)}\n`);
}
