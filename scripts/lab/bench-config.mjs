// bench-config.mjs ROUNDS [SERVICES...] : what it costs to judge a keepalived.conf of 10,000 and of 37,000 real servers, beside
// keepalived -t of the same file, and the same as INI; in seconds of processor time, the start of the program in it. A service
// has 100 real servers. Writes OUT/figures.json.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { greatKeepalivedConf } from "./keepalived-conf.mjs";
import { fact } from "./tell.mjs";
import { OUT, ROOT } from "./topology.mjs";

const ROUNDS = Number(process.argv[2] ?? 3);
const SIZES = process.argv.length > 3 ? process.argv.slice(3).map(Number) : [100, 370];
const SERVERS = 100;
const DUET = ["node", `${ROOT}build/duet/main.js`];

mkdirSync(OUT, { recursive: true });
const figures = SIZES.flatMap((services) => judge(services));
writeFileSync(`${OUT}/figures.json`, JSON.stringify(figures));

function judge(services) {
  const all = `${services * SERVERS} real servers`;
  const figure = (what) => ({ what: `${all}: ${what}`, unit: "s CPU", duet: [], keepalived: [] });
  const check = figure("duet check of a keepalived.conf; keepalived -t (limit 6 of 37,000)");
  const asIni = figure("duet check of the same as INI; keepalived -t of the other");
  const conf = `${OUT}/great-${services}.conf`;
  const ini = `${OUT}/great-${services}.ini`;
  writeFileSync(conf, greatKeepalivedConf({ services, servers: SERVERS }));
  writeFileSync(ini, run([...DUET, "convert", conf]).stdout);
  for (let round = 0; round < ROUNDS; round += 1) {
    const keepalivedS = run(["keepalived", "-t", "-f", conf]).cpuS;
    check.keepalived.push(keepalivedS);
    asIni.keepalived.push(keepalivedS);
    check.duet.push(run([...DUET, "check", "--elsewhere", conf]).cpuS);
    asIni.duet.push(run([...DUET, "check", "--elsewhere", ini]).cpuS);
    fact(`${all}, round ${round + 1}: done`);
  }
  return [check, asIni];
}

/** Processor time of the command and its children, as the shell counts it. */
function run(command) {
  // Of a socket a shell thinks that somebody has logged in, and reads what that one's start-up files say.
  const timed = ["--norc", "-c", 'TIMEFORMAT="%U %S"; time "$@"', "bash", ...command];
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
