import test from "ava";
import { MessageWriter } from "../../src/kernel/attributes.ts";
import { type Link, listLinks } from "../../src/kernel/links.ts";
import { NETLINK_ROUTE, type Netlink, openNetlink } from "../../src/kernel/netlink.ts";
import {
  addThings,
  announcementFrames,
  removalsOf,
  removeThings,
} from "../../src/vip/holding/apply.ts";
import type { Thing, Vip } from "../../src/vip/model.ts";
import { enterNewNetwork, ip, sysctl } from "../helpers/netns.ts";

enterNewNetwork();
ip("link add d0 address 02:00:5e:10:00:07 type veth peer name d0p");
ip("link set d0p up");
ip("link set d0 up");
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");
const LEASE_S = 60;

const vip: Vip = {
  address: "203.0.113.1",
  prefixLength: 24,
  interface: "d0",
  scope: "link",
  label: "d0:1",
  broadcast: "203.0.113.255",
};
const on = (...vips: readonly Vip[]): Thing[] =>
  vips.map((each) => ({ kind: "address", vip: each }));
const second: Vip = { ...vip, address: "203.0.113.2", label: null };
const single: Vip = { ...second, prefixLength: 32 };
const nowhere: Vip = { ...vip, address: "203.0.113.3", interface: "nope0", label: null };

test.afterEach.always(() => void ip("address flush dev d0"));

function linkOf(name: string): Link | undefined {
  return listLinks(netlink).find((link) => link.name === name);
}

test.serial("addThings() puts addresses on as they are configured", (t) => {
  const applied = addThings(netlink, on(vip, second), linkOf, LEASE_S);
  t.deepEqual(applied, { changed: on(vip, second), failed: [] });
  t.regex(
    ip("address show dev d0"),
    /inet 203\.0\.113\.1\/24 brd 203\.0\.113\.255 scope link( proto \S+)?( dynamic)? d0:1/,
  );
});

test.serial("addThings(): what is there already is success, and no change", (t) => {
  addThings(netlink, on(vip), linkOf, LEASE_S);
  t.deepEqual(addThings(netlink, on(vip, second), linkOf, LEASE_S), {
    changed: on(second),
    failed: [],
  });
});

test.serial("addThings(): one that cannot go on does not keep the others off", (t) => {
  const { changed, failed } = addThings(netlink, on(nowhere, vip), linkOf, LEASE_S);
  t.deepEqual(changed, on(vip));
  t.deepEqual(failed, [
    {
      thing: { kind: "address", vip: nowhere },
      cause: "interface nope0 does not exist",
      interfaceGone: false,
    },
  ]);
});

test.serial("addThings(): what the kernel refuses is told in its words", (t) => {
  const bad = { ...vip, prefixLength: 33 };
  const { changed, failed } = addThings(netlink, on(bad, second), linkOf, LEASE_S);
  t.deepEqual(changed, on(second));
  t.deepEqual(
    failed.map(({ cause }) => cause),
    ["rtnetlink: EINVAL (ipv4: Invalid prefix length)"],
  );
});

test.serial(
  "addThings(): an interface that went unseen is told from what the kernel refuses",
  (t) => {
    const seen = linkOf("d0");
    const stale = seen && { ...seen, index: 4242 };
    const { failed } = addThings(netlink, on(vip), () => stale, LEASE_S);
    t.deepEqual(
      failed.map(({ interfaceGone }) => interfaceGone),
      [true],
    );
  },
);

test.serial(
  "removeThings() takes them off; what is not there, or whose interface is not, is success",
  (t) => {
    addThings(netlink, on(vip), linkOf, LEASE_S);
    t.deepEqual(removeThings(netlink, on(vip, second, nowhere), linkOf), {
      changed: on(vip),
      failed: [],
    });
    t.notRegex(ip("address show dev d0"), /203\.0\.113/);
  },
);

test.serial(
  "removeThings() of the first address of a network leaves the others, where secondaries are promoted",
  (t) => {
    sysctl("net.ipv4.conf.d0.promote_secondaries=1"); // else the kernel takes off all of them
    addThings(netlink, on(vip, second), linkOf, LEASE_S);
    removeThings(netlink, on(vip), linkOf);
    sysctl("net.ipv4.conf.d0.promote_secondaries=0");
    t.regex(ip("address show dev d0"), /203\.0\.113\.2\/24/);
  },
);

test.serial("removalsOf() are requests that can be sent later", (t) => {
  addThings(netlink, on(vip, single), linkOf, LEASE_S);
  const removals = removalsOf(on(vip, single, nowhere), linkOf);
  t.deepEqual(
    removals.map(({ thing }) => thing),
    on(single, vip),
  );
  t.is(netlink.batch(removals.map(({ request }) => request)).size, 0);
  t.notRegex(ip("address show dev d0"), /203\.0\.113/);
});

test.serial(
  "announcementFrames(): one a VIP, with the MAC of its own interface, none where none can be",
  (t) => {
    const loopback: Vip = { ...vip, interface: "lo" };
    const frames = announcementFrames([vip, nowhere, loopback], linkOf);
    t.deepEqual(
      frames.map(({ interfaceIndex }) => interfaceIndex),
      [linkOf("d0")?.index, linkOf("lo")?.index],
    );
    const [first] = frames;
    t.is(Buffer.from(first?.bytes ?? []).toString("hex", 6, 12), "02005e100007");
  },
);

test.serial("addThings(): 500 addresses are one datagram, so one uninterrupted call", (t) => {
  const many = on(
    ...Array.from({ length: 500 }, (_, i) => ({
      ...single,
      address: `203.0.${113 + Math.floor(i / 250)}.${(i % 250) + 1}`,
    })),
  );
  const batches: number[] = [];
  let bytes = 0;
  const counted: Netlink = {
    ...netlink,
    batch(requests) {
      batches.push(requests.length);
      const writer = new MessageWriter();
      for (const { type, flags, body } of requests)
        writer.message({ type, flags, sequence: 0 }, body);
      bytes = writer.length;
      return netlink.batch(requests);
    },
  };
  const d0 = linkOf("d0");
  const startedMs = performance.now();
  t.is(addThings(counted, many, () => d0, LEASE_S).changed.length, 500);
  const tookMs = performance.now() - startedMs;
  t.deepEqual(batches, [500]);
  t.true(bytes < 128 << 10, "what netlink.batch() sends at once");
  t.log(`${bytes} bytes, put on in ${tookMs.toFixed(1)} ms`);
  t.is(removeThings(counted, many, () => d0).changed.length, 500);
});
