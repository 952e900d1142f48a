// Somebody has an address of the master and no advert tells: only probes find it (RFC 5227 §2.1.1, RFC 4861 §7.2.2).

import test from "ava";
import type { AddressProbesStatus } from "../../src/control/status.ts";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { type Duet, duetCommand, startDuet } from "../helpers/duet.ts";
import { eventually } from "../helpers/wait.ts";

const pair = await openPair(test, { ipv6: true });
const KIND = "second_address_owner";

type Entry = { readonly kind: string; readonly subject: string; readonly text: string };

async function entries(duet: Duet): Promise<readonly Entry[]> {
  return (await duet.status()).degraded;
}

async function probes(duet: Duet): Promise<AddressProbesStatus> {
  const none = { sent: 0, answered: 0, ignored: 0 };
  return (await duet.status()).vrrp_address_probes ?? none;
}

function macOf(device: string): string {
  return /link\/ether (\S+)/.exec(pair.there.run(`ip link show dev ${device}`))?.[1] ?? "";
}

for (const [what, vrid, ends, prefix, more] of [
  ["an IPv4 address", 1, ["10.9.0.101", "10.9.0.201"], 24, []],
  ["an IPv6 address", 2, ["2001:db8::102", "2001:db8::202"], 64, []],
  ["an IPv4 address of a VMAC", 3, ["10.9.0.103", "10.9.0.203"], 24, ["use_vmac"]],
  ["an IPv6 address of a VMAC", 4, ["2001:db8::104", "2001:db8::204"], 64, ["use_vmac"]],
] as const) {
  test.serial(`who holds ${what} by hand is told with its MAC, until it lets go`, async (t) => {
    const [address, ours] = ends;
    const change = (verb: "add" | "del"): void =>
      void pair.there.run(`ip address ${verb} ${address}/${prefix} dev ${THERE.device}`);
    change("add");
    const linkLocal = prefix === 64 ? [`fe80::${vrid}/64`] : [];
    const vips = [...linkLocal, ...ends.map((each) => `${each}/${prefix}`)];
    const duet = await startDuet(t, instanceText({ vrid, priority: 100, vips, more }));
    await duet.becomes("MASTER");

    await eventually("it is told", async () => (await entries(duet)).length > 0);
    const told = await entries(duet);
    t.deepEqual(
      told.map(({ kind, subject }) => [kind, subject]),
      [[KIND, "VI"]],
    );
    const [{ text } = { text: "" }] = told;
    t.true(
      text.startsWith(`${address} is also at ${macOf(THERE.device)} on ${HERE.device}: `),
      text,
    );
    t.regex(text, /: it answered \d+ probes since 20\d\d-/);
    t.false(text.includes(ours), "the other address is asked for as often, and nobody answers");
    await duet.said({ msg: "degraded", kind: KIND, subject: "VI" });
    t.is((await duetCommand(["status", "--run-dir", duet.runDir])).code, 1);

    change("del");
    await eventually("it ends", async () => (await entries(duet)).length === 0);
    await duet.said({ msg: "degraded no more", kind: KIND });
    t.is((await duet.instance()).state, "MASTER");
    t.true((await probes(duet)).answered >= 2);
  });
}

for (const [family, vrid, vip, mac] of [
  ["IPv4", 6, "10.9.0.107/24", "00:00:5e:00:01:06"],
  ["IPv6", 7, "2001:db8::108/64", "00:00:5e:00:02:07"],
] as const) {
  test.serial(
    `${family}: two masters with one virtual MAC that hear no adverts find each other`,
    async (t) => {
      pair.there.run(`ip link add vmac link ${THERE.device} type macvlan mode private`);
      // As a director with a virtual MAC sets it: else the interface below answers too, with its own MAC.
      pair.there.run(`sysctl -qw net.ipv4.conf.${THERE.device}.arp_ignore=1`);
      pair.there.run(`ip link set vmac address ${mac} up`);
      pair.there.run(`ip address add ${vip} dev vmac`);
      const vips = family === "IPv6" ? ["fe80::7:7/64", vip] : [vip];
      const more = ["use_vmac"];
      const duet = await startDuet(t, instanceText({ vrid, priority: 100, vips, more }));
      await duet.becomes("MASTER");
      await eventually("it is told", async () => (await entries(duet)).length > 0);
      const [{ kind, text } = { kind: "", text: "" }] = await entries(duet);
      t.is(kind, KIND);
      t.true(text.startsWith(`${vip.split("/")[0]} is also at ${mac} on ${HERE.device}: `), text);
      pair.there.run("ip link del vmac");
      await eventually("it ends", async () => (await entries(duet)).length === 0);
    },
  );
}

test.serial(
  "peers instead of a segment: nobody is asked, as a cloud answers for everybody",
  async (t) => {
    for (const end of [109, 110])
      pair.there.run(`ip address add 10.9.0.${end}/24 dev ${THERE.device}`);
    const more = [`unicast_peer[] = ${THERE.address}`];
    const vips = ["10.9.0.109/24"];
    const text = [
      instanceText({ vrid: 8, priority: 100, vips, more }),
      instanceText({ name: "BESIDE", vrid: 9, priority: 100, vips: ["10.9.0.110/24"] }),
      instanceText({ name: "LO", vrid: 10, priority: 100, vips: ["10.9.0.111/32 dev lo"] }),
    ].join("");
    const duet = await startDuet(t, text);
    for (const name of ["VI", "LO", "BESIDE"]) await duet.becomes("MASTER", name);
    // The second question to it comes 5 s after the first: by then everybody had a turn.
    await eventually("it is told", async () => (await entries(duet)).length > 0);
    const { degraded, vrrp_address_probes: counts } = await duet.status();
    t.deepEqual(
      degraded.map(({ kind, subject }) => [kind, subject]),
      [[KIND, "BESIDE"]],
    );
    const answered = Number(/answered (\d+) probes/.exec(degraded[0]?.text ?? "")?.[1]);
    t.true(
      (counts?.sent ?? 0) - answered <= 1,
      `${counts?.sent} were sent, it answered ${answered}`,
    );
    for (const end of [109, 110])
      pair.there.run(`ip address del 10.9.0.${end}/24 dev ${THERE.device}`);
  },
);

test.serial(
  "another interface of this machine on the segment answers too, and is nobody",
  async (t) => {
    pair.there.run("ip link add br0 type bridge forward_delay 0");
    pair.there.run(`ip link set ${THERE.device} master br0 up`);
    pair.there.run("ip link set br0 up");
    pair.here.run(`ip link add own0 type veth peer name own1 netns ${pair.there.pid}`);
    pair.there.run("ip link set own1 master br0 up");
    pair.here.run("ip link set own0 up");
    pair.here.run("ip address add 10.9.0.11/24 dev own0");
    const vips = ["10.9.0.105/24", "10.9.0.106/24"];
    // Else the second burst of announcements comes back over the bridge too, as it may.
    const more = ["garp_master_delay = 0"];
    const duet = await startDuet(t, instanceText({ vrid: 5, priority: 100, vips, more }));
    await duet.becomes("MASTER");
    const counts = await eventually("our own answers are heard", async () => {
      const now = await probes(duet);
      return now.sent >= 2 && now.ignored >= 2 && now;
    });
    t.is(counts.answered, 0);
    t.deepEqual(await entries(duet), []);
    pair.here.run("ip link del own0");
  },
);
