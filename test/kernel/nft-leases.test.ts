// The tables of leases against a real kernel, in a network namespace of this process. What nft(8) prints is the judge.

import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import test from "ava";
import { openNftLeases } from "../../src/kernel/nft-leases.ts";
import { leasedElements, leaseTables, renewal } from "../../src/vip/lease-table.ts";
import type { Vip } from "../../src/vip/model.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

test.before(() => enterNewNetwork());

const NAME = "duet_lease_1000ms";
const COMMENT = "made by duet: the addresses answer only while its vrrp process renews the lease";
const DROP = "counter packets 0 bytes 0 drop";

const INET = `table inet ${NAME} {
	comment "${COMMENT}"
	set alive {
		type nf_proto
		flags timeout
	}

	set held {
		type nf_proto
		flags timeout
	}

	set addresses4 {
		type ipv4_addr
		elements = { 10.9.0.3 }
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
		type filter hook input priority raw - 10; policy accept;
		meta nfproto @alive accept
		meta nfproto != @held accept
		ip daddr @addresses4 ${DROP}
		ip6 daddr @addresses6 ${DROP}
		ip6 daddr . iifname @link_local ${DROP}
		icmpv6 type nd-neighbor-solicit @th,64,128 @addresses6 ${DROP}
		icmpv6 type nd-neighbor-solicit @th,64,128 . iifname @link_local ${DROP}
	}

	chain output {
		type filter hook output priority raw - 10; policy accept;
		meta nfproto @alive accept
		meta nfproto != @held accept
		meta l4proto vrrp @th,16,8 0x0 accept
		meta l4proto vrrp oifname "a0" @th,8,8 0x33 ${DROP}
		ip saddr @addresses4 ${DROP}
		ip6 saddr @addresses6 ${DROP}
		ip6 saddr . oifname @link_local ${DROP}
		icmpv6 type nd-neighbor-advert @th,64,128 @addresses6 ${DROP}
		icmpv6 type nd-neighbor-advert @th,64,128 . oifname @link_local ${DROP}
	}
}
`;

const ARP = `table arp ${NAME} {
	comment "${COMMENT}"
	set alive {
		type nf_proto
		flags timeout
	}

	set held {
		type nf_proto
		flags timeout
	}

	set addresses4 {
		type ipv4_addr
		elements = { 10.9.0.3 }
	}

	chain input {
		type filter hook input priority -310; policy accept;
		meta nfproto @alive accept
		meta nfproto != @held accept
		arp daddr ip @addresses4 ${DROP}
	}

	chain output {
		type filter hook output priority -310; policy accept;
		meta nfproto @alive accept
		meta nfproto != @held accept
		arp saddr ip @addresses4 ${DROP}
	}
}
`;

test.serial("the tables of a lease are what nft prints", (t) => {
  const nft = openNftLeases();
  t.teardown(nft.close);
  const vips = ["10.9.0.3", "2001:db8::3", "fe80::3"].map(vipOf);
  nft.make(leaseTables(NAME, [{ interface: "a0", vrid: 51 }]), leasedElements(NAME, vips));
  t.is(print("inet"), INET);
  t.is(print("arp"), ARP);
  const both = [
    { name: NAME, family: "inet" },
    { name: NAME, family: "arp" },
  ];
  t.deepEqual(nft.ours(), both);
});

test.serial(
  "it runs for as long as it was renewed for, also when it had run out before",
  async (t) => {
    const nft = openNftLeases();
    t.teardown(nft.close);
    for (const _ of ["first", "again"]) {
      nft.change(renewal(NAME, 60_000, 60_000));
      t.regex(print("inet"), /elements = \{ ipv4 timeout 1m.*, ipv6 timeout 1m/);
      t.regex(print("arp"), /elements = \{ 3 timeout 1m/);
      nft.change(renewal(NAME, 1, 1));
      await eventually("it ran out", () => !print("inet").includes("ipv4 timeout"));
      await eventually("it ran out", () => !print("arp").includes("3 timeout"));
    }
  },
);

test.serial("without it nothing passes, and everything does when that is over too", async (t) => {
  const nft = openNftLeases();
  t.teardown(nft.close);
  ip("address add 10.9.0.3/32 dev lo");
  const socket = createSocket("udp4").bind({ address: "10.9.0.3", exclusive: true });
  t.teardown(() => void socket.close());
  await once(socket, "listening");
  let heard = 0;
  socket.on("message", () => (heard += 1));
  const send = async (): Promise<string | undefined> =>
    new Promise((resolve) => {
      const { port, address } = socket.address();
      socket.send("x", port, address, (error) =>
        resolve(error === null ? undefined : codeOf(error)),
      );
    });
  nft.make(leaseTables(NAME, []), leasedElements(NAME, [vipOf("10.9.0.3")]));
  t.is(await send(), undefined, "it was never renewed");
  nft.change(renewal(NAME, 60_000, 60_000));
  t.is(await send(), undefined);
  nft.change(renewal(NAME, 1, 60_000));
  await eventually("silence", async () => (await send()) === "EPERM");
  nft.change(renewal(NAME, 1, 1));
  await eventually("no silence any more", async () => (await send()) === undefined);
  await eventually("all that was not refused", () => heard >= 3);
});

test.serial(
  "they outlive who made them, are taken over by who has the same name, and go together",
  (t) => {
    const nft = openNftLeases();
    t.teardown(nft.close);
    nft.make(leaseTables(NAME, []), leasedElements(NAME, [vipOf("10.9.0.4")]));
    t.true(print("arp").includes("elements = { 10.9.0.4 }"));
    t.false(print("inet").includes("10.9.0.3"));
    nft.remove(nft.ours());
    t.deepEqual(nft.ours(), []);
    execFileSync("/usr/sbin/nft", ["add", "table", "arp", NAME]);
    const error = t.throws(() => nft.make(leaseTables(NAME, []), []));
    t.like(error, { code: "EEXIST" }, "somebody else's");
    t.is(
      execFileSync("/usr/sbin/nft", ["list", "ruleset"], { encoding: "utf8" }).trim(),
      `table arp ${NAME} {\n}`,
    );
  },
);

function codeOf(error: Error): string | undefined {
  return "code" in error ? String(error.code) : undefined;
}

function print(family: string): string {
  return execFileSync("/usr/sbin/nft", ["list", "table", family, NAME], { encoding: "utf8" });
}

function vipOf(address: string): Vip {
  const rest = { prefixLength: 24, interface: "vrrp.51", scope: "global" } as const;
  return { address, ...rest, label: null, broadcast: null };
}
