import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { openPort, type Port, type PortUser } from "../../src/daemon/vrrp/port.ts";
import { addAddress } from "../../src/kernel/addresses.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { openNetwork } from "../../src/kernel/network.ts";
import { enterNewNetwork, ip, openNeighbour } from "../helpers/netns.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { eventually } from "../helpers/wait.ts";
import { openListener } from "../kernel/listener.ts";

enterNewNetwork();
const neighbour = await openNeighbour("v0", "v1");
neighbour.run("ip address add 198.51.100.20/24 dev v1");
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
const VIP = "203.0.113.1";

test.after.always(() => neighbour.close());
test.afterEach.always(() => void ip("address flush dev v0"));

type Bench = {
  readonly port: Port;
  readonly told: string[];
  readonly user: (vrid: number) => Heard;
};
type Heard = PortUser & { readonly heard: string[] };

/** Everything that a port tells its users, as "faults source". `owned`: by an instance with priority 255. */
function open(t: ExecutionContext, owned?: string): Bench {
  const told: string[] = [];
  const network = openNetwork(netlink, {
    onChange: () => port.refresh(),
    onAddressesGone: () => {},
  });
  const port: Port = openPort({
    interface: "v0",
    network,
    isVirtual: (address) => address === VIP,
    isOwned: (address) => address === owned,
    log: memoryLog().log,
  });
  t.teardown(() => {
    port.close();
    network.close();
  });
  const user = (vrid: number): Heard => {
    const heard: string[] = [];
    return {
      vrid,
      heard,
      portChanged: () => void told.push(`${port.faults().join()} ${port.source() ?? "-"}`),
      wants: () => true,
      hear: ({ source }) => void heard.push(source),
      hearGarbage: () => void heard.push("garbage"),
    };
  };
  return { port, told, user };
}

test.serial(
  "an address of the machine that is configured as virtual is named, when there is no other",
  async (t) => {
    ip(`address add ${VIP}/24 dev v0`);
    const { port } = open(t);
    t.deepEqual(port.faults(), [`source_is_virtual:${VIP}`]);
    ip("address add 198.51.100.10/24 dev v0");
    await eventually("a source", () => port.faults().length === 0);
    t.is(port.source(), "198.51.100.10");
  },
);

test.serial(
  "an owner's address is a source for want of another, when the machine put it on",
  async (t) => {
    const vip = { address: VIP, prefixLength: 24, scope: 0, label: null, broadcast: null };
    const interfaceIndex = Number(/^\d+/.exec(ip("-o link show dev v0"))?.[0]);
    netlink.batch([addAddress({ ...vip, interfaceIndex, leaseS: 60 })]);
    const { port } = open(t, VIP);
    t.deepEqual(port.faults(), ["no_source_address"]);
    ip(`address del ${VIP}/24 dev v0`);
    ip(`address add ${VIP}/24 dev v0`);
    await eventually("its own is taken", () => port.source() === VIP);
    ip("address add 198.51.100.10/24 dev v0");
    await eventually("another one is better", () => port.source() === "198.51.100.10");
    t.deepEqual(port.faults(), []);
  },
);

test.serial("a port without an address says so, and is well when one comes", async (t) => {
  const { port } = open(t);
  t.deepEqual(port.faults(), ["no_source_address"]);
  ip("address add 198.51.100.10/24 dev v0");
  await eventually("the port is well", () => port.faults().length === 0);
  t.is(port.source(), "198.51.100.10");
});

test.serial("a virtual address is never a source of adverts", async (t) => {
  ip(`address add ${VIP}/32 dev v0`);
  const { port } = open(t);
  t.is(port.source(), undefined);
  ip("address add 198.51.100.10/24 dev v0");
  await eventually("the port is well", () => port.source() === "198.51.100.10");
});

test.serial(
  "the source is the first global address, a link-local one only for want of another",
  async (t) => {
    ip("address add 169.254.0.1/16 scope link dev v0");
    const { port } = open(t);
    t.is(port.source(), "169.254.0.1");
    ip("address add 198.51.100.10/24 dev v0");
    await eventually("the better one is taken", () => port.source() === "198.51.100.10");
  },
);

test.serial(
  "users are told of a fault while the old source can still say goodbye, then of the end",
  async (t) => {
    ip("address add 198.51.100.10/24 dev v0");
    const { port, told, user } = open(t);
    port.join(user(51));
    ip("address del 198.51.100.10/24 dev v0");
    await eventually("the users are told", () => told.length >= 2);
    t.deepEqual(told, ["no_source_address 198.51.100.10", "no_source_address -"]);
  },
);

test.serial("a link that goes down and comes back is a fault and its end", async (t) => {
  ip("address add 198.51.100.10/24 dev v0");
  const { port } = open(t);
  ip("link set v0 down");
  await eventually("it is a fault", () => port.faults().includes("interface_down"));
  ip("link set v0 up");
  await eventually("it is well", () => port.faults().length === 0);
  t.is(port.source(), "198.51.100.10");
});

test.serial(
  "packets go to the user of their virtual router, and what is too short to all",
  async (t) => {
    ip("address add 198.51.100.10/24 dev v0");
    const { port, user } = open(t);
    const [a, b] = [user(51), user(52)];
    port.join(a);
    port.join(b);
    await speak("31339601006400000000");
    await speak("31349601006400000000");
    await speak("31359601006400000000");
    await speak("31");
    await eventually("the last one is heard", () => b.heard.includes("garbage"));
    t.deepEqual(a.heard, ["198.51.100.20", "garbage"]);
    t.deepEqual(b.heard, ["198.51.100.20", "garbage"]);
  },
);

test.serial("send() reaches the neighbour, and says why when there is no socket", async (t) => {
  const { port } = open(t);
  const bytes = Buffer.from("31339601006400000000", "hex");
  t.throws(() => port.send(bytes), { message: "Cannot send on v0: no socket" });
  ip("address add 198.51.100.10/24 dev v0");
  await eventually("the port is well", () => port.faults().length === 0);
  const heard = await openListener(neighbour, "v1", "ip proto 112");
  port.send(bytes);
  await eventually("it is heard", () => heard.text().includes("198.51.100.10 > 224.0.0.18"));
  heard.close();
  t.pass();
});

test.serial("isUsed() says when nobody uses the port any more", (t) => {
  const { port, user } = open(t);
  const [a, b] = [user(51), user(52)];
  port.join(a);
  port.join(b);
  port.leave(a);
  t.true(port.isUsed());
  port.leave(b);
  t.false(port.isUsed());
});

async function speak(hex: string): Promise<void> {
  const args = ["build/test/kernel/speaker.js", "v1", "198.51.100.20", hex];
  await once(neighbour.spawn(process.execPath, args), "exit");
}
