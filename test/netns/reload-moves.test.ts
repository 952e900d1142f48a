// Reloads that hand things from one instance to another, change what decides an election, or come in a storm.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { ask, openAnswerer } from "../helpers/asker.ts";
import {
  HERE,
  type InstanceText,
  calmInstanceText as instanceText,
  openPair,
  THERE,
} from "../helpers/daemon-pair.ts";
import { holds, type Teardown } from "../helpers/daemon-place.ts";
import { type Duet, duetCommand, startDuet } from "../helpers/duet.ts";
import { sniff } from "../helpers/sniff.ts";
import { watchAddress } from "../helpers/sniff-addresses.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const A: InstanceText = { name: "A", vrid: 1, priority: 100, vips: ["10.9.0.101/24"] };
const B: InstanceText = { name: "B", vrid: 2, priority: 100, vips: ["10.9.0.102/24"] };

async function reload(
  t: Teardown & { readonly is: (a: unknown, b: unknown) => unknown },
  duet: Duet,
  text: string,
): Promise<void> {
  duet.write(text);
  const { code, output } = await duetCommand(["reload", "--run-dir", duet.runDir]);
  t.is(`${code} ${output}`, "0 ");
}

test.serial(
  "an address, a route and a rule go from one MASTER to another in one reload: nobody loses a packet",
  async (t) => {
    const vip = "10.9.0.77";
    const things = [
      `virtual_routes[] = 192.168.7.0/24 via 10.9.0.2 dev ${HERE.device}`,
      "virtual_rules[] = from 10.9.0.77/32 lookup 77 priority 700",
    ];
    const more = (text: InstanceText): string =>
      instanceText({ ...text, vips: [...text.vips, `${vip}/24`], more: things });
    const duet = await startDuet(t, more(A) + instanceText(B));
    await duet.becomes("MASTER", "A");
    await duet.becomes("MASTER", "B");
    const asker = await ask(t, pair.there, {
      address: vip,
      port: await openAnswerer(t),
      periodMs: 10,
    });
    const watched = await watchAddress(t, pair.here, vip);
    const monitored: string[] = [];
    const monitor = pair.here.spawn("ip", ["-o", "monitor", "route", "rule"]);
    monitor.stdout?.on("data", (text: Buffer) => monitored.push(text.toString()));
    t.teardown(() => void monitor.kill("SIGTERM"));
    await eventually("the monitor listens", () => {
      pair.here.run("ip route replace blackhole 192.168.99.0/24");
      pair.here.run("ip route del blackhole 192.168.99.0/24");
      return monitored.length > 0;
    });

    const sniffer = await sniff(t, pair.there, THERE.device);
    for (const text of [instanceText(A) + more(B), more(A) + instanceText(B), more(B)]) {
      await reload(t, duet, text);
      await eventually("the new owner announces it", () => sniffer.announcements(vip).length > 0);
    }
    const { sent, lost } = await asker.end();
    t.log(`${sent} questions, ${lost} without an answer`);
    t.is(lost, 0);
    t.deepEqual(
      watched.changes().map(({ present }) => present),
      [true],
      "never taken off",
    );
    t.notRegex(monitored.join(""), /Deleted.*(192\.168\.7\.0|10\.9\.0\.77)/);
    t.regex(pair.here.run("ip rule show"), /from 10\.9\.0\.77 lookup 77/);
    t.is((await duet.instance("B")).counters.became_master, 1);
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.false(holds(pair.here, vip));
  },
);

