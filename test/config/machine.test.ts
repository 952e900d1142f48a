// What a file says about the machine it is read on, and what is not there.

import test from "ava";
import { configOf, INSTANCE, linesOf, SERVICE } from "./helpers.ts";

const HERE: ReadonlyMap<string, number> = new Map([
  ["lo", 0x9],
  ["mylo", 0x9],
  ["eth0", 0x1003],
  ["eth1", 0x1003],
]);
const machine = {
  deviceFlags: (device: string): number | null => HERE.get(device) ?? null,
  directoryProblem: (path: string): string | undefined =>
    path === "/etc" ? undefined : "it does not exist",
};

for (const device of ["lo", "mylo"]) {
  test(`interface = ${device} is refused: it reaches nobody, so that every node is the master`, (t) => {
    t.deepEqual(linesOf(INSTANCE.replace("eth0", device), machine), [
      `2: Cannot use interface ${device}: it must be one that reaches the other director, and loopback reaches nobody (addresses may be on it: "dev ${device}")`,
    ]);
  });
}

test("interface = lo is refused on any machine, and an address on lo is not", (t) => {
  t.is(linesOf(INSTANCE.replace("eth0", "lo")).length, 1);
  t.deepEqual(linesOf(INSTANCE.replace("/24", "/32 dev lo"), machine), []);
});

test("an interface that is not here is told once, with what it means; one that duet makes is not", (t) => {
  const text = `[global]
static_ipaddress[] = 10.0.0.9/24 dev eth9
${INSTANCE.replace("eth0", "eth5").replace("/24", "/24 dev eth5")}use_vmac = vrrp.51
virtual_ipaddress[] = 10.0.0.101/24 dev vrrp.51
track_interface[] = eth6
track_interface[] = eth1
[interface.eth7]
down_delay = 1
[garp_group.g]
garp_interval = 1
interface[] = eth8
[check.c]
type = tcp
bind_interface = eth4
`;
  t.deepEqual(linesOf(text, machine), [
    "2: warning: There is no interface eth9 on this machine: 10.0.0.9 waits for it",
    "4: warning: There is no interface eth5 on this machine: [vrrp_instance.VI_1] is in FAULT until it comes",
    "9: warning: There is no interface eth6 on this machine: it counts as down until it is",
    "11: warning: There is no interface eth7 on this machine: the section says nothing until it comes",
    "15: warning: There is no interface eth8 on this machine: nothing is paced on it until it comes",
    "18: warning: There is no interface eth4 on this machine: [check.c] fails until it comes",
  ]);
});

test("a directory that is missing is told", (t) => {
  const text = `[global]\nmaintenance_dir = /nosuch\n${SERVICE}`;
  t.deepEqual(linesOf(text, machine), [
    "2: warning: The directory /nosuch is no good, it does not exist: maintenance_dir takes nobody out until it is there",
  ]);
  t.deepEqual(linesOf(text.replace("/nosuch", "/etc"), machine), []);
  const monitored = SERVICE.replace("tcp", "tcp\nmonitor_file = /var/none/web");
  t.deepEqual(linesOf(monitored, machine), [
    "4: warning: The directory /var/none is no good, it does not exist: monitor_file cannot be written",
  ]);
});

const PROMOTED = `${INSTANCE}bfd_promote = peer\n[bfd_instance.peer]\nneighbor_ip = 10.9.0.2\n`;
const isOnLink = (_device: string, address: string): boolean => address.startsWith("10.0.0.");

test("bfd_promote by a session with another address than the adverts' is told", (t) => {
  const end = "(it must be the address that the other director's adverts come from)";
  t.deepEqual(linesOf(PROMOTED), []);
  t.deepEqual(linesOf(PROMOTED, { isOnLink: () => undefined }), []);
  t.deepEqual(linesOf(PROMOTED.replace("10.9.0.2", "10.0.0.2"), { isOnLink }), []);
  t.deepEqual(linesOf(PROMOTED, { isOnLink }), [
    `5: warning: bfd_promote peer has no effect: its neighbor_ip 10.9.0.2 is in no network of eth0, where adverts come from ${end}`,
  ]);
  t.deepEqual(linesOf(PROMOTED.replace("10.9.0.2", "fe80::2")), [
    `5: warning: bfd_promote peer has no effect: its neighbor_ip fe80::2 is IPv6, and adverts come by IPv4 ${end}`,
  ]);
  const unicast = PROMOTED.replace("bfd_promote", "unicast_peer[] = 10.0.0.2\nbfd_promote");
  t.deepEqual(linesOf(unicast, { isOnLink }), [
    `6: warning: bfd_promote peer has no effect: its neighbor_ip 10.9.0.2 is no unicast_peer, and adverts come from 10.0.0.2 ${end}`,
  ]);
  t.deepEqual(linesOf(unicast.replace("10.9.0.2", "10.0.0.2")), []);
});

