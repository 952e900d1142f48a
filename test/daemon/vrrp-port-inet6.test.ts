import test, { type ExecutionContext } from "ava";
import { openPort, type Port } from "../../src/daemon/vrrp/port.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { openNetwork } from "../../src/kernel/network.ts";
import { enterNewNetwork, ip, openNeighbour, sysctl } from "../helpers/netns.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { eventually } from "../helpers/wait.ts";

enterNewNetwork({ ipv6: true });
const neighbour = await openNeighbour("v0", "v1", { ipv6: true });
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
const VIP = "fe80::5:1";

test.after.always(() => neighbour.close());
test.beforeEach(() => void ip("-6 address flush dev v0"));

function open(t: ExecutionContext, configuredSource: string | null = null): Port {
  const network = openNetwork(netlink, {
    onChange: () => port.refresh(),
    onAddressesGone: () => {},
  });
  const port: Port = openPort({
    interface: "v0",
    family: 6,
    configuredSource,
    network,
    isVirtual: (address) => address === VIP,
    log: memoryLog().log,
  });
  t.teardown(() => {
    port.close();
    network.close();
  });
  return port;
}

test.serial("RFC 5798 §5.1.2.1 the source is link-local, and no virtual address", async (t) => {
  ip("address add 2001:db8::1/64 dev v0");
  ip(`address add ${VIP}/64 dev v0`);
  ip("address add 198.51.100.10/24 dev v0");
  const port = open(t);
  t.deepEqual(port.faults(), [`source_is_virtual:${VIP}`]);
  ip("address add fe80::77/64 dev v0");
  await eventually("the port is well", () => port.faults().length === 0);
  t.is(port.source(), "fe80::77");
});

test.serial("RFC 4862 §5.4 an address that is tentative is none yet", async (t) => {
  sysctl("net.ipv6.conf.v0.accept_dad=1");
  sysctl("net.ipv6.conf.v0.dad_transmits=100");
  ip("address add fe80::77/64 dev v0");
  t.regex(ip("-6 address show dev v0"), /fe80::77\/64 scope link tentative/);
  const port = open(t);
  t.deepEqual(port.faults(), ["no_source_address"]);
  ip("address del fe80::77/64 dev v0");
  ip("address add fe80::77/64 dev v0 nodad");
  await eventually("the port is well", () => port.source() === "fe80::77");
});

test.serial("a configured source may be any address of this machine", async (t) => {
  const port = open(t, "2001:db8::9");
  ip("address add fe80::77/64 dev v0 nodad");
  t.deepEqual(port.faults(), ["no_source_address"]);
  ip("address add 2001:db8::9/128 dev lo");
  await eventually("the port is well", () => port.source() === "2001:db8::9");
});
