// A MASTER without its addresses is none: it is a FAULT when it can hold nothing, and told when it holds a part.

import test from "ava";
import { HERE, instanceText, openPair } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { spawnDuet, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test, { ipv6: true });
const withoutNetAdmin = {
  run: pair.here.run,
  spawn: (command: string, args: readonly string[]) =>
    pair.here.spawn("setpriv", [
      "--bounding-set=-net_admin",
      "--inh-caps=-net_admin",
      command,
      ...args,
    ]),
};

test.serial("without CAP_NET_ADMIN it does not start, and says why", async (t) => {
  const config = instanceText({ vrid: 1, priority: 100, vips: ["10.9.0.101/24"] });
  const duet = spawnDuet(t, config, { place: withoutNetAdmin });
  t.is(await duet.ended, 1);
  t.true(
    duet.lines().some((line) => JSON.stringify(line).includes("CAP_NET_ADMIN")),
    "it names what is missing",
  );
});

test.serial("disable_ipv6 takes an IPv6 master into FAULT, and its end out of it", async (t) => {
  const vips = ["fe80::99/64", "2001:db8::99/64"];
  pair.here.run("ip link add name six0 type veth peer name six1");
  pair.here.run("ip link set six0 up");
  pair.here.run("ip link set six1 up");
  const config = instanceText({
    vrid: 2,
    priority: 100,
    vips: vips.map((vip) => `${vip} dev six0`),
  });
  const duet = await startDuet(t, config);
  await duet.becomes("MASTER");
  pair.here.run("sysctl -qw net.ipv6.conf.six0.disable_ipv6=1");
  const { faults, not_held } = await duet.becomes("FAULT");
  t.deepEqual(faults, ["addresses_not_held"]);
  t.like(not_held?.[0], { what: "fe80::99", cause: "net.ipv6.conf.six0.disable_ipv6 is 1" });
  pair.here.run("sysctl -qw net.ipv6.conf.six0.disable_ipv6=0");
  await duet.becomes("MASTER");
  t.true(holds(pair.here, "2001:db8::99"));
  pair.here.run("ip link del six0");
});

test.serial(
  "one of two addresses that cannot be held is told while the other is served",
  async (t) => {
    pair.here.run("ip link add name off0 type veth peer name off1");
    pair.here.run("ip link set off0 up");
    pair.here.run("ip link set off1 up");
    pair.here.run("sysctl -qw net.ipv6.conf.off0.disable_ipv6=1");
    const vips = ["10.9.0.103/24"];
    const more = ["virtual_ipaddress_excluded[] = 2001:db8::98/64 dev off0"];
    const duet = await startDuet(t, instanceText({ vrid: 3, priority: 100, vips, more }));
    await duet.becomes("MASTER");
    t.true(holds(pair.here, "10.9.0.103"));
    const told = await eventually("the reason", async () =>
      (await duet.status()).degraded.find(({ kind }) => kind === "not_held"),
    );
    t.is(told.subject, "VI");
    t.regex(told.text, /^2001:db8::98 is not held: .*(EACCES|disable_ipv6)/);
    await duet.said({ msg: "degraded", kind: "not_held" });
    pair.here.run("sysctl -qw net.ipv6.conf.off0.disable_ipv6=0");
    await eventually("all is well", async () => (await duet.status()).degraded.length === 0);
    t.true(holds(pair.here, "2001:db8::98"));
    pair.here.run("ip link del off0");
  },
);

test.serial(
  "a route whose gateway cannot be reached is told, and goes on when it can",
  async (t) => {
    const more = ["virtual_routes[] = 10.77.0.0/16 via 10.78.0.1"];
    const vips = ["10.9.0.104/24"];
    const duet = await startDuet(t, instanceText({ vrid: 4, priority: 100, vips, more }));
    await duet.becomes("MASTER");
    const { text } = await eventually("the reason", async () =>
      (await duet.status()).degraded.find(({ kind }) => kind === "not_held"),
    );
    t.regex(text, /10\.77\.0\.0\/16 via 10\.78\.0\.1 is not held: .*ENETUNREACH/);
    pair.here.run(`ip address add 10.78.0.2/24 dev ${HERE.device}`);
    await eventually("all is well", async () => (await duet.status()).degraded.length === 0);
    t.true(pair.here.run("ip route show 10.77.0.0/16").includes("via 10.78.0.1"));
    pair.here.run(`ip address del 10.78.0.2/24 dev ${HERE.device}`);
  },
);

for (const [what, vrid, extra, state] of [
  ["is a FAULT", 5, "", "FAULT"],
  ["is none with no_track", 6, " no_track", "MASTER"],
] as const) {
  test.serial(`the interface of an address that goes down ${what}, as in keepalived`, async (t) => {
    pair.here.run("ip link add name away0 type veth peer name away1");
    pair.here.run("ip link set away0 up");
    pair.here.run("ip link set away1 up");
    const vips = [`10.9.0.${100 + vrid}/24`, `10.79.0.1/24 dev away0${extra}`];
    const duet = await startDuet(t, instanceText({ vrid, priority: 100, vips }));
    await duet.becomes("MASTER");
    pair.here.run("ip link set away1 down");
    if (state === "FAULT") {
      t.deepEqual((await duet.becomes("FAULT")).faults, ["track_interface:away0"]);
      pair.here.run("ip link del away0");
      t.is((await duet.instance()).state, "FAULT");
      pair.here.run("ip link add name away0 type veth peer name away1");
      pair.here.run("ip link set away0 up");
      pair.here.run("ip link set away1 up");
      await duet.becomes("MASTER");
      t.true(holds(pair.here, "10.79.0.1"));
    }
    await duet.becomes("MASTER");
    const wasInFault = duet.lines().some((line) => line["to"] === "FAULT");
    t.is(wasInFault, state === "FAULT");
    pair.here.run("ip link del away0");
  });
}
