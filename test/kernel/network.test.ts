import test, { type ExecutionContext } from "ava";
import {
  type Address,
  addAddress,
  listAddresses,
  removeAddress,
} from "../../src/kernel/addresses.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { type Network, openNetwork } from "../../src/kernel/network.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";
import { newAddress } from "./new-address.ts";

enterNewNetwork();
ip("link add d0 type veth peer name d0p");
ip("link set d0p up");
ip("link set d0 up");
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");

type Watched = {
  readonly network: Network;
  readonly gone: Address[];
  readonly changes: () => number;
};

function open(t: ExecutionContext): Watched {
  const gone: Address[] = [];
  let changes = 0;
  const network = openNetwork(netlink, {
    onChange() {
      changes += 1;
    },
    onAddressesGone: (all) => void gone.push(...all.map(({ address }) => address)),
  });
  t.teardown(() => network.close());
  return { network, gone, changes: () => changes };
}

test.serial("openNetwork() knows at once what is there", (t) => {
  ip("address add 198.51.100.1/24 dev d0");
  const { network } = open(t);
  const link = network.link("d0");
  t.true(link?.running);
  t.is(network.linkByIndex(link?.index ?? 0)?.name, "d0");
  t.deepEqual(
    network.addressesOf(link?.index ?? 0).map(({ address }) => address),
    ["198.51.100.1"],
  );
  ip("address flush dev d0");
});

test.serial(
  "openNetwork() follows a link down, up, away and back under another index",
  async (t) => {
    ip("link add d1 type veth peer name d1p");
    ip("link set d1p up");
    ip("link set d1 up");
    const { network } = open(t);
    const before = network.link("d1")?.index;
    ip("link set d1 down");
    await eventually("d1 is down", () => network.link("d1")?.running === false);
    ip("link set d1p up");
    ip("link set d1 up");
    await eventually("d1 is up", () => network.link("d1")?.running === true);
    ip("link del d1");
    await eventually("d1 is gone", () => network.link("d1") === undefined);
    ip("link add d1 type veth peer name d1p");
    await eventually("d1 is back", () => network.link("d1") !== undefined);
    t.not(network.link("d1")?.index, before);
    ip("link del d1");
  },
);

test.serial("openNetwork() follows the name of a link", async (t) => {
  ip("link add d2 type veth peer name d2p");
  const { network } = open(t);
  const { index } = network.link("d2") ?? {};
  ip("link set d2 name d3");
  await eventually("d2 is d3", () => network.link("d3")?.index === index);
  t.is(network.link("d2"), undefined);
  ip("link del d3");
});

test.serial("onAddressesGone tells which address went away", async (t) => {
  ip("address add 203.0.113.7/32 dev d0");
  const { gone, changes } = open(t);
  ip("address del 203.0.113.7/32 dev d0");
  await eventually("the removal is told", () => gone.length > 0);
  t.deepEqual(
    gone.map(({ address, interfaceIndex }) => [address, interfaceIndex]),
    [["203.0.113.7", ifIndexOf("d0")]],
  );
  await eventually("the change is told", () => changes() > 0);
});

test.serial("many changes of one moment are few calls of onChange", async (t) => {
  const { network, changes } = open(t);
  const many = addresses(200);
  netlink.batch(many.map(addAddress));
  await eventually("all are seen", () => network.addressesOf(ifIndexOf("d0")).length === 200);
  t.true(changes() <= 10, `${changes()} calls for 200 changes`);
  netlink.batch(many.map(removeAddress));
});

test.serial("an overrun of the event socket is answered by reading everything anew", async (t) => {
  const { network, gone } = open(t);
  const many = addresses(5000);
  ip("address add 203.0.113.9/32 dev d0");
  await eventually("the first address is seen", () => network.addresses().some(isNine));

  // While this function runs nobody reads the event socket: 20,000 events do not fit.
  ip("address del 203.0.113.9/32 dev d0");
  for (let round = 0; round < 2; round += 1) {
    netlink.batch(many.map(addAddress));
    netlink.batch(many.map(removeAddress));
  }
  netlink.batch(many.slice(0, 10).map(addAddress));

  await eventually("the overrun is noticed", () => network.overruns() > 0);
  const d0 = ifIndexOf("d0");
  await eventually("ten addresses are left", () => network.addressesOf(d0).length === 10);
  const told = network.addressesOf(d0).map(({ address }) => address);
  const real = listAddresses(netlink).filter(({ interfaceIndex }) => interfaceIndex === d0);
  t.deepEqual(told.sort(), real.map(({ address }) => address).sort());
  t.true(gone.some(isNine), "a removal that was lost in the overrun is told all the same");

  ip("address del 10.9.0.0/32 dev d0");
  await eventually("events are heard after the overrun", () => gone.some(isFirst));
  ip("address flush dev d0");
});

function addresses(count: number): ReturnType<typeof newAddress>[] {
  const interfaceIndex = ifIndexOf("d0");
  return Array.from({ length: count }, (_, i) =>
    newAddress({ interfaceIndex, address: `10.9.${i >> 8}.${i & 255}` }),
  );
}

function isNine({ address }: Address): boolean {
  return address === "203.0.113.9";
}

function isFirst({ address }: Address): boolean {
  return address === "10.9.0.0";
}
