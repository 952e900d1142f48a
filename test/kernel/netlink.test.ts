import test from "ava";
import { addAddress, listAddresses, removeAddress } from "../../src/kernel/addresses.ts";
import { KernelError } from "../../src/kernel/errors.ts";
import { listLinks } from "../../src/kernel/links.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { newAddress } from "./new-address.ts";

enterNewNetwork();
ip("link add d0 address 02:00:5e:10:00:07 type veth peer name d0p");
ip("link add d1 type veth peer name d1p");
ip("link set d0p up");
ip("link set d0 up");
const d0 = ifIndexOf("d0");
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");

test.serial("an error carries the kernel's number, its name, and the kernel's own words", (t) => {
  const nowhere = addAddress(newAddress({ interfaceIndex: 9999 }));
  const error = t.throws(() => netlink.request(nowhere), { instanceOf: KernelError });
  t.is(error?.code, "ENODEV");
  t.is(error?.errno, 19);
  t.regex(error?.message ?? "", /^rtnetlink: ENODEV( \(.+\))?$/);
});

test.serial("an error that the kernel explains tells the explanation", (t) => {
  const tooLong = addAddress(newAddress({ interfaceIndex: d0, prefixLength: 33 }));
  const error = t.throws(() => netlink.request(tooLong), { instanceOf: KernelError });
  t.is(error?.message, "rtnetlink: EINVAL (ipv4: Invalid prefix length)");
});

test.serial("a request that failed leaves the next one alone", (t) => {
  t.throws(() => netlink.request(removeAddress(newAddress({ interfaceIndex: d0 }))));
  t.true(listLinks(netlink).length >= 3);
});

test.serial("batch() does what can be done and tells the errors by index", (t) => {
  const there = newAddress({ interfaceIndex: d0, address: "203.0.113.1" });
  const errors = netlink.batch([
    addAddress(there),
    addAddress({ ...there, interfaceIndex: 9999 }),
    addAddress(there),
    removeAddress(there),
    removeAddress(there),
  ]);
  const told = [...errors].map(([index, { code }]) => [index, code]);
  t.deepEqual(told, [
    [1, "ENODEV"],
    [2, "EEXIST"],
    [4, "EADDRNOTAVAIL"],
  ]);
});

test.serial("batch() of nothing does nothing", (t) => {
  t.is(netlink.batch([]).size, 0);
});

test.serial("batch() adds and removes 2,000 addresses", (t) => {
  const many = Array.from({ length: 2000 }, (_, i) =>
    newAddress({ interfaceIndex: d0, address: `10.9.${i >> 8}.${i & 255}` }),
  );
  const ours = (): number =>
    listAddresses(netlink).filter(({ address }) => address.startsWith("10.9.")).length;
  t.is(netlink.batch(many.map(addAddress)).size, 0);
  t.is(ours(), 2000);
  t.is(netlink.batch(many.map(removeAddress)).size, 0);
  t.is(ours(), 0);
});

test.serial("batch() of many errors, over several datagrams, keeps their indexes", (t) => {
  const removals = Array.from({ length: 4000 }, (_, i) =>
    removeAddress(newAddress({ interfaceIndex: d0, address: `10.8.${i >> 8}.${i & 255}` })),
  );
  const errors = netlink.batch(removals);
  t.is(errors.size, 4000);
  t.deepEqual([...errors.keys()], [...removals.keys()]);
});

test.serial("listLinks() tells name, index, MAC, and whether a link runs", (t) => {
  const links = listLinks(netlink);
  const up = links.find(({ name }) => name === "d0");
  t.is(up?.index, d0);
  t.deepEqual(up?.mac, Uint8Array.from([0x02, 0, 0x5e, 0x10, 0, 7]));
  t.true(up?.running);
  t.false(links.find(({ name }) => name === "d1")?.running);
});

test.serial("ifIndexOf() says ENODEV for an interface that is not there", (t) => {
  const error = t.throws(() => ifIndexOf("nope0"), { instanceOf: KernelError });
  t.is(error?.message, "index of nope0: ENODEV");
});
