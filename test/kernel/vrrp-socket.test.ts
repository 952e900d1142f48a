import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { KernelError } from "../../src/kernel/errors.ts";
import { type Device, ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { openVrrpReceiver, openVrrpSender } from "../../src/kernel/vrrp-socket.ts";
import type { IpPacket } from "../../src/wire/ipv4.ts";
import { VRRP_GROUP_IPV4 } from "../../src/wire/vrrp.ts";
import { enterNewNetwork, ip, openNeighbour } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";
import { openListener } from "./listener.ts";

enterNewNetwork();
const neighbour = await openNeighbour("v0", "v1");
const second = await openNeighbour("w0", "w1");
ip("address add 198.51.100.10/24 dev v0");
ip("address add 198.51.100.11/24 dev v0");
ip("address add 192.0.2.10/24 dev w0");
neighbour.run("ip address add 198.51.100.20/24 dev v1");
second.run("ip address add 192.0.2.20/24 dev w1");

const v0: Device = { name: "v0", index: ifIndexOf("v0") };
const w0: Device = { name: "w0", index: ifIndexOf("w0") };
const PDU = "3133960100641234cb007101";

test.after.always(() => {
  neighbour.close();
  second.close();
});

test.serial(
  "an advert leaves with TTL 255, CS6, to the group, from the address it is bound to",
  async (t) => {
    const heard = await openListener(neighbour, "v1", "ip proto 112");
    for (const source of ["198.51.100.10", "198.51.100.11"]) {
      const sender = openVrrpSender(v0, VRRP_GROUP_IPV4, source);
      sender.send(Buffer.from(PDU, "hex"));
      sender.close();
      await eventually("it is heard", () => heard.text().includes(`${source} > 224.0.0.18`));
    }
    t.regex(heard.text(), /01:00:5e:00:00:12/);
    t.regex(heard.text(), /tos 0xc0/);
    t.regex(heard.text(), /ttl 255/);
    t.true(
      heard
        .text()
        .replaceAll(/[\s:]|0x00[0-9a-f]0/g, "")
        .includes(PDU),
    );
    heard.close();
  },
);

test.serial(
  "a receiver hears whole packets of the neighbour, with TTL, source and destination",
  async (t) => {
    const packets = listenOn(t, v0);
    await speak(neighbour, ["v1", "198.51.100.20", PDU]);
    await eventually("it is heard", () => packets.length > 0);
    const [packet] = packets;
    t.is(packet?.ttl, 255);
    t.is(packet?.source, "198.51.100.20");
    t.is(packet?.destination, VRRP_GROUP_IPV4);
    t.is(packet?.payload.toString("hex"), PDU);
  },
);

test.serial("an advert to a peer alone comes with the TTL it was sent with", async (t) => {
  const packets = listenOn(t, v0);
  for (const ttl of ["255", "3"]) {
    await speak(neighbour, ["v1", "198.51.100.20", PDU, "198.51.100.10", ttl]);
  }
  await eventually("both are heard", () => packets.length === 2);
  t.deepEqual(
    packets.map(({ destination, ttl }) => [destination, ttl]),
    [
      ["198.51.100.10", 255],
      ["198.51.100.10", 3],
    ],
  );
});

test.serial("a receiver never hears what this machine sent", async (t) => {
  const packets = listenOn(t, v0);
  const sender = openVrrpSender(v0, VRRP_GROUP_IPV4, "198.51.100.10");
  for (let i = 0; i < 10; i += 1) sender.send(Buffer.from(PDU, "hex"));
  sender.close();
  await speak(neighbour, ["v1", "198.51.100.20", PDU]);
  await eventually("the neighbour is heard", () => packets.length > 0);
  t.deepEqual(
    packets.map(({ source }) => source),
    ["198.51.100.20"],
  );
});

test.serial("a receiver hears its own interface only", async (t) => {
  const onV = listenOn(t, v0);
  const onW = listenOn(t, w0);
  await speak(neighbour, ["v1", "198.51.100.20", PDU]);
  await speak(second, ["w1", "192.0.2.20", PDU]);
  await eventually("both are heard", () => onV.length > 0 && onW.length > 0);
  t.deepEqual([...onV, ...onW].map(({ source }) => source).sort(), ["192.0.2.20", "198.51.100.20"]);
});

test.serial("a packet larger than any advert is no whole IPv4 packet, and not told", async (t) => {
  const packets = listenOn(t, v0);
  await speak(neighbour, ["v1", "198.51.100.20", "31".repeat(3000)]);
  await speak(neighbour, ["v1", "198.51.100.20", PDU]);
  await eventually("the next one is heard", () => packets.length > 0);
  t.deepEqual(
    packets.map(({ payload }) => payload.toString("hex")),
    [PDU],
  );
});

test.serial("a sender cannot be bound to an address that is not here", (t) => {
  const open = (): unknown => openVrrpSender(v0, VRRP_GROUP_IPV4, "198.51.100.99");
  const error = t.throws(open, { instanceOf: KernelError });
  t.is(error?.message, "bind 198.51.100.99: EADDRNOTAVAIL");
});

test.serial("sockets of an interface that is not there say ENODEV", (t) => {
  const gone: Device = { name: "nope0", index: 9999 };
  const sender = (): unknown => openVrrpSender(gone, VRRP_GROUP_IPV4, "198.51.100.10");
  t.is(t.throws(sender, { instanceOf: KernelError })?.code, "ENODEV");
  const receiver = (): unknown => openVrrpReceiver(gone, VRRP_GROUP_IPV4, () => {});
  t.is(t.throws(receiver, { instanceOf: KernelError })?.code, "ENODEV");
});

test.serial("send() says that the link is down, and works again when it is up", async (t) => {
  const heard = await openListener(neighbour, "v1", "ip proto 112");
  const sender = openVrrpSender(v0, VRRP_GROUP_IPV4, "198.51.100.10");
  t.teardown(() => sender.close());
  ip("link set v0 down");
  const send = (): void => sender.send(Buffer.from(PDU, "hex"));
  const error = t.throws(send, { instanceOf: KernelError });
  t.true(["ENETUNREACH", "ENETDOWN"].includes(error?.code ?? ""), error?.message);
  ip("link set v0 up");
  await eventually("it is heard again", () => {
    send();
    return heard.text().includes("198.51.100.10 > 224.0.0.18");
  });
  heard.close();
});

test.serial("send() says that the interface is gone", (t) => {
  const sender = openVrrpSender(w0, VRRP_GROUP_IPV4, "192.0.2.10");
  t.teardown(() => sender.close());
  ip("link del w0");
  const send = (): void => sender.send(Buffer.from(PDU, "hex"));
  const error = t.throws(send, { instanceOf: KernelError });
  t.true(["ENODEV", "ENXIO", "ENETUNREACH"].includes(error?.code ?? ""), error?.message);
});

function listenOn(t: ExecutionContext, device: Device): IpPacket[] {
  const packets: IpPacket[] = [];
  const receiver = openVrrpReceiver(device, VRRP_GROUP_IPV4, (packet) => {
    packets.push({ ...packet, payload: Buffer.from(packet.payload) }); // only valid during the call
  });
  t.teardown(() => receiver.close());
  return packets;
}

async function speak(from: typeof neighbour, args: readonly string[]): Promise<void> {
  const child = from.spawn(process.execPath, ["build/test/kernel/speaker.js", ...args]);
  const [status] = (await once(child, "exit")) as [number];
  if (status !== 0) throw new Error(`speaker ${args.join(" ")} ended with ${status}`);
}