test.serial(
  "what somebody answers for stays static, or virtual, in a reload between the two",
  async (t) => {
    const vip = "10.9.0.78";
    const virtual = instanceText({ ...A, vips: [...A.vips, `${vip}/24`] });
    const fixed = `[global]\nstatic_ipaddress[] = ${vip}/24 dev ${HERE.device}\n${instanceText(A)}`;
    const duet = await startDuet(t, virtual);
    await duet.becomes("MASTER");
    const watched = await watchAddress(t, pair.here, vip);
    const lease = (): boolean =>
      /10\.9\.0\.78\/24.*\n?.*valid_lft [0-9]/.test(
        pair.here.run(`ip -o address show dev ${HERE.device}`),
      );
    t.true(lease());
    await reload(t, duet, fixed);
    t.false(lease(), "a static address stays when duet dies");
    await reload(t, duet, virtual);
    t.true(lease(), "a virtual one does not");
    t.deepEqual(
      watched.changes().map(({ present }) => present),
      [true],
    );
  },
);

test.serial(
  "a tracked file, its weight and its number decide at once, and not any more when they are gone",
  async (t) => {
    const duet = await startDuet(t, instanceText(A));
    await duet.becomes("MASTER");
    const path = join(duet.runDir, "number");
    writeFileSync(path, "20\n");
    const tracked = (weight: number): string =>
      `[track_file.load]\nfile = ${path}\n${instanceText({ ...A, more: [`track_file[] = load weight ${weight}`] })}`;
    await reload(t, duet, tracked(1));
    t.is((await duet.instance()).priority, 120);
    await reload(t, duet, tracked(-2));
    t.is((await duet.instance()).priority, 60);
    await reload(t, duet, instanceText(A));
    const { priority, state, counters } = await duet.instance();
    t.is(priority, 100);
    t.is(state, "MASTER");
    t.is(counters.became_master, 1, "no transition");
  },
);

test.serial(
  "another interface is another router: the old one says goodbye, the new one elects there",
  async (t) => {
    for (const line of [
      "link add side0 type veth peer name side1",
      "link set side1 up",
      "link set side0 up",
      "address add 10.6.0.1/24 dev side0",
    ]) {
      pair.here.run(`ip ${line}`);
    }
    const duet = await startDuet(t, instanceText(A) + instanceText(B));
    await duet.becomes("MASTER", "A");
    await duet.becomes("MASTER", "B");
    const { since } = await duet.instance("B");
    const sniffer = await sniff(t, pair.there, THERE.device);
    await reload(t, duet, instanceText({ ...A, interface: "side0" }) + instanceText(B));
    await eventually("goodbye", () => sniffer.adverts({ vrid: 1, priority: 0 }).length === 1);
    t.is((await duet.becomes("MASTER", "A")).interface, "side0");
    t.regex(pair.here.run("ip -o address show dev side0"), / 10\.9\.0\.101\//);
    t.notRegex(pair.here.run(`ip -o address show dev ${HERE.device}`), / 10\.9\.0\.101\//);
    t.is((await duet.instance("B")).since, since);
    pair.here.run("ip link del side0");
  },
);

test.serial(
  "a storm of SIGHUPs and of duet reload is few reloads, all answered, and nobody notices",
  async (t) => {
    const duet = await startDuet(t, instanceText(A));
    await duet.becomes("MASTER");
    const sniffer = await sniff(t, pair.there, THERE.device);
    const mark = duet.lines().length;
    const reloads = (): number =>
      duet
        .lines()
        .slice(mark)
        .filter(({ msg }) => msg === "reloaded").length;
    const commands = [0, 1, 2].map(async () => duetCommand(["reload", "--run-dir", duet.runDir]));
    for (let i = 0; i < 500; i += 1) {
      duet.signal("SIGHUP");
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const { code, output } of await Promise.all(commands)) t.is(`${code} ${output}`, "0 ");
    // What the last signal asked for is done.
    duet.write(instanceText({ ...A, priority: 130 }));
    duet.signal("SIGHUP");
    await eventually("the last word holds", async () => (await duet.instance()).priority === 130);
    t.log(`500 signals and 3 commands were ${reloads()} reloads`);
    t.true(reloads() < 50);
    const { state, counters } = await duet.instance();
    t.is(state, "MASTER");
    t.is(counters.became_master, 1);
    t.is(sniffer.adverts({ vrid: 1, priority: 0 }).length, 0);
  },
);
