import test from "ava";
import { type Place, whyNotHeld } from "../../src/vip/holdable.ts";
import type { Vip } from "../../src/vip/model.ts";

const four: Vip = {
  address: "203.0.113.1",
  prefixLength: 32,
  interface: "eth0",
  scope: "global",
  label: null,
  broadcast: null,
};
const six: Vip = { ...four, address: "2001:db8::1", prefixLength: 128 };
const well: Place = { hasNetAdmin: true, hasLink: () => true, isWithoutIpv6: () => false };

test("nothing keeps an address off a machine that is well", (t) => {
  t.is(whyNotHeld(four, well), undefined);
  t.is(whyNotHeld(six, well), undefined);
});

test("each thing that is missing is the reason", (t) => {
  t.regex(whyNotHeld(four, { ...well, hasNetAdmin: false }) ?? "", /CAP_NET_ADMIN/);
  t.is(whyNotHeld(four, { ...well, hasLink: () => false }), "interface eth0 does not exist");
});

test("IPv6 that is off keeps no IPv4 address off", (t) => {
  const place: Place = { ...well, isWithoutIpv6: (name) => name === "eth0" };
  t.is(whyNotHeld(four, place), undefined);
  t.is(whyNotHeld(six, place), "net.ipv6.conf.eth0.disable_ipv6 is 1");
  t.is(whyNotHeld({ ...six, interface: "eth1" }, place), undefined);
});
