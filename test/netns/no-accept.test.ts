// no_accept (RFC 5798 §6.1): a master that forwards for its addresses, and answers at none of them.

import { connect } from "node:net";
import test from "ava";
import { HERE, instanceText, openPair, THERE } from "../helpers/daemon-pair.ts";
import { holds } from "../helpers/daemon-place.ts";
import { duetCommand, killAtOnce, startDuet } from "../helpers/duet.ts";
import { ip, type Neighbour, openNeighbour, sysctl } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

const IPV6 = { ipv6: true };
const pair = await openPair(test, IPV6);
const VIP = "10.9.0.51";
const VIP6 = "2001:db8:9::51";
const LOCAL6 = "fe80::51";

let behind: Neighbour | undefined;
test.after.always("the one behind goes", () => behind?.close());
test.before("one more, behind the pair", async () => {
  behind = await openNeighbour("here1", "there1", IPV6);
  sysctl("net.ipv4.ip_forward=1");
  sysctl("net.ipv6.conf.all.forwarding=1");
  ip("address add 10.8.0.1/24 dev here1");
  ip("address add 2001:db8:9::1/64 dev here0");
  ip("address add 2001:db8:8::1/64 dev here1");
  pair.there.run("ip address add 2001:db8:9::2/64 dev there0");
  behind.run("ip address add 10.8.0.2/24 dev there1");
  behind.run("ip address add 2001:db8:8::2/64 dev there1");
  behind.run("ip route add 10.9.0.0/24 via 10.8.0.1");
  behind.run("ip route add 2001:db8:9::/64 via 2001:db8:8::1");
});

function configOf(more: readonly string[], head = ""): string {
  return [
    head,
    instanceText({ name: "V4", vrid: 51, priority: 200, vips: [`${VIP}/24`], more }),
    instanceText({
      name: "V6",
      vrid: 51,
      priority: 200,
      vips: [`${LOCAL6}/64`, `${VIP6}/64`],
      more,
    }),
  ].join("\n");
}

test.serial(
  "no answer at a virtual address, but through it, and adverts; a reload turns it",
  async (t) => {
    const duet = await startDuet(t, configOf(["no_accept = yes"]));
    for (const name of ["V4", "V6"]) await duet.becomes("MASTER", name);
    await eventually("the addresses", () => holds(pair.here, VIP) && holds(pair.here, VIP6));
    pair.there.run(`ip route replace 10.8.0.0/24 via ${VIP}`);
    pair.there.run(`ip route replace 2001:db8:8::/64 via ${LOCAL6} dev there0`);

    await eventually("its own address", () => reaches(HERE.address));
    await eventually("through the IPv4 address", () => reaches("10.8.0.2"));
    await eventually("through the link-local address", () => reaches("2001:db8:8::2"));
    for (const address of [VIP, VIP6, `${LOCAL6}%there0`]) t.false(reaches(address), address);
    await eventually("from its own address", async () => reachesFrom(HERE.address, THERE.address));
    t.false(await reachesFrom(VIP, THERE.address));
    t.false(await reachesFrom(VIP6, "2001:db8:9::2"));
    // Neighbour discovery of the addresses worked all the same.
    const neighbours = pair.there.run("ip -6 neigh show dev there0");
    for (const address of [VIP6, LOCAL6]) {
      t.regex(neighbours, new RegExp(`^${address} lladdr `, "m"));
    }
    const { counters } = await duet.instance("V4");
    t.is(counters.became_master, 1);
    t.is(counters.send_errors, 0);

    duet.write(configOf([]));
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    for (const address of [VIP, VIP6]) await eventually(address, () => reaches(address));
    t.is(rules(), "");
    duet.write(configOf(["accept = no"], "[global]\nnftables = mine\nnftables_counters = yes\n"));
    t.is((await duetCommand(["reload", "--run-dir", duet.runDir])).code, 0);
    t.false(reaches(VIP));
    t.regex(rules(), /table inet mine .*ip daddr @addresses4 counter packets [1-9]/s);

    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.is(nft("list ruleset"), "", "nothing stays");
  },
);

test.serial("after the death of everything no rule is left", async (t) => {
  const duet = await startDuet(t, configOf(["no_accept = yes"]));
  await duet.becomes("MASTER", "V4");
  await eventually("the rules", () => rules().includes(VIP));
  killAtOnce(duet);
  await eventually("no rules", () => rules() === "");
  t.pass();
});

test.serial("a table that somebody else has is told, and left as it is", async (t) => {
  nft("add table inet duet");
  t.teardown(() => nft("delete table inet duet"));
  const duet = await startDuet(t, configOf(["no_accept = yes"]));
  const { error } = await duet.said({ msg: "no_accept does not hold: table not made" });
  t.regex(String(error), /EEXIST.*nftables of \[global\]/);
  await duet.becomes("MASTER", "V4");
  t.is(rules(), "table inet duet {\n}\n");
  duet.signal("SIGTERM");
  await duet.ended;
  t.is(rules(), "table inet duet {\n}\n");
});

/** "connection refused" is an answer too. */
function reaches(address: string): boolean {
  try {
    pair.there.run(`timeout 5 bash --norc -c :</dev/tcp/${address}/9`);
    return true;
  } catch (error) {
    return String(error).includes("refused");
  }
}

/** The other way round: from this address to the neighbour. */
async function reachesFrom(localAddress: string, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 9, localAddress, timeout: 1000 });
    socket.once("timeout", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", ({ message }) => resolve(message.includes("ECONNREFUSED")));
  });
}

/** Without those of leases, which any master has. */
function rules(): string {
  return nft("list ruleset").replaceAll(/table \w+ duet_lease_\S+ \{\n.*?\n\}\n/gs, "");
}

function nft(words: string): string {
  return pair.here.run(`/usr/sbin/nft ${words}`);
}
