// Directors' files in the manner of those that people have: keepalived and duet make the same IPVS table of them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { eventually } from "../../build/test/helpers/wait.js";
import { configOf, run, saved, startDirector } from "./director-process.mjs";
import { test } from "./lab.mjs";

const FOLDER = "test/keepalived/ipvs";

// Nobody answers in these networks, so that checks that have a minute for it find nothing out.
test.before(() => {
  run("ip", "link", "add", "eth0", "type", "dummy");
  run("ip", "link", "set", "eth0", "up");
  run("ip", "address", "add", "10.9.0.1/16", "dev", "eth0");
  run("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=0", "net.ipv6.conf.all.forwarding=1");
  run("ip", "address", "add", "2001:db8:9::f/64", "dev", "eth0", "nodad");
});

for (const name of readdirSync(FOLDER)) {
  test(`${name} makes the table of keepalived`, async (t) => {
    const file = `${FOLDER}/${name}`;
    const theirs = await tableOfKeepalived(file);
    t.true(theirs.length > 0);
    t.deepEqual(await tableOfDuet(file), theirs);
  });
}

test("ipvsadm's own lines, saved or of a script, make ipvsadm's table", async (t) => {
  for (const [file, ...command] of [
    ["test/ipvsadm/saved.txt", "sh", "-c", "ipvsadm -R < test/ipvsadm/saved.txt"],
    ["test/ipvsadm/director.sh", "sh", "test/ipvsadm/director.sh", "start"],
  ]) {
    run(...command);
    const theirs = saved();
    t.true(theirs.length > 0);
    run("ipvsadm", "-C");
    t.deepEqual(await tableOfDuet(file), theirs);
  }
});

async function tableOfKeepalived(file) {
  const folder = mkdtempSync("/run/keepalived-");
  const options = ["-n", "-l", "-D", "-C", "-f", file, "-p", `${folder}/pid`, "-c", `${folder}/c`];
  const child = spawn("keepalived", options, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes) => {
      output += bytes;
    });
  }
  await eventually(
    () => `keepalived's start:\n${output}`,
    () => output.includes("Startup complete"),
  );
  const table = saved();
  child.kill("SIGTERM");
  await once(child, "exit");
  run("ipvsadm", "-C");
  return table;
}

async function tableOfDuet(file) {
  const director = startDirector(
    mkdtempSync("/run/duet-"),
    await configOf(readFileSync(file, "utf8")),
  );
  director.configure();
  await eventually(
    () => JSON.stringify(director.lines),
    () => director.isConfigured(),
  );
  const table = saved();
  await director.end("SIGKILL");
  run("ipvsadm", "-C");
  return table;
}
