// What `duet plan` says of a daemon that runs, and what a reload of it then does to the kernel.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import type { Plan } from "../../src/control/plan.ts";
import { HERE, instanceText, openPair } from "../helpers/daemon-pair.ts";
import { linesOf } from "../helpers/daemon-place.ts";
import { duetCommand, startDuet } from "../helpers/duet.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

test.serial(
  "a reload does to the kernel what the plan of it says, and the next plan says nothing",
  async (t) => {
    const one = instanceText({ name: "VI_1", vrid: 1, priority: 150, vips: ["10.9.0.101/24"] });
    const two = instanceText({ name: "VI_2", vrid: 2, priority: 100, vips: ["10.9.0.102/24"] });
    const duet = await startDuet(t, one + two);
    for (const name of ["VI_1", "VI_2"]) await duet.becomes("MASTER", name);
    const options = ["--run-dir", duet.runDir];
    const plan = async (...args: readonly string[]) => duetCommand(["plan", ...args, ...options]);

    const same = await plan();
    t.is(same.code, 0, same.output);
    t.is(same.output, `Nothing would change: ${duet.file} is what runs.\n`);

    const other = `${duet.file}.conf`;
    writeFileSync(
      other,
      `vrrp_instance VI_1 { interface ${HERE.device}
       virtual_router_id 1
       priority 90
       virtual_ipaddress { 10.9.0.101/24
         10.9.0.103/24 } }\n`,
    );
    t.regex((await plan(other)).output, /: VIP moves \(\d+ sections, 2 kernel operations\)\n$/);

    duet.write(
      instanceText({
        name: "VI_1",
        vrid: 1,
        priority: 90,
        vips: ["10.9.0.101/24", "10.9.0.103/24"],
      }),
    );
    const told = await plan("--json");
    t.is(told.code, 2, told.output);
    const { class: worst, subjects } = JSON.parse(told.output) as Plan;
    t.is(worst, "vip_moves");
    const operations = subjects.flatMap(({ title, changes }) =>
      changes.flatMap(({ operation }) => (operation === null ? [] : [`${title}: ${operation}`])),
    );
    t.deepEqual(operations, [
      `vrrp_instance.VI_1: RTM_NEWADDR 10.9.0.103/24 dev ${HERE.device}`,
      `vrrp_instance.VI_2: RTM_DELADDR 10.9.0.102/24 dev ${HERE.device}`,
    ]);
    const [{ changes } = { changes: [] }] = subjects;
    t.like(
      changes,
      [
        { class: "connections_kept", text: "priority 150 -> 90" },
        { class: "connections_kept", text: "virtual_ipaddress +10.9.0.103/24 dev here" },
      ].map((each) => ({ ...each, text: each.text.replace("here", HERE.device) })),
    );

    t.deepEqual(addresses(), ["10.9.0.101/24", "10.9.0.102/24"], "a plan changes nothing");
    const deleted: string[] = [];
    const monitor = pair.here.spawn("ip", ["-o", "monitor", "address"]);
    t.teardown(() => void monitor.kill());
    linesOf(monitor.stdout, (line) => {
      const [, address] = /^Deleted .* inet (\S+)/.exec(line) ?? [];
      if (address !== undefined) deleted.push(address);
    });
    await eventually("the monitor hears", async () => {
      pair.here.run("ip address add 10.9.9.9/32 dev lo");
      pair.here.run("ip address del 10.9.9.9/32 dev lo");
      return deleted.includes("10.9.9.9/32");
    });
    deleted.length = 0;
    t.deepEqual(await duetCommand(["reload", ...options]), { code: 0, output: "" });
    await eventually("its end is heard", async () => deleted.includes("10.9.0.102/24"));
    t.deepEqual(
      deleted.filter((each) => each !== "10.9.9.9/32"),
      ["10.9.0.102/24"],
    );
    t.deepEqual(addresses(), ["10.9.0.101/24", "10.9.0.103/24"]);
    const after = await plan();
    t.is(after.code, 0, after.output);

    duet.write("[vrrp_instance.VI_1]\npriority = 300\n");
    const wrong = await plan();
    t.is(wrong.code, 1);
    t.regex(wrong.output, /duet\.ini:2: .*priority/);
  },
);

test.serial("without a daemon there is nothing to plan with: exit 3", async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, "duet.ini");
  writeFileSync(file, instanceText({ name: "A", vrid: 9, priority: 100, vips: ["10.9.0.109/24"] }));
  const { code, output } = await duetCommand(["plan", file, "--run-dir", directory]);
  t.is(code, 3);
  t.regex(output, /duet is not running[\s\S]* is valid: a start would put all of it on\n$/);
});

function addresses(): readonly string[] {
  const listed = pair.here.run(`ip -o -4 address show dev ${HERE.device}`);
  return [...listed.matchAll(/inet (10\.9\.0\.10\d\/24)/g)]
    .map(([, address = ""]) => address)
    .sort();
}
