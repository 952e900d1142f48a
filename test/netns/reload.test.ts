// Reload: only what changed is touched, and a bad configuration changes nothing (laws 2 and 3).

import { rmSync } from "node:fs";
import test from "ava";
import {
  HERE,
  type InstanceText,
  calmInstanceText as instanceText,
  openPair,
  THERE,
} from "../helpers/daemon-pair.ts";
import { holds, type Teardown } from "../helpers/daemon-place.ts";
import { type CommandEnd, type Duet, duetCommand, startDuet } from "../helpers/duet.ts";
import { openMetronome } from "../helpers/metronome.ts";
import { longestGap, sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);
const metronome = openMetronome(test);

async function startMaster(t: Teardown, settings: InstanceText, head = ""): Promise<Duet> {
  const duet = await startDuet(t, head + instanceText(settings));
  await duet.becomes("MASTER");
  return duet;
}

async function reload(duet: Duet): Promise<CommandEnd> {
  return duetCommand(["reload", "--run-dir", duet.runDir]);
}

function transitions(duet: Duet): number {
  return duet.lines().filter(({ msg }) => msg === "state changed").length;
}

test.serial(
  "a reload that changes nothing of VRRP is not noticed by it, nor on the wire",
  async (t) => {
    const settings = { vrid: 1, priority: 100, vips: ["10.9.0.101/24"] };
    const duet = await startMaster(t, settings, "[global]\nrouter_id = before\n");
    const sniffer = await sniff(t, pair.there, THERE.device);
    await eventually("adverts", () => sniffer.adverts({ vrid: 1 }).length > 2);
    const before = await duet.instance();
    const count = transitions(duet);

    duet.write(`[global]\nrouter_id = after\n${instanceText(settings)}`);
    t.deepEqual(await reload(duet), { code: 0, output: "" });
    t.is((await duet.status()).router_id, "after");
    const mark = duet.lines().length;
    duet.signal("SIGHUP");
    await duet.said({ msg: "reloaded" }, { after: mark });

    const heard = sniffer.adverts({ vrid: 1 }).length;
    await eventually("adverts after it", () => sniffer.adverts({ vrid: 1 }).length > heard + 3);
    const after = await duet.instance();
    t.is(transitions(duet), count);
    t.is(after.since, before.since);
    t.is(after.counters.became_master, 1);
    t.true(after.counters.adverts_sent > before.counters.adverts_sent);
    const gap = longestGap(sniffer.adverts({ vrid: 1 }));
    t.log(`the longest pause between adverts was ${gap.ms.toFixed(1)} ms`);
    const lostMs = await metronome.lostMs(gap.fromMs, gap.toMs);
    t.true(gap.ms < after.master_down_interval_ms + lostMs, "no backup would take over");
    t.is(sniffer.adverts({ vrid: 1, priority: 0 }).length, 0);
  },
);

test.serial("a new priority is advertised without a transition", async (t) => {
  const settings = { vrid: 2, priority: 100, vips: ["10.9.0.102/24"] };
  const duet = await startMaster(t, settings);
  const sniffer = await sniff(t, pair.there, THERE.device);
  const count = transitions(duet);
  duet.write(instanceText({ ...settings, priority: 120 }));
  t.is((await reload(duet)).code, 0);
  await eventually(
    "the new priority",
    () => sniffer.adverts({ vrid: 2, priority: 120 }).length > 1,
  );
  t.is((await duet.instance()).priority, 120);
  t.is(transitions(duet), count);
});

test.serial("addresses come and go while MASTER, without a transition", async (t) => {
  const settings = { vrid: 3, priority: 100, vips: ["10.9.0.103/24", "10.9.0.113/24"] };
  const duet = await startMaster(t, settings);
  const sniffer = await sniff(t, pair.there, THERE.device);
  const count = transitions(duet);
  duet.write(instanceText({ ...settings, vips: ["10.9.0.103/24", "10.9.0.123/24"] }));
  t.is((await reload(duet)).code, 0);
  t.true(holds(pair.here, "10.9.0.103"));
  t.true(holds(pair.here, "10.9.0.123"));
  t.false(holds(pair.here, "10.9.0.113"));
  await eventually("the announcement", () => sniffer.announcements("10.9.0.123").length >= 5);
  await eventually("adverts with the new list", () =>
    sniffer.adverts({ vrid: 3 }).some(({ addresses }) => addresses.includes("10.9.0.123")),
  );
  t.is(transitions(duet), count);
});

test.serial("instances come and go, the other one goes on", async (t) => {
  const one = { name: "A", vrid: 4, priority: 100, vips: ["10.9.0.104/24"] };
  const two = { name: "B", vrid: 5, priority: 100, vips: ["10.9.0.105/24"] };
  const duet = await startMaster(t, one);
  const sniffer = await sniff(t, pair.there, THERE.device);
  const { since } = await duet.instance("A");
  duet.write(instanceText(one) + instanceText(two));
  t.is((await reload(duet)).code, 0);
  await duet.becomes("MASTER", "B");
  t.true(holds(pair.here, "10.9.0.105"));

  duet.write(instanceText(one));
  t.is((await reload(duet)).code, 0);
  t.false(holds(pair.here, "10.9.0.105"));
  await eventually("priority 0 of B", () => sniffer.adverts({ vrid: 5, priority: 0 }).length === 1);
  const { vrrp_instances } = await duet.status();
  t.deepEqual(
    vrrp_instances.map(({ name }) => name),
    ["A"],
  );
  t.is(vrrp_instances[0]?.since, since);
  t.is(sniffer.adverts({ vrid: 4, priority: 0 }).length, 0);
});

