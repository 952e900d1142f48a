import test from "ava";
import {
  addAddress,
  DUET_PROTO,
  encodeBody,
  listAddresses,
  removeAddress,
} from "../../src/kernel/addresses.ts";
import { MessageWriter } from "../../src/kernel/attributes.ts";
import { NETLINK_ROUTE, openNetlink } from "../../src/kernel/netlink.ts";
import { ifIndexOf } from "../../src/kernel/vrrp-raw.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { newAddress } from "./new-address.ts";

enterNewNetwork();
ip("link add d0 type veth peer name d0p");
ip("link set d0p up");
ip("link set d0 up");
const d0 = ifIndexOf("d0");
const netlink = openNetlink(NETLINK_ROUTE, "rtnetlink");

test.afterEach.always(() => void ip("address flush dev d0"));

test.serial("addAddress(): ip sees label, scope and broadcast", (t) => {
  const request = addAddress({
    ...newAddress({ interfaceIndex: d0 }),
    prefixLength: 24,
    scope: 253,
    label: "d0:vip",
    broadcast: "203.0.113.255",
  });
  netlink.request(request);
  const seen = ip("-d address show dev d0");
  t.regex(seen, /inet 203\.0\.113\.1\/24 brd 203\.0\.113\.255 scope link( proto 0xd7)? d0:vip/);
  t.regex(seen, /valid_lft forever/);
});

test.serial("addAddress(): without label and broadcast there are the kernel's own", (t) => {
  netlink.request(addAddress(newAddress({ interfaceIndex: d0 })));
  t.regex(ip("-d address show dev d0"), /inet 203\.0\.113\.1\/32 scope global( proto 0xd7)? d0\n/);
});

test.serial("addAddress(): a lease is the kernel's valid lifetime", (t) => {
  netlink.request(addAddress(newAddress({ interfaceIndex: d0, leaseS: 60 })));
  t.regex(ip("address show dev d0"), /valid_lft (60|59)sec preferred_lft (60|59)sec/);
});

test.serial("listAddresses() reads back what addAddress() wrote, and whose it is", (t) => {
  netlink.request(addAddress(newAddress({ interfaceIndex: d0, scope: 254, label: "d0:x" })));
  const [read] = listAddresses(netlink).filter(({ interfaceIndex }) => interfaceIndex === d0);
  t.deepEqual(read, {
    interfaceIndex: d0,
    address: "203.0.113.1",
    prefixLength: 32,
    scope: 254,
    secondary: false,
    tentative: false,
    label: "d0:x",
    proto: DUET_PROTO,
    brief: false,
    route: null,
  });
});

test.serial("listAddresses() tells a secondary address from the first of its network", (t) => {
  for (const last of [1, 2]) ip(`address add 198.51.100.${last}/24 dev d0`);
  const found = listAddresses(netlink).filter(({ interfaceIndex }) => interfaceIndex === d0);
  t.deepEqual(
    found.map(({ address, secondary, proto }) => [address, secondary, proto]),
    [
      ["198.51.100.1", false, null],
      ["198.51.100.2", true, null],
    ],
  );
});

test.serial("removeAddress() takes off exactly the prefix it is told", (t) => {
  ip("address add 203.0.113.1/24 dev d0");
  const errors = netlink.batch([removeAddress(newAddress({ interfaceIndex: d0 }))]);
  t.is(errors.get(0)?.code, "EADDRNOTAVAIL");
  t.regex(ip("address show dev d0"), /203\.0\.113\.1\/24/);
});

test.serial("encodeBody(): a removal sent later from its bytes is the same removal", (t) => {
  const address = newAddress({ interfaceIndex: d0 });
  const bytes = encodeBody(removeAddress(address), new MessageWriter());
  netlink.request(addAddress(address));
  netlink.request({ type: removeAddress(address).type, flags: 0, body: (w) => w.raw(bytes) });
  t.notRegex(ip("address show dev d0"), /203\.0\.113\.1/);
});

test.serial("addAddress(): peer, noprefixroute and a preferred lifetime of its own", (t) => {
  const address = {
    ...newAddress({ interfaceIndex: d0, leaseS: 60 }),
    prefixLength: 30,
    peer: "203.0.113.2",
    noPrefixRoute: true,
    preferredLftS: 5,
  } as const;
  netlink.request(addAddress(address));
  const seen = ip("-d address show dev d0");
  t.regex(seen, /inet 203\.0\.113\.1 peer 203\.0\.113\.2\/30 .*noprefixroute/);
  t.regex(seen, /valid_lft (60|59)sec preferred_lft [45]sec/);
  netlink.request(removeAddress(address));
  t.notRegex(ip("address show dev d0"), /203\.0\.113\.1/);
});
