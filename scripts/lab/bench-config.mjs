// bench-config.mjs ROUNDS [SERVICES...] : what it costs to judge a keepalived.conf of 10,000 and of 37,000 real servers, beside
// keepalived -t of the same file, and the same as INI; and what it costs to say which one weight a reload would change. In seconds
// of processor time, the start of the program in it. A service has 100 real servers. Writes OUT/figures.json.

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readConfigFile } from "../../build/src/config/read.js";
import { greatKeepalivedConf } from "./keepalived-conf.mjs";
import { answerAs } from "./running-daemon.mjs";
import { fact } from "./tell.mjs";
import { OUT, ROOT } from "./topology.mjs";

const ROUNDS = Number(process.argv[2] ?? 3);
const SIZES = process.argv.length > 3 ? process.argv.slice(3).map(Number) : [100, 370];
const SERVERS = 100;
/** Of duet plan. */
const DIFFERS = 2;
const DUET = ["node", `${ROOT}build/duet/main.js`];

mkdirSync(OUT, { recursive: true });
const figures = [];
for (const services of SIZES) figures.push(...(await judge(services)));
writeFileSync(`${OUT}/figures.json`, JSON.stringify(figures));

async function judge(services) {
  const all = `${services * SERVERS} real servers`;
  const figure = (what) => ({ what: `${all}: ${what}`, unit: "s CPU", duet: [], keepalived: [] });
  const check = figure("duet check of a keepalived.conf; keepalived -t (limit 6 of 37,000)");
  const asIni = figure("duet check of the same as INI; keepalived -t of the other");
  const plan = figure("duet plan of one weight that changes; keepalived -t (limit 6 of 37,000)");
  const conf = `${OUT}/great-${services}.conf`;
  const ini = `${OUT}/great-${services}.ini`;
  writeFileSync(conf, greatKeepalivedConf({ services, servers: SERVERS }));
  writeFileSync(ini, (await run([...DUET, "convert", conf])).stdout);
  const changed = `${OUT}/great-${services}-changed.conf`;
  writeFileSync(changed, readFileSync(conf, "utf8").replace("weight 3", "weight 4"));
  const runDir = `${OUT}/run`;
  const daemon = await answerAs(runDir, conf, (await readConfigFile(conf)).config);
  for (let round = 0; round < ROUNDS; round += 1) {
    const keepalivedS = (await run(["keepalived", "-t", "-f", conf])).cpuS;
    for (const each of [check, asIni, plan]) each.keepalived.push(keepalivedS);
    check.duet.push((await run([...DUET, "check", "--elsewhere", conf])).cpuS);
    asIni.duet.push((await run([...DUET, "check", "--elsewhere", ini])).cpuS);
    const planned = await run([...DUET, "plan", changed, "--json", "--run-dir", runDir], DIFFERS);
    const { operations } = JSON.parse(planned.stdout);
    if (operations !== 1) throw new Error(`the plan has ${operations} operations, and not 1`);
    plan.duet.push(planned.cpuS);
    fact(`${all}, round ${round + 1}: done`);
  }
  daemon.close();
  return [check, asIni, plan];
}

/** Processor time of the command and its children, as the shell counts it. */
async function run(command, expected = 0) {
  // Of a socket a shell thinks that somebody has logged in, and reads what that one's start-up files say.
  const timed = ["--norc", "-c", 'TIMEFORMAT="%U %S"; time "$@"', "bash", ...command];
  const { status, stdout, stderr } = await new Promise((resolve) => {
    execFile("bash", timed, { maxBuffer: 2 ** 28 }, (error, out, told) =>
      resolve({ status: error?.code ?? 0, stdout: out, stderr: told }),
    );
  });
  if (status !== expected) throw new Error(`${command.join(" ")}: ${status} ${stderr}`);
  const [userS = NaN, systemS = NaN] = String(stderr)
    .trim()
    .split("\n")
    .at(-1)
    .split(" ")
    .map(Number);
  return { stdout, cpuS: userS + systemS };
}