test.serial(
  "another virtual_router_id is another router: the old one says goodbye, the new one elects",
  async (t) => {
    const settings = { vrid: 6, priority: 100, vips: ["10.9.0.106/24"] };
    const duet = await startMaster(t, settings);
    const sniffer = await sniff(t, pair.there, THERE.device);
    const mark = duet.lines().length;
    duet.write(instanceText({ ...settings, vrid: 7 }));
    t.is((await reload(duet)).code, 0);
    await duet.said({ msg: "state changed", from: "MASTER", to: "INIT" }, { after: mark });
    await duet.said({ msg: "state changed", from: "INIT", to: "BACKUP" }, { after: mark });
    const { vrid } = await duet.becomes("MASTER");
    t.is(vrid, 7);
    await eventually("both on the wire", () => {
      const goodbye = sniffer.adverts({ vrid: 6, priority: 0 }).length === 1;
      return goodbye && sniffer.adverts({ vrid: 7, priority: 100 }).length > 0;
    });
    t.true(holds(pair.here, "10.9.0.106"));
  },
);

test.serial(
  "instances that get other names go on as they are, told by the new names from then on",
  async (t) => {
    const one = { vrid: 9, priority: 100, vips: ["10.9.0.109/24"] };
    const two = { vrid: 10, priority: 100, vips: ["10.9.0.110/24"] };
    const duet = await startMaster(
      t,
      { ...one, name: "A" },
      instanceText({ ...two, name: "B", more: ["promote_secondaries = yes"] }),
    );
    await duet.becomes("MASTER", "A");
    await duet.becomes("MASTER", "B");
    const sniffer = await sniff(t, pair.there, THERE.device);
    const before = [await duet.instance("A"), await duet.instance("B")];
    const count = transitions(duet);
    const mark = duet.lines().length;
    // B takes A's name, A becomes C.
    duet.write(
      instanceText({ ...one, name: "C" }) +
        instanceText({ ...two, name: "A", more: ["promote_secondaries = yes"] }),
    );
    t.is((await reload(duet)).code, 0);
    await duet.said({ msg: "instance renamed", from: "A", to: "C" }, { after: mark });
    const { vrrp_instances: after } = await duet.status();
    t.deepEqual(
      after.map(({ name, vrid, since }) => ({ name, vrid, since })),
      [
        { name: "C", vrid: 9, since: before[0]?.since },
        { name: "A", vrid: 10, since: before[1]?.since },
      ],
    );
    t.is(transitions(duet), count);
    const heard = sniffer.adverts({ vrid: 9 }).length;
    await eventually("more adverts", () => sniffer.adverts({ vrid: 9 }).length > heard + 3);
    t.is(sniffer.adverts({ priority: 0 }).length, 0);

    pair.here.run(`ip address del 10.9.0.109/24 dev ${HERE.device}`);
    await duet.said(
      { msg: "virtual address was removed by somebody, put back", instance: "C" },
      { after: mark },
    );
    duet.signal("SIGTERM");
    await duet.said({ msg: "state changed", instance: "C", to: "INIT" }, { after: mark });
    t.is(await duet.ended, 0);
  },
);

test.serial("a bad file changes nothing and says why", async (t) => {
  const settings = { vrid: 8, priority: 100, vips: ["10.9.0.108/24"] };
  const duet = await startMaster(t, settings);
  const sniffer = await sniff(t, pair.there, THERE.device);
  const count = transitions(duet);
  duet.write(instanceText({ ...settings, priority: 300, more: ["virtual_ipadress[] = 10.9.0.9"] }));
  const refused = await reload(duet);
  t.is(refused.code, 1);
  t.regex(refused.output, /duet\.ini:4: .*300/);
  t.regex(refused.output, /duet\.ini:8: .*virtual_ipaddress/);

  const mark = duet.lines().length;
  duet.signal("SIGHUP");
  await duet.said({ msg: "reload refused, nothing changed" }, { after: mark });

  rmSync(duet.file);
  const missing = await reload(duet);
  t.is(missing.code, 1);
  t.true(missing.output.includes(duet.file), missing.output);

  const heard = sniffer.adverts({ vrid: 8, priority: 100 }).length;
  await eventually(
    "adverts go on",
    () => sniffer.adverts({ vrid: 8, priority: 100 }).length > heard + 2,
  );
  const { state, priority, master_down_interval_ms } = await duet.instance();
  t.is(state, "MASTER");
  t.is(priority, 100);
  t.is(transitions(duet), count);
  t.true(holds(pair.here, "10.9.0.108"));
  const gap = longestGap(sniffer.adverts({ vrid: 8 }));
  const lostMs = await metronome.lostMs(gap.fromMs, gap.toMs);
  t.true(gap.ms < master_down_interval_ms + lostMs, "no backup would take over");

  duet.write(instanceText({ ...settings, priority: 101 }));
  t.is((await reload(duet)).code, 0, "a good one is taken after it");
  t.is((await duet.instance()).priority, 101);
  t.false(pair.here.run(`ip address show dev ${HERE.device}`).includes("10.9.0.9/"));
});
