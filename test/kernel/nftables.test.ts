// Our nftables messages against a real kernel, in a network namespace of this process. What nft(8) prints is the judge.

import { execFileSync } from "node:child_process";
import test from "ava";
import { isKernelError } from "../../src/kernel/errors.ts";
import { FIREWALL_TABLES, openNftables } from "../../src/kernel/nftables.ts";
import { firewallElements, firewallTable } from "../../src/vip/firewall.ts";
import type { Vip } from "../../src/vip/model.ts";
import { enterNewNetwork } from "../helpers/netns.ts";

test.before(() => enterNewNetwork());

const SETTINGS = { table: "duet", priority: null, counters: false };

test.serial("a table, its sets and its elements are what nft prints", (t) => {
  const nftables = openNftables(FIREWALL_TABLES);
  t.teardown(nftables.close);
  const vips = ["10.9.0.3", "10.9.0.4", "2001:db8::3", "fe80::3"].map(vipOf);
  nftables.make(firewallTable(SETTINGS), firewallElements(vips));
  t.deepEqual(nftables.ours(), ["duet"]);
  t.is(
    nft("list", "table", "inet", "duet").replace(/ # progname .*/, ""),
    `table inet duet {
	flags owner
	comment "made by duet"

	set addresses4 {
		type ipv4_addr
		elements = { 10.9.0.3, 10.9.0.4 }
	}

	set addresses6 {
		type ipv6_addr
		elements = { 2001:db8::3 }
	}

	set link_local {
		type ipv6_addr . ifname
		elements = { fe80::3 . "vrrp.51" }
	}

	chain input {
		type filter hook input priority 101; policy accept;
		ip daddr @addresses4 drop
		icmpv6 type nd-neighbor-solicit accept
		icmpv6 type nd-neighbor-advert accept
		ip6 daddr @addresses6 drop
		ip6 daddr . iifname @link_local drop
	}

	chain output {
		type filter hook output priority -101; policy accept;
		ip saddr @addresses4 drop
		icmpv6 type nd-neighbor-solicit accept
		icmpv6 type nd-neighbor-advert accept
		ip6 saddr @addresses6 drop
		ip6 saddr . oifname @link_local drop
	}
}
`,
  );
  const [first, second, ...rest] = vips;
  if (first === undefined || second === undefined) throw new Error("no addresses");
  nftables.change("duet", {
    add: firewallElements([vipOf("10.9.0.5")]),
    remove: firewallElements([first, ...rest]),
  });
  t.deepEqual(elementsOf("duet"), ["10.9.0.4, 10.9.0.5"]);
  t.throws(() => nftables.change("duet", { add: [], remove: firewallElements([first]) }), {
    message: /ENOENT/,
  });
  t.deepEqual(elementsOf("duet"), ["10.9.0.4, 10.9.0.5"], "all or nothing");
});

test.serial("a table goes with the process that made it, and only that one changes it", (t) => {
  const first = openNftables(FIREWALL_TABLES);
  first.make(firewallTable(SETTINGS), []);
  t.throws(() => nft("delete", "table", "inet", "duet"));
  nft("flush", "ruleset");
  t.deepEqual(first.ours(), ["duet"]);
  first.close();
  t.is(nft("list", "ruleset"), "");
});

test.serial("priority and counters are as configured; a table is removed whole", (t) => {
  const nftables = openNftables(FIREWALL_TABLES);
  t.teardown(nftables.close);
  nftables.make(firewallTable({ table: "other", priority: -1, counters: true }), []);
  const printed = nft("list", "table", "inet", "other");
  t.true(printed.includes("hook input priority filter - 1;"), printed);
  t.true(printed.includes("ip daddr @addresses4 counter packets 0 bytes 0 drop"), printed);
  nftables.remove("other");
  t.is(nft("list", "ruleset"), "");
});

test.serial("a table of somebody else is left alone; one with our mark is replaced", (t) => {
  const nftables = openNftables(FIREWALL_TABLES);
  t.teardown(nftables.close);
  nft("add", "table", "inet", "duet");
  const error = t.throws(() => nftables.make(firewallTable(SETTINGS), []));
  t.true(isKernelError(error, "EEXIST"), String(error));
  t.is(nft("list", "ruleset"), "table inet duet {\n}\n");
  nft("delete", "table", "inet", "duet");
  // As a kernel without owners leaves it after a crash.
  nft("add", "table", "inet", "duet", '{ comment "made by duet" ; }');
  nft("add", "chain", "inet", "duet", "old");
  nftables.make(firewallTable(SETTINGS), []);
  t.false(nft("list", "ruleset").includes("chain old"));
});

function vipOf(address: string): Vip {
  const prefixLength = address.includes(":") ? 64 : 24;
  const plain = { scope: "global", label: null, broadcast: null } as const;
  return { address, prefixLength, interface: "vrrp.51", ...plain };
}

function elementsOf(table: string): readonly string[] {
  const printed = nft("list", "table", "inet", table);
  return [...printed.matchAll(/elements = \{ (.*) \}/g)].map(([, elements = ""]) => elements);
}

function nft(...words: readonly string[]): string {
  return execFileSync("/usr/sbin/nft", words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}
