// On which versions of Node duet runs, and what it says on one that is too old. The binaries are npm's.

import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test from "ava";
import { instanceText } from "../helpers/daemon-pair.ts";
import { here, type Place } from "../helpers/daemon-place.ts";
import { duetCommand, startDuet } from "../helpers/duet.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { nodeBinary } from "../helpers/node-binary.ts";
import { eventually } from "../helpers/wait.ts";

const TOO_OLD = "18.20.8";
/** The oldest that is taken, and each line that is maintained. */
const SUPPORTED = ["20.19.0", "22.23.5", "24.22.3", "26.12.1"];

const MAIN = "build/duet/main.js";

// Fetched before the test leaves the machine's network.
const binaries = new Map([TOO_OLD, ...SUPPORTED].map((each) => [each, nodeBinary(each)]));

enterNewNetwork();
ip("link add here0 type veth peer name there0");
ip("link set here0 up");
ip("link set there0 up");
ip("address add 10.9.0.1/24 dev here0");

for (const words of [["run"], ["check", "conf/minimal.ini"], ["status"], ["--role", "vrrp"]]) {
  test(`Node ${TOO_OLD} is refused in one line: duet ${words.join(" ")}`, (t) => {
    const binary = binaries.get(TOO_OLD) ?? "";
    const { status, stdout, stderr } = spawnSync(binary, [MAIN, ...words], { encoding: "utf8" });
    t.is(stderr, `duet: Cannot run on Node.js ${TOO_OLD} (${binary}): it must be 20.19 or newer\n`);
    t.is(stdout, "");
    t.is(status, 2);
  });
}

test("main.ts asks for nothing that an old Node cannot read", (t) => {
  const text = readFileSync("src/main.ts", "utf8").replaceAll(/^\/\/.*$/gm, "");
  t.notRegex(text, /^\s*import .*from|\?\?|\?\.|\bawait\b|\|\|=|&&=|#\w+ *=/m);
});

test("package.json and the README want the same Node as main.ts", (t) => {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as {
    readonly engines: { readonly node: string };
  };
  t.is(engines.node, ">=20.19");
  const majors = SUPPORTED.map((each) => Number.parseInt(each, 10));
  const lines = majors.map((major) => (major === 20 ? "20.19" : String(major))).join(", ");
  t.true(
    readFileSync("README.md", "utf8").includes(`runs on ${lines.replace(/, (\d+)$/, " and $1")}`),
  );
});

for (const version of SUPPORTED) {
  const binary = binaries.get(version) ?? "";
  const place: Place = {
    run: here.run,
    spawn: (command, args) => here.spawn(command === process.execPath ? binary : command, args),
  };

  test.serial(`Node ${version} takes every file of conf/`, (t) => {
    for (const name of readdirSync("conf").filter((each) => each.endsWith(".ini"))) {
      const args = [MAIN, "check", join("conf", name)];
      t.notThrows(() => execFileSync(binary, args, { stdio: "pipe" }), name);
    }
  });

  test.serial(`Node ${version} elects, checks, reloads and stops`, async (t) => {
    const server = createServer((_, response) => void response.end("ok"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.teardown(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const instance = { vrid: 51, priority: 150, vips: ["10.9.0.100/24"] };
    const services = [
      "[check.page]\ntype = http\npath = /\nbody = ok\ninterval = 0.2",
      "[virtual_server.web]\naddress = 10.9.0.100:80\nprotocol = tcp\ncheck[] = page",
      `[real_server.web.rs1]\naddress = 127.0.0.1:${port}`,
    ].join("\n");
    const duet = await startDuet(t, instanceText(instance) + services, { place });
    await duet.becomes("MASTER");
    await eventually("the check succeeds", async () => {
      const { virtual_servers } = await duet.status();
      return virtual_servers[0]?.real_servers[0]?.checks[0]?.last_ok;
    });
    for (const pid of duet.living()) t.is(readlinkSync(`/proc/${pid}/exe`), binary);
    duet.write(instanceText({ ...instance, priority: 160 }) + services);
    const reloaded = await duetCommand(["reload", "--run-dir", duet.runDir], place);
    t.is(reloaded.code, 0, reloaded.output);
    t.is((await duet.instance()).base_priority, 160);
    const { processes } = await duet.status();
    t.deepEqual(
      processes.map(({ role, restarts }) => [role, restarts]),
      ["guardian", "vrrp", "director", "desk"].map((role) => [role, 0]),
    );
    const stopped = await duetCommand(["stop", "--run-dir", duet.runDir], place);
    t.is(stopped.code, 0, stopped.output);
    t.is(await duet.ended, 0);
  });
}
