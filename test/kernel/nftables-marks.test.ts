// Firewall marks of duet's own against a real kernel, in a network namespace of this process. What nft(8) prints is the judge.

import { execFileSync } from "node:child_process";
import test from "ava";
import { differences, marksTable, type WantedMark } from "../../src/ipvs/marks.ts";
import { partsOf } from "../../src/kernel/nft-read.ts";
import { IPVS_TABLES, type Nftables, openNftables } from "../../src/kernel/nftables.ts";
import { enterNewNetwork } from "../helpers/netns.ts";

let nftables: Nftables;
test.before(() => {
  enterNewNetwork();
  nftables = openNftables(IPVS_TABLES);
});
test.after.always(() => nftables.close());

const SETTINGS = { table: "duet_ipvs", priority: null };
const HTTP: WantedMark = {
  address: "172.17.253.110",
  firstPort: 80,
  lastPort: 80,
  protocol: "tcp",
  fwmark: 99,
};
const HTTPS = { ...HTTP, firstPort: 443, lastPort: 443 };
const HTTP6 = { ...HTTP, address: "2001:db8::110", fwmark: 0x1_0000 };
const RANGE = { ...HTTP, firstPort: 8000, lastPort: 8010, protocol: "udp", fwmark: 7 } as const;

const RANGE6 = { ...RANGE, address: "2001:db8::110", protocol: "sctp" } as const;

test.serial("the table is what nft prints, and reads as it was written", (t) => {
  const { table, elements } = marksTable(SETTINGS, [HTTP, HTTPS, HTTP6]);
  nftables.make(table, elements);
  t.is(
    printed(),
    `table inet duet_ipvs {
	comment "made by duet for IPVS"
	map marks4 {
		type ipv4_addr . inet_proto . inet_service : mark
		elements = { 172.17.253.110 . tcp . 80 : 0x00000063,
			     172.17.253.110 . tcp . 443 : 0x00000063 }
	}

	map marks6 {
		type ipv6_addr . inet_proto . inet_service : mark
		elements = { 2001:db8::110 . tcp . 80 : 0x00010000 }
	}

	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		meta mark set ip daddr . meta l4proto . th dport map @marks4
		meta mark set ip6 daddr . meta l4proto . th dport map @marks6
	}

	chain output {
		type filter hook output priority mangle; policy accept;
		meta mark set ip daddr . meta l4proto . th dport map @marks4
		meta mark set ip6 daddr . meta l4proto . th dport map @marks6
	}
}
`,
  );
  t.deepEqual(differences(partsOf(table, elements), nftables.read("duet_ipvs") ?? new Map()), []);
  t.deepEqual(nftables.ours(), ["duet_ipvs"]);
});

test.serial("ranges of ports, beside ports; and another table in its place", (t) => {
  const { table, elements } = marksTable({ ...SETTINGS, priority: -1 }, [HTTP, RANGE, RANGE6]);
  nftables.make(table, elements);
  const text = printed();
  t.true(text.includes("172.17.253.110 . tcp . 80 : 0x00000063"), text);
  const range = "ip daddr 172.17.253.110 udp dport 8000-8010 meta mark set 0x00000007";
  t.is(text.split(range).length, 3, text);
  t.true(
    text.includes(range.replace("ip daddr 172.17.253.110 udp", "ip6 daddr 2001:db8::110 sctp")),
  );
  t.regex(text, /hook prerouting priority filter - 1;/);
  t.regex(text, /hook output priority mangle;/);
  t.deepEqual(differences(partsOf(table, elements), nftables.read("duet_ipvs") ?? new Map()), []);
});

test.serial("what somebody does to it is found, and said in words", (t) => {
  const { table, elements } = marksTable(SETTINGS, [HTTP, HTTPS]);
  const drift = (command: string): readonly string[] => {
    nftables.make(table, elements);
    const before = nftables.generation();
    nft(...command.split(" "));
    t.not(nftables.generation(), before);
    return differences(partsOf(table, elements), nftables.read("duet_ipvs") ?? new Map());
  };
  nftables.make(table, elements);
  const before = nftables.generation();
  nftables.read("duet_ipvs");
  t.is(nftables.generation(), before, "a look changes nothing");
  const chain = "inet duet_ipvs prerouting";
  t.deepEqual(drift("delete element inet duet_ipvs marks4 { 172.17.253.110 . tcp . 443 }"), [
    "mark 99 of 172.17.253.110:443 tcp removed",
  ]);
  t.deepEqual(drift("add element inet duet_ipvs marks4 { 172.17.253.110 . udp . 53 : 5 }"), [
    "mark 5 of 172.17.253.110:53 udp added",
  ]);
  t.deepEqual(drift(`flush chain ${chain}`), ["rule 1 of prerouting removed"]);
  t.deepEqual(drift(`insert rule ${chain} meta mark set 1`), [
    "rule 1 of prerouting changed",
    "rule 2 of prerouting added",
  ]);
  t.deepEqual(drift(`chain ${chain} { policy drop ; }`), ["chain prerouting changed"]);
  t.deepEqual(drift("add table inet duet_ipvs { flags dormant ; }"), ["flags of the table added"]);
  nft("flush", "ruleset");
  t.is(nftables.read("duet_ipvs"), undefined);
});

test.serial("it stays when the socket that made it is closed", (t) => {
  const other = openNftables(IPVS_TABLES);
  const { table, elements } = marksTable(SETTINGS, [HTTP]);
  other.make(table, elements);
  other.close();
  t.deepEqual(nftables.ours(), ["duet_ipvs"]);
  nftables.remove("duet_ipvs");
  t.is(nft("list", "ruleset"), "");
});

function printed(): string {
  return nft("list", "table", "inet", "duet_ipvs");
}

function nft(...words: readonly string[]): string {
  return execFileSync("/usr/sbin/nft", words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
