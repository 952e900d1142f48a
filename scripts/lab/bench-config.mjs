// bench-config.mjs ROUNDS [SERVICES SERVERS] : what it costs to judge a keepalived.conf of 37,000 real servers, beside keepalived -t of
// the same file, and the same as INI; in seconds of processor time, the start of the program in it. Writes OUT/figures.json.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { greatKeepalivedConf } from "./keepalived-conf.mjs";
import { fact } from "./tell.mjs";
import { OUT, ROOT } from "./topology.mjs";

const ROUNDS = Number(process.argv[2] ?? 3);
const SERVICES = Number(process.argv[3] ?? 370);
const SERVERS = Number(process.argv[4] ?? 100);
const DUET = ["node", `${ROOT}build/duet/main.js`];

const all = `${SERVICES * SERVERS} real servers`;
const figure = (what) => ({ what: `${all}: ${what}`, unit: "s CPU", duet: [], keepalived: [] });
const figures = {
  check: figure("duet check of a keepalived.conf; keepalived -t (limit 6)"),
  ini: figure("duet check of the same as INI; keepalived -t of the other"),
};

mkdirSync(OUT, { recursive: true });
const conf = `${OUT}/great.conf`;
const ini = `${OUT}/great.ini`;
writeFileSync(conf, greatKeepalivedConf({ services: SERVICES, servers: SERVERS }));
writeFileSync(ini, run([...DUET, "convert", conf]).stdout);
for (let round = 0; round < ROUNDS; round += 1) {
  const keepalivedS = run(["keepalived", "-t", "-f", conf]).cpuS;
  figures.check.keepalived.push(keepalivedS);
  figures.ini.keepalived.push(keepalivedS);
  figures.check.duet.push(run([...DUET, "check", "--elsewhere", conf]).cpuS);
  figures.ini.duet.push(run([...DUET, "check", "--elsewhere", ini]).cpuS);
  fact(`round ${round + 1}: done`);
}
writeFileSync(`${OUT}/figures.json`, JSON.stringify(Object.values(figures)));

/** Processor time of the command and its children, as the shell counts it. */
function run(command) {
  const timed = ["-c", 'TIMEFORMAT="%U %S"; time "$@"', "bash", ...command];
  const { status, stdout, stderr } = spawnSync("bash", timed, { maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${status} ${stderr}`);
  const [userS = NaN, systemS = NaN] = String(stderr)
    .trim()
    .split("\n")
    .at(-1)
    .split(" ")
    .map(Number);
  return { stdout, cpuS: userS + systemS };
}
