import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { KernelError } from "../../src/kernel/errors.ts";
import { type Device, ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { openVrrpReceiver, openVrrpSender } from "../../src/kernel/vrrp-socket.ts";
import type { IpPacket } from "../../src/wire/ipv4.ts";
import { VRRP_GROUP_IPV6 } from "../../src/wire/vrrp.ts";
import { here } from "../helpers/daemon-place.ts";
import { enterNewNetwork, linkLocalOf, openNeighbour } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";
import { openListener } from "./listener.ts";

enterNewNetwork({ ipv6: true });
const neighbour = await openNeighbour("v0", "v1", { ipv6: true });
await eventually(
  "link-local addresses",
  () => linkLocalOf(here, "v0") !== "" && linkLocalOf(neighbour, "v1") !== "",
);
const OWN = linkLocalOf(here, "v0");
const OTHER = linkLocalOf(neighbour, "v1");
const v0: Device = { name: "v0", index: ifIndexOf("v0") };
const PDU = "3133960100640000fe800000000000000000000000000050";

test.after.always(() => neighbour.close());

test.serial(
  "RFC 5798 §5.1.2 an advert leaves with hop limit 255, CS6, to the group, from the link-local address",
  async (t) => {
    const heard = await openListener(neighbour, "v1", "ip6 proto 112");
    const sender = openVrrpSender(v0, VRRP_GROUP_IPV6, OWN);
    sender.send(Buffer.from(PDU, "hex"));
    sender.close();
    await eventually("it is heard", () => heard.text().includes(`${OWN} > ff02::12`));
    t.regex(heard.text(), /33:33:00:00:00:12/);
    t.regex(heard.text(), /class 0xc0/);
    t.regex(heard.text(), /hlim 255/);
    heard.close();
  },
);

test.serial("a receiver hears payloads with their hop limit, source and destination", async (t) => {
  const packets = listenOn(t);
  await speak([PDU]);
  await speak([PDU, OWN, "7"]);
  await eventually("both are heard", () => packets.length === 2);
  t.deepEqual(
    packets.map(({ payload, ...way }) => ({ ...way, payload: payload.toString("hex") })),
    [
      { ttl: 255, source: OTHER, destination: VRRP_GROUP_IPV6, payload: PDU },
      { ttl: 7, source: OTHER, destination: OWN, payload: PDU },
    ],
  );
});

test.serial("a receiver never hears what this machine sent", async (t) => {
  const packets = listenOn(t);
  const sender = openVrrpSender(v0, VRRP_GROUP_IPV6, OWN);
  for (let i = 0; i < 10; i += 1) sender.send(Buffer.from(PDU, "hex"));
  sender.close();
  await speak([PDU]);
  await eventually("the neighbour is heard", () => packets.length > 0);
  t.deepEqual(
    packets.map(({ source }) => source),
    [OTHER],
  );
});

test.serial("sockets say why they cannot be opened", (t) => {
  const sender = (): unknown => openVrrpSender(v0, VRRP_GROUP_IPV6, "fe80::99");
  t.is(t.throws(sender, { instanceOf: KernelError })?.message, "bind fe80::99: EADDRNOTAVAIL");
  const gone: Device = { name: "nope0", index: 9999 };
  const receiver = (): unknown => openVrrpReceiver(gone, VRRP_GROUP_IPV6, () => {});
  t.is(t.throws(receiver, { instanceOf: KernelError })?.code, "ENODEV");
});

function listenOn(t: ExecutionContext): IpPacket[] {
  const packets: IpPacket[] = [];
  const receiver = openVrrpReceiver(v0, VRRP_GROUP_IPV6, (packet) => {
    packets.push({ ...packet, payload: Buffer.from(packet.payload) }); // only valid during the call
  });
  t.teardown(() => receiver.close());
  return packets;
}

async function speak(args: readonly string[]): Promise<void> {
  const program = ["build/test/kernel/speaker.js", "v1", OTHER, ...args];
  const [status] = (await once(neighbour.spawn(process.execPath, program), "exit")) as [number];
  if (status !== 0) throw new Error(`speaker ${args.join(" ")} ended with ${status}`);
}
