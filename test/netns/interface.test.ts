// The interface of an instance that is renamed, replaced, flaps, or whose index is another's one day: the configured
// name decides, and what was put on never stays on somebody else's interface.

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import test from "ava";
import { instanceText, openPair } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { type Duet, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const { here } = await openPair(test);
const VIP = "10.8.0.101";

/** Lines of `ip -batch`: one process, in quick order. */
function ipBatch(lines: readonly string[]): void {
  execFileSync("ip", ["-force", "-batch", "-"], { input: `${lines.join("\n")}\n`, stdio: "pipe" });
}

let peers = 0;

/** A veth with an address of its own, its other end under a name that nobody has had; `index` of its end here. */
function linkLines(name: string, index?: number): readonly string[] {
  const at = index === undefined ? "" : ` index ${index}`;
  const peer = `peer${peers++}`;
  return [
    `link add ${name}${at} type veth peer name ${peer}`,
    `link set ${peer} up`,
    `link set ${name} up`,
    `address add 10.8.0.1/24 dev ${name}`,
  ];
}

function textFor(vrid: number): string {
  const vips = [`${VIP}/24`, "10.8.1.1/32"];
  return instanceText({ vrid, priority: 100, interface: "flap0", vips, advertS: 0.05 });
}

async function openFiles(duet: Duet): Promise<number> {
  const pids = [duet.pid, await duet.pidOf("vrrp")];
  return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
}

/** It may be down first. */
async function isMissing(duet: Duet): Promise<void> {
  await eventually("FAULT: interface_missing", async () => {
    const { state, faults } = await duet.instance();
    return state === "FAULT" && faults.join() === "interface_missing";
  });
}

function vipsOn(device: string): number {
  return here.run(`ip -o address show dev ${device}`).match(/10\.8\.(0\.101|1\.1)\//g)?.length ?? 0;
}

test.serial(
  "renamed: its addresses come off it, and the next one of that name is used",
  async (t) => {
    ipBatch(linkLines("flap0"));
    const duet = await startDuet(t, textFor(1));
    await duet.becomes("MASTER");
    t.is(vipsOn("flap0"), 2);
    // In one go, so that nobody sees it down under its old name.
    ipBatch(["link set flap0 down", "link set flap0 name other0", "link set other0 up"]);
    await isMissing(duet);
    t.is(vipsOn("other0"), 0);

    ipBatch(["address del 10.8.0.1/24 dev other0", ...linkLines("flap0")]);
    await duet.becomes("MASTER");
    t.is(vipsOn("flap0"), 2);

    // Both at once: one goes, another one has the name before anybody has looked.
    ipBatch([
      "link set flap0 down",
      "link set flap0 name third0",
      "address del 10.8.0.1/24 dev third0",
      "link set third0 up",
      "link set other0 down",
      "link set other0 name flap0",
      "link set flap0 up",
      "address add 10.8.0.1/24 dev flap0",
    ]);
    await eventually("on the new one, and only there", async () => {
      const { state } = await duet.instance();
      return state === "MASTER" && vipsOn("flap0") === 2 && vipsOn("third0") === 0;
    });
    ipBatch(["link del third0", "link del flap0"]);
  },
);

test.serial("its index is another interface's: that one is left alone", async (t) => {
  ipBatch(linkLines("flap0", 4242));
  const duet = await startDuet(t, textFor(2));
  await duet.becomes("MASTER");
  ipBatch(["link del flap0", ...linkLines("usurper0", 4242)]);
  await isMissing(duet);
  t.is(vipsOn("usurper0"), 0);
  t.true(holds(here, "10.8.0.1"), "the usurper's own address stays");
  ipBatch(["address del 10.8.0.1/24 dev usurper0", ...linkLines("flap0")]);
  await duet.becomes("MASTER");
  t.is(vipsOn("flap0"), 2);
  t.is(vipsOn("usurper0"), 0);
  ipBatch(["link del flap0", "link del usurper0"]);
});

test.serial(
  "a hundred flaps in quick order end in the right state, with no socket more",
  async (t) => {
    ipBatch(linkLines("flap0"));
    const duet = await startDuet(t, textFor(3));
    await duet.becomes("MASTER");
    const before = await openFiles(duet);
    const lines: string[] = [];
    for (let i = 0; i < 100; i += 1) {
      if (i % 3 === 0) lines.push("link del flap0", ...linkLines("flap0"));
      else if (i % 3 === 1) lines.push("link set flap0 down", "link set flap0 up");
      else lines.push("address del 10.8.0.1/24 dev flap0", "address add 10.8.0.1/24 dev flap0");
    }
    ipBatch(lines);
    await eventually("MASTER with both addresses", async () => {
      const { state } = await duet.instance();
      return state === "MASTER" && vipsOn("flap0") === 2;
    });
    await eventually("as many files as before", async () => (await openFiles(duet)) === before);
    t.is((await duet.status()).processes.find(({ role }) => role === "vrrp")?.restarts, 0);

    // And it ends in FAULT, with nothing left open, when the interface is gone in the end.
    ipBatch(["link del flap0", ...linkLines("flap0"), "link del flap0"]);
    await isMissing(duet);
    const errors = duet.lines().filter(({ level }) => level === "error" || level === "fatal");
    t.deepEqual(errors, []);
  },
);