test("a link-local address is another one on each link, and any other is one", (t) => {
  const second = INSTANCE.replace("VI_1", "VI_2").replace("eth0", "eth1").replace("51", "52");
  const gateways = `${INSTANCE}${second}`.replaceAll("10.0.0.100/24", "fe80::1/64");
  t.deepEqual(linesOf(gateways), []);
  t.deepEqual(
    configOf(gateways).vrrpInstances.map(({ vips: [vip] }) => `${vip?.address} ${vip?.interface}`),
    ["fe80::1 eth0", "fe80::1 eth1"],
  );
  const same = gateways.replace("eth1", "eth0");
  t.deepEqual(linesOf(same), [
    "8: Cannot use virtual_ipaddress fe80::1 twice: [vrrp_instance.VI_1] (line 4) has it already",
  ]);
  const excluded = gateways.replace(
    /virtual_ipaddress(?=\[\] = fe80::1\/64\n$)/,
    "virtual_ipaddress_excluded",
  );
  t.deepEqual(linesOf(`${excluded}virtual_ipaddress[] = 10.0.0.7\n`), []);
  t.is(linesOf(`${excluded.replace("eth1", "eth0")}virtual_ipaddress[] = 10.0.0.7\n`).length, 1);
  t.is(linesOf(`${INSTANCE}${second}`).length, 1);
});

test("min_tx, min_rx and idle_tx of BFD: a number alone is milliseconds, as keepalived's word", (t) => {
  const text = `${INSTANCE}track_bfd[] = peer\n[bfd_instance.peer]\nneighbor_ip = 10.0.0.2\n`;
  const [session] = configOf(`${text}min_rx = 50\nmin_tx = 0.3s\nidle_tx = 2000\n`).trackers.bfd;
  t.like(session, { minRxMs: 50, minTxMs: 300, idleTxMs: 2000 });
  const effect = "a number alone is milliseconds here, as in keepalived, and seconds elsewhere";
  t.deepEqual(linesOf(`${text}min_rx = 50\nmin_tx = 50ms\nidle_tx = 1s\n`), [
    `8: warning: min_rx 50: ${effect}: write 50ms`,
  ]);
  t.deepEqual(linesOf(`${text}idle_tx = 1\n`), [
    "8: Cannot use idle_tx 1: it must be a time from 1s to 86400s, with its unit, such as 50ms or 1s",
  ]);
});

test("a virtual address that is the only one of its interface here is refused, beside another one it is not", (t) => {
  const on = (...own: readonly string[]) => ({ ...machine, addressesOn: () => own });
  const [line = ""] = linesOf(INSTANCE, on("10.0.0.100", "fe80::1"));
  t.regex(
    line,
    /^\d+: Cannot use 10\.0\.0\.100 as virtual: eth0 of this machine has no other IPv4 address, /,
  );
  t.deepEqual(linesOf(INSTANCE, on("10.0.0.100", "10.0.0.1")), []);
  t.deepEqual(linesOf(INSTANCE, on()), []);
  t.deepEqual(linesOf(`${INSTANCE}mcast_src_ip = 10.0.0.7\n`, on("10.0.0.100")), []);
});

test("an owner sends from its own address, and so do others on its interface: with what follows from that", (t) => {
  const on = (...own: readonly string[]) => ({ ...machine, addressesOn: () => own });
  const owner = `${INSTANCE}priority = 255\n`;
  const from = (text: string, ...own: readonly string[]): readonly string[] =>
    linesOf(text, on(...own)).filter((line) => !line.includes("is no address of this machine"));
  const [line = "", ...more] = from(owner, "10.0.0.100");
  t.regex(
    line,
    /^\d+: warning: The adverts of \[vrrp_instance\.VI_1\] leave from 10\.0\.0\.100, for eth0 has no other address: /,
  );
  t.deepEqual(more, []);
  t.deepEqual(from(owner, "10.0.0.100", "10.0.0.1"), []);
  // RFC 5798 §4.2: each of two routers is the owner of one address, and the backup of the other.
  const other = INSTANCE.replace("VI_1", "B").replace("10.0.0.100", "10.0.0.101");
  const both = `${owner}${other.replace("= 51", "= 99")}`;
  t.deepEqual(
    from(both, "10.0.0.100").map((each) => /\[vrrp_instance\.\w+\]/.exec(each)?.[0]),
    ["[vrrp_instance.VI_1]", "[vrrp_instance.B]"],
  );
  // An address of somebody who is no owner is none, whoever needs it.
  t.regex(from(both, "10.0.0.101").join("\n"), /Cannot use 10\.0\.0\.101 as virtual/);
});
