// bench-ipvs.mjs ROUNDS [SERVICES SERVERS] : duet ipvs beside the installed ipvsadm, on tables of 100 services of 50 real
// servers each, and what the director needs for the same from its decision on. Writes OUT/figures.json as
// bench-process.mjs does, with ipvsadm as the peer.

import { spawnSync } from "node:child_process";
import { openSync, writeFileSync } from "node:fs";
import { openIpvs } from "../../build/src/ipvs/apply.js";
import { plan } from "../../build/src/ipvs/reconcile.js";
import { nowMs } from "./measure.mjs";
import { fact } from "./tell.mjs";
import { OUT, ROOT } from "./topology.mjs";

const ROUNDS = Number(process.argv[2] ?? 3);
const SERVICES = Number(process.argv[3] ?? 100);
const SERVERS = Number(process.argv[4] ?? 50);
const DUET = ["node", `${ROOT}build/duet/main.js`, "ipvs"];
const IPVSADM = ["ipvsadm"];

const all = `${SERVICES * SERVERS} real servers`;
const figure = (what) => ({ what: `${all}: ${what}`, unit: "ms", duet: [], ipvsadm: [] });
const figures = {
  restore: figure("-R, the whole command"),
  decided: figure("from decision to all in the kernel (ipvsadm: -R)"),
  changed: figure("the same when 10 % of the weights change (ipvsadm: -C and -R)"),
  replace: figure("-R --replace of that, the whole command (ipvsadm: -C and -R)"),
  list: figure("-Ln --stats, the whole command (limit 1.5 of ipvsadm's)"),
  bare: figure("a start that does nothing (node -e 0; ipvsadm --version)"),
  part: figure("-Ln --stats without such a start"),
  read: figure("reading the table with counters (ipvsadm: -Ln --stats)"),
};

const ipvs = openIpvs();
const empty = [];
const plain = table(() => 1);
const tenthChanged = table((i) => (i % 10 === 0 ? 2 : 1));
const lines = `${OUT}/lines`;
const changed = `${OUT}/changed`;
writeFileSync(lines, linesOf(plain));
writeFileSync(changed, linesOf(tenthChanged));

for (let round = 0; round < ROUNDS; round += 1) {
  clear();
  figures.restore.ipvsadm.push(timed(() => run([...IPVSADM, "-R"], lines)));
  figures.decided.ipvsadm.push(figures.restore.ipvsadm.at(-1));
  figures.list.ipvsadm.push(timed(() => run([...IPVSADM, "-Ln", "--stats"])));
  figures.read.ipvsadm.push(figures.list.ipvsadm.at(-1));
  figures.list.duet.push(timed(() => run([...DUET, "-Ln", "--stats"])));
  figures.bare.ipvsadm.push(timed(() => run([...IPVSADM, "--version"])));
  figures.bare.duet.push(timed(() => run(["node", "-e", "0"])));
  for (const kind of ["duet", "ipvsadm"]) {
    figures.part[kind].push(figures.list[kind].at(-1) - figures.bare[kind].at(-1));
  }
  figures.read.duet.push(timed(() => ipvs.list({ traffic: true })));
  const again = timed(() => {
    run([...IPVSADM, "-C"]);
    run([...IPVSADM, "-R"], changed);
  });
  figures.changed.ipvsadm.push(again);
  figures.replace.ipvsadm.push(again);

  clear();
  figures.restore.duet.push(timed(() => run([...DUET, "-R"], lines)));
  figures.replace.duet.push(timed(() => run([...DUET, "-R", "--replace"], changed)));

  clear();
  figures.decided.duet.push(timed(() => apply(plain, empty)));
  figures.changed.duet.push(timed(() => apply(tenthChanged, plain)));
  fact(`round ${round + 1}: done`);
}
const [whole, tenth] = [figures.decided, figures.changed].map(({ duet }) => Math.min(...duet));
fact(
  `duet: a change of 10 % is ${messages(tenthChanged, plain)} messages of ${messages(plain, empty)}, ` +
    `and ${((100 * tenth) / whole).toFixed(1)} % of the time of all (limit 10)`,
);
clear();
ipvs.close();
writeFileSync(`${OUT}/figures.json`, JSON.stringify(Object.values(figures)));

function apply(desired, actual) {
  const failures = ipvs.apply(plan(desired, actual, new Set()));
  if (failures.length > 0) throw new Error(failures[0].text);
}

function messages(desired, actual) {
  return plan(desired, actual, new Set()).length;
}

function table(weightOf) {
  return Array.from({ length: SERVICES }, (_, s) => ({
    key: { kind: "address", protocol: "tcp", address: `10.1.${s >> 8}.${s & 255}`, port: 80 },
    scheduler: "wlc",
    persistence: null,
    destinations: Array.from({ length: SERVERS }, (_none, d) => ({
      address: `10.2.${d >> 8}.${d & 255}`,
      port: 80,
      forward: "DR",
      weight: weightOf(s * SERVERS + d),
    })),
  }));
}

function linesOf(services) {
  return services
    .flatMap(({ key: { address }, destinations }) => [
      `-A -t ${address}:80 -s wlc\n`,
      ...destinations.map(
        (server) => `-a -t ${address}:80 -r ${server.address}:80 -g -w ${server.weight}\n`,
      ),
    ])
    .join("");
}

function clear() {
  ipvs.settings.flush();
}

function run([command, ...args], input = "/dev/null") {
  const { status, stderr } = spawnSync(command, args, {
    stdio: [openSync(input, "r"), "ignore", "pipe"],
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${status} ${stderr}`);
}

function timed(work) {
  const startMs = nowMs();
  work();
  return nowMs() - startMs;
}
