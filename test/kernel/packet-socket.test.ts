import test from "ava";
import { KernelError } from "../../src/kernel/errors.ts";
import { openPacketSocket } from "../../src/kernel/packet-socket.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { encodeGratuitousArp } from "../../src/wire/arp.ts";
import { enterNewNetwork, ip, openNeighbour } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";
import { openListener } from "./listener.ts";

enterNewNetwork();
const neighbour = await openNeighbour("v0", "v1");
const packets = openPacketSocket();
const mac = Buffer.from("02005e100001", "hex");

test.after.always(() => neighbour.close());

test.serial("a gratuitous ARP is what the neighbour hears, to everybody", async (t) => {
  const heard = await openListener(neighbour, "v1", "arp");
  packets.send(ifIndexOf("v0"), encodeGratuitousArp(mac, "203.0.113.1"));
  await eventually("it is heard", () => heard.text().includes("203.0.113.1"));
  t.regex(heard.text(), /02:00:5e:10:00:01 > ff:ff:ff:ff:ff:ff/);
  t.regex(heard.text(), /Request who-has 203\.0\.113\.1 .*tell 203\.0\.113\.1/);
  heard.close();
});

test.serial("a neighbour that knew another MAC for the address learns the new one", async (t) => {
  neighbour.run("ip address add 203.0.113.2/24 dev v1");
  neighbour.run("ip neigh replace 203.0.113.1 lladdr 02:00:00:00:00:99 dev v1 nud stale");
  packets.send(ifIndexOf("v0"), encodeGratuitousArp(mac, "203.0.113.1"));
  const known = (): string => neighbour.run("ip neigh show 203.0.113.1");
  await eventually("it is learned", () => known().includes("02:00:5e:10:00:01"));
  t.pass();
});

test.serial("send() says that the link is down, or gone", (t) => {
  const index = ifIndexOf("v0");
  const frame = encodeGratuitousArp(mac, "203.0.113.1");
  const code = (): string | undefined =>
    t.throws(() => packets.send(index, frame), { instanceOf: KernelError })?.code;
  ip("link set v0 down");
  t.is(code(), "ENETDOWN");
  ip("link del v0");
  t.is(code(), "ENXIO");
});
