// An address of the machine in the network of a virtual one that was there before it: the kernel's promote_secondaries is off,
// so it would go with the virtual one, which is the first of the network.

import { readFileSync, writeFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { HERE, instanceText, openPair, withoutMilliseconds } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, killAtOnce, killQuietly, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const { here } = await openPair(test);
const PROMOTE = ["all", HERE.device].map(
  (name) => `/proc/sys/net/ipv4/conf/${name}/promote_secondaries`,
);
const STATIC = "10.7.0.60";
const VIRTUAL = "10.8.0.60";
const OWN = ["10.7.0.1", "10.8.0.1"];
const NONE = instanceText({ vrid: 1, priority: 100, vips: ["10.6.0.60/32"] });
const TEXT = `[global]
static_ipaddress[] = ${STATIC}/24 dev ${HERE.device}
${instanceText({ vrid: 1, priority: 100, vips: ["10.6.0.60/32", `${VIRTUAL}/24`] })}`;

const isHere = (address: string): boolean => holds(here, address);
const value = (): string => PROMOTE.map((path) => readFileSync(path, "utf8").trim()).join(" ");

/** Then the machine's addresses come, as by DHCP. */
async function start(t: ExecutionContext): Promise<Duet> {
  for (const path of PROMOTE) writeFileSync(path, "0\n");
  const duet = await startDuet(t, TEXT);
  await duet.becomes("MASTER");
  await eventually("all are held", () => [STATIC, VIRTUAL].every(isHere));
  for (const own of OWN) {
    if (isHere(own)) here.run(`ip address del ${own}/24 dev ${HERE.device}`);
    here.run(`ip address add ${own}/24 dev ${HERE.device}`);
  }
  t.regex(here.run("ip -o address show"), /10\.8\.0\.1\/24 scope global secondary/);
  return duet;
}

async function gone(...addresses: readonly string[]): Promise<void> {
  await eventually(`${addresses.join()} gone`, () => !addresses.some(isHere));
}

test.serial("the machine's own stay after a stop, and the setting is as it was", async (t) => {
  const duet = await start(t);
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.deepEqual([STATIC, VIRTUAL, ...OWN].filter(isHere), OWN);
  t.is(value(), "0 0");
});

test.serial("they stay after a reload without ours", async (t) => {
  const duet = await start(t);
  duet.write(NONE);
  t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
  t.deepEqual([STATIC, VIRTUAL, ...OWN].filter(isHere), OWN);
});

test.serial("they stay when vrrp dies", async (t) => {
  const duet = await start(t);
  killQuietly(await duet.pidOf("vrrp"), "SIGKILL");
  await duet.said({ msg: "last will of the vrrp role carried out" });
  t.deepEqual(OWN.filter(isHere), OWN);
});

test.serial(
  "they stay when everything is killed and the lease is over, and after the next start",
  async (t) => {
    withoutMilliseconds(t, { here });
    const duet = await start(t);
    killAtOnce(duet);
    await duet.ended;
    await gone(VIRTUAL);
    t.deepEqual(OWN.filter(isHere), OWN);
    const next = await startDuet(t, NONE, { runDir: duet.runDir });
    await next.said({ msg: "setting of an earlier run restored" });
    await gone(STATIC);
    t.deepEqual(OWN.filter(isHere), OWN);
    t.is(value(), "0 0");
  },
);

test.serial("they stay when everything is killed and released", async (t) => {
  const duet = await start(t);
  killAtOnce(duet);
  await duet.ended;
  const { code, output } = await duetCommand(["release", "--run-dir", duet.runDir]);
  t.is(code, 0, output);
  t.deepEqual([STATIC, VIRTUAL, ...OWN].filter(isHere), OWN);
  t.is(value(), "0 0");
});
