// FAULT: what is wrong with the interface ends the mastership at once, and its end begins it anew.

import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { duetCommand, startDuet } from "../helpers/duet.ts";
import { sniff } from "../helpers/sniff.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test);

test.serial("an interface that is missing at start is a FAULT until it appears", async (t) => {
  const vips = ["10.8.0.101/24"];
  const duet = await startDuet(
    t,
    instanceText({ vrid: 1, priority: 100, interface: "late0", vips }),
  );
  t.deepEqual((await duet.becomes("FAULT")).faults, ["interface_missing"]);
  t.is((await duetCommand(["status", "--run-dir", duet.runDir])).code, 1, "degraded");

  pair.here.run("ip link add late0 type veth peer name late1");
  pair.here.run("ip link set late1 up");
  pair.here.run("ip link set late0 up");
  await eventually("the next cause", async () => {
    return (await duet.instance()).faults.join() === "no_source_address";
  });
  pair.here.run("ip address add 10.8.0.1/24 dev late0");
  await duet.said({ msg: "state changed", from: "FAULT", to: "BACKUP", cause: "fault_cleared" });
  await duet.becomes("MASTER");
  t.true(holds(pair.here, "10.8.0.101"));
  // What is not held is judged once a second.
  await eventually("nothing wrong", async () => {
    return (await duetCommand(["status", "--run-dir", duet.runDir])).code === 0;
  });

  pair.here.run("ip link del late0");
  t.deepEqual((await duet.becomes("FAULT")).faults, ["interface_missing"]);
  pair.here.run("ip link add late0 type veth peer name late1");
  pair.here.run("ip address add 10.8.0.1/24 dev late0");
  pair.here.run("ip link set late1 up");
  pair.here.run("ip link set late0 up");
  await duet.becomes("MASTER");
  t.true(holds(pair.here, "10.8.0.101"));
  pair.here.run("ip link del late0");
});

for (const [vrid, what, down, up] of [
  [
    2,
    "its link set down",
    ["here", `ip link set ${HERE.device} down`],
    ["here", `ip link set ${HERE.device} up`],
  ],
  [
    3,
    "its carrier lost",
    ["there", `ip link set ${THERE.device} down`],
    ["there", `ip link set ${THERE.device} up`],
  ],
] as const) {
  test.serial(
    `an interface with ${what} is a FAULT, the address goes, and returns with the link`,
    async (t) => {
      const vip = `10.9.0.${100 + vrid}`;
      const duet = await startDuet(t, instanceText({ vrid, priority: 100, vips: [`${vip}/24`] }));
      await duet.becomes("MASTER");
      pair[down[0]].run(down[1]);
      const { faults } = await duet.becomes("FAULT");
      t.deepEqual(faults, ["interface_down"]);
      t.false(holds(pair.here, vip));
      pair[up[0]].run(up[1]);
      await duet.said({
        msg: "state changed",
        from: "FAULT",
        to: "BACKUP",
        cause: "fault_cleared",
      });
      await duet.becomes("MASTER");
      t.true(holds(pair.here, vip));
      t.is((await duet.instance()).counters.became_master, 2);
    },
  );
}

test.serial(
  "an interface without an address of its own is a FAULT until it has one again",
  async (t) => {
    const vip = "10.9.0.104";
    // The peer must learn of it from the last advert: the address goes away after the fact, priority 0 cannot.
    const duet = await startDuet(t, instanceText({ vrid: 4, priority: 100, vips: [`${vip}/32`] }));
    await duet.becomes("MASTER");
    pair.here.run(`ip address del ${HERE.address}/24 dev ${HERE.device}`);
    t.deepEqual((await duet.becomes("FAULT")).faults, ["no_source_address"]);
    t.false(holds(pair.here, vip));
    pair.here.run(`ip address add ${HERE.address}/24 dev ${HERE.device}`);
    await duet.becomes("MASTER");
    t.true(holds(pair.here, vip));
  },
);

test.serial("another address of the interface is the new source of adverts", async (t) => {
  const sniffer = await sniff(t, pair.there, THERE.device);
  const duet = await startDuet(
    t,
    instanceText({ vrid: 5, priority: 100, vips: ["10.9.0.105/32"] }),
  );
  await duet.becomes("MASTER");
  await eventually(
    "the old source",
    () => sniffer.adverts({ vrid: 5, source: HERE.address }).length > 0,
  );
  pair.here.run(`ip address add 10.9.0.77/24 dev ${HERE.device}`);
  pair.here.run("sysctl -qw net.ipv4.conf.all.promote_secondaries=1");
  pair.here.run(`ip address del ${HERE.address}/24 dev ${HERE.device}`);
  await eventually(
    "the new source",
    () => sniffer.adverts({ vrid: 5, source: "10.9.0.77" }).length > 2,
  );
  const { state, master, counters } = await duet.instance();
  t.is(state, "MASTER");
  t.is(master?.address, "10.9.0.77");
  t.is(counters.became_master, 1, "no transition");
  pair.here.run(`ip address add ${HERE.address}/24 dev ${HERE.device}`);
  pair.here.run(`ip address del 10.9.0.77/24 dev ${HERE.device}`);
});
