// Where scripts/compare runs a program: two machines as network namespaces, cable by cable between them, the interfaces that a
// file names, and instead of each script that a file calls at a transition one that writes down how it was called.

import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import { run, start } from "./topology.mjs";

const NETWORKS = {
  eth0: "10.9.0",
  eth1: "10.8.0",
  bond0: "10.7.0",
  ens192: "10.7.1",
  "br-ex": "10.7.2",
};
const HOOKS = /^\s*(?:notify\w*|quorum_\w+|fallbackcommand|callback)[\s=]+["']?(\/[^\s"'\\]+)/gm;
const CHECKS = /^\s*(?:script|misc_path|checkcommand)[\s=]+["']?(\/[^\s"'\\]+)/gm;
const FIFOS = /^\s*(?:\w+_)?notify_fifo\s+(\S+)/gm;

let made = 0;
const open = new Set();

/** Also when somebody ends this in the middle. */
export function closeAllPlaces() {
  for (const place of open) place.close();
}

/** A place for runs of one program, one after the other. Nodes are "a", and "b" on the other end of every cable. */
export function openPlace(text) {
  const folder = mkdtempSync("/var/tmp/duet-compare-");
  const id = `c${process.pid}x${(made += 1)}`;
  const names = { a: `${id}a`, b: `${id}b` };
  for (const name of Object.values(names)) {
    run("ip", "netns", "add", name);
    // ldirectord asks for the name of the machine before it speaks to a mail server, and no name server can be reached.
    mkdirSync(`/etc/netns/${name}`, { recursive: true });
    writeFileSync(`/etc/netns/${name}/resolv.conf`, "nameserver 127.0.0.1\n");
    runAt(name, "sysctl", "-qw", ...["all", "default"].flatMap(quietInet6));
  }
  const networks = [...networksOf(text)];
  const cables = networks.map(
    ([one]) => `link add ${one} type veth peer name ${one} netns ${names.b}`,
  );
  batch(names.a, [...cables, ...networks.flatMap((one) => endOf(one, 250)), "link set lo up"]);
  batch(names.b, [...networks.flatMap((one) => endOf(one, 249)), "link set lo up"]);
  let hooks = [];
  let fifos = {};
  const place = {
    folder,
    /** Makes it ready for the next run, of this file. */
    prepare(ofFile) {
      hooks = hooksOf(ofFile);
      fifos = Object.fromEntries(
        Object.keys(names).map((node) => [node, prepareFolder(`${folder}/${node}`, hooks, ofFile)]),
      );
    },
    spawn: (node, words, log, options = {}) =>
      spawnAt({ name: names[node], folder: `${folder}/${node}`, hooks, words, log, options }),
    runAt: (node, ...words) => runAt(names[node], ...words),
    batch: (node, lines) => batch(names[node], lines),
    seen: (node, isWhole = true) => seenAt(names[node], isWhole ? EYES : [IPVS]),
    calls: (node) => linesOf(`${folder}/${node}/calls`).map(realPathFirst).sort(),
    fifoLines: (node) => fifos[node].flatMap((path) => linesOf(`${path}.lines`)).sort(),
    killAll: (node) => killAll(names[node]),
    close() {
      open.delete(place);
      for (const name of Object.values(names)) {
        killAll(name);
        run("ip", "netns", "delete", name);
        rmSync(`/etc/netns/${name}`, { recursive: true });
      }
    },
  };
  open.add(place);
  place.prepare(text);
  return place;
}

function killAll(name) {
  for (const pid of run("ip", "netns", "pids", name).split("\n").filter(Boolean)) kill(Number(pid));
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself meanwhile.
  }
}

function runAt(name, ...words) {
  return run("ip", "netns", "exec", name, ...words);
}

/** No duplicate address detection, and no solicitation of routers. */
function quietInet6(where) {
  return ["accept_dad=0", "router_solicitations=0"].map((one) => `net.ipv6.conf.${where}.${one}`);
}

function networksOf(text) {
  const named = text.matchAll(/\b(?:interface|dev)\s+"?([a-z][\w.-]*)"?/g);
  const all = new Map(Object.entries(NETWORKS));
  for (const [, device] of named) {
    if (!all.has(device) && device !== "lo") all.set(device, `10.6.${all.size}`);
  }
  return all;
}

/** Their hardware addresses are made of the network's, so that the addresses that the kernel makes of them are known too. */
function endOf([device, network], host) {
  const bytes = [...network.split("."), host].map((byte) => Number(byte).toString(16));
  return [
    `link set ${device} address ${["02", ...bytes, "00"].join(":")} up`,
    `address add ${network}.${host}/24 dev ${device}`,
  ];
}

/** Lines of ip(8), in one process: on a slow machine each costs. */
function batch(name, lines) {
  execFileSync("ip", ["-n", name, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** Programs that are called at a transition, and never as a check: as such their end counts. */
function hooksOf(text) {
  const checks = new Set(Array.from(text.matchAll(CHECKS), ([, path]) => path));
  const hooks = Array.from(text.matchAll(HOOKS), ([, path]) => path);
  return [...new Set(hooks)].filter((path) => !checks.has(path));
}

function prepareFolder(folder, hooks, text) {
  rmSync(folder, { recursive: true, force: true });
  for (const name of ["tmp", "run", "duet"]) mkdirSync(`${folder}/${name}`, { recursive: true });
  writeFileSync(`${folder}/calls`, "", { mode: 0o666 });
  const recorder = `#!/bin/sh\nline=$0\nfor word; do line="$line [$word]"; done\necho "$line" >>${folder}/calls\n`;
  writeFileSync(`${folder}/recorder`, recorder, { mode: 0o755 });
  for (const path of hooks) {
    if (existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "#!/bin/sh\n", { mode: 0o755 });
  }
  const fifos = fifosOf(text).map((path) => `${folder}${path}`);
  for (const path of fifos) {
    execFileSync("mkfifo", [path]);
    start("fifos.log", ["sh", "-c", 'exec cat "$0" >"$0.lines"', path]);
  }
  return fifos;
}

/** Only those in /run, where each node has its own. */
function fifosOf(text) {
  return Array.from(text.matchAll(FIFOS), ([, path]) => path).filter((path) =>
    path.startsWith("/run/"),
  );
}

/** In a mount namespace of its own, where the recorder lies over the hooks, and /run is the node's. */
function spawnAt({ name, folder, hooks, words, log, options }) {
  const binds = [...hooks.map((path) => [`${folder}/recorder`, path]), [`${folder}/run`, "/run"]];
  const script =
    'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit; shift 2; done; shift; exec "$@"';
  const inside = ["sh", "-c", script, "sh", ...binds.flat(), "--", ...words];
  return start(log, ["ip", "netns", "exec", name, ...inside], options);
}

// ===== what is there =====

const LISTS = "address show\nroute show table all\nrule show";
const IPVS = "[ ! -e /proc/net/ip_vs ] || ipvsadm -S -n";
const EYES = [
  `for family in -4 -6; do ip -o $family -batch - <<END\n${LISTS}\nEND\ndone`,
  "ip -o -d link show type macvlan",
  IPVS,
];

/** Lines of text: what a person would see. */
async function seenAt(name, eyes) {
  const words = ["netns", "exec", name, "sh", "-c", eyes.join("\n")];
  const { stdout } = await promisify(execFile)("ip", words);
  const lines = stdout.split("\n").map((line) => line.trimEnd());
  return lines.flatMap(lineSeen).sort();
}

function lineSeen(line) {
  if (line === "") return [];
  if (/^\d+: \S+ +inet/.test(line)) return [addressLine(line)];
  if (/^\d+:\s+(not|from) /.test(line))
    return [`rule ${line.replace(/\s+/g, " ").replace(/ proto \S+/, "")}`];
  if (/^\d+: .* macvlan /.test(line)) return [linkLine(line)];
  if (/^-[aA] /.test(line)) return [`ipvs ${line}`];
  // The kernel makes these of the addresses.
  return /^(local|broadcast|anycast|multicast) /.test(line) ? [] : [routeLine(line)];
}

/** Without its number and its lifetimes: duet's run out after some seconds unless it renews them, which is its law. */
function addressLine(line) {
  const [, device, rest] = /^\d+: (\S+)\s+(.*?)\\/.exec(`${line}\\`) ?? [];
  return `address ${rest
    .replace(/ +/g, " ")
    .replace(/ (dynamic|noprefixroute|nodad)\b/g, "")
    .trim()} on ${device}`;
}

function routeLine(line) {
  const words = line
    .replace(/ proto (keepalived|static|boot|\d+)\b/, "")
    .replace(/ (linkdown|pref medium|expires \d+sec)\b/g, "");
  return `route ${words.replace(/ +/g, " ").trim()}`;
}

function linkLine(line) {
  const [, name, up] = /^\d+: (\S+?)[@:].*?<(.*?)>/.exec(line) ?? [];
  const [, mac] = /link\/ether (\S+)/.exec(line) ?? [];
  const [, mode] = /(\w+vlan\s+mode \w+)/.exec(line) ?? [];
  return `link ${name} ${mac} ${mode} ${/\bUP\b/.test(up) ? "up" : "down"}`;
}

/** keepalived says the real folder of a program, duet what is written: it is the same program. */
function realPathFirst(call) {
  const [program, ...words] = call.split(" ");
  return [`${realpathSync(dirname(program))}/${basename(program)}`, ...words].join(" ");
}

function linesOf(path) {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}
