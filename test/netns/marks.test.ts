// Firewall marks that duet makes itself, on a kernel with nf_tables (ip_vs is not needed): which packets get them, and
// what becomes of them when the director is killed, everything is killed, somebody interferes, and at a stop.

import test from "ava";
import { IPVS_TABLES, openNftables } from "../../src/kernel/nftables.ts";
import { HERE, openPair } from "../helpers/daemon-pair.ts";
import { type Duet, duetCommand, killAtOnce, killQuietly, startDuet } from "../helpers/duet.ts";
import { sysctl } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

const IPV6 = { ipv6: true };
const pair = await openPair(test, IPV6);
const VIP = "10.9.0.51";
const VIP6 = "2001:db8:9::51";
const nftables = openNftables(IPVS_TABLES);
test.after.always(() => nftables.close());

/** What a packet has when it comes to where IPVS takes it. */
test.before("addresses, and counters behind the marks", () => {
  sysctl("net.ipv4.icmp_ratelimit=0");
  for (const address of [`${VIP}/32`, `${VIP6}/64`]) {
    pair.here.run(`ip address add ${address} dev ${HERE.device}`);
  }
  pair.there.run("ip address add 2001:db8:9::2/64 dev there0");
  nft("add table inet watch");
  for (const hook of ["input", "output"]) {
    nft(`add chain inet watch ${hook} { type filter hook ${hook} priority -99 ; }`);
  }
  nft(
    "add set inet watch seen { typeof iifname . meta mark . meta l4proto . th dport ; counter ; flags dynamic ; }",
  );
  nft(
    "add rule inet watch input ct direction original add @seen { iifname . meta mark . meta l4proto . th dport }",
  );
});

const MARKS = [`${VIP}:80 tcp`, `${VIP}:443 tcp`, `${VIP}:5000-5010 udp`];

function configOf(marks: readonly string[], head = ""): string {
  const service = (name: string, fwmark: number, server: string, own: readonly string[]): string =>
    [
      `[virtual_server.${name}]`,
      `fwmark = ${fwmark}`,
      "lb_kind = DR",
      "persistence_timeout = 300",
      ...own.map((mark) => `mark[] = ${mark}`),
      `[real_server.${name}.rs1]`,
      `address = ${server}`,
    ].join("\n");
  return `${head}\n${service("web", 99, "10.9.0.2", marks)}
${service("six", 100, "2001:db8:9::2", marks.length === 0 ? [] : [`[${VIP6}]:80`])}\n`;
}

test.serial(
  "packets to what is listed get the mark, others do not; a stop leaves nothing",
  async (t) => {
    const duet = await startDuet(t, configOf(MARKS));
    await eventually("the table", () => table() !== undefined);
    t.is(
      table(),
      `table inet duet_ipvs {
	comment "made by duet for IPVS"
	map marks4 {
		type ipv4_addr . inet_proto . inet_service : mark
		elements = { ${VIP} . tcp . 80 : 0x00000063,
			     ${VIP} . tcp . 443 : 0x00000063 }
	}

	map marks6 {
		type ipv6_addr . inet_proto . inet_service : mark
		elements = { ${VIP6} . tcp . 80 : 0x00000064 }
	}

	chain prerouting {
		type filter hook prerouting priority mangle; policy accept;
		meta mark set ip daddr . meta l4proto . th dport map @marks4
		meta mark set ip6 daddr . meta l4proto . th dport map @marks6
		ip daddr ${VIP} udp dport 5000-5010 meta mark set 0x00000063
	}

	chain output {
		type filter hook output priority mangle; policy accept;
		meta mark set ip daddr . meta l4proto . th dport map @marks4
		meta mark set ip6 daddr . meta l4proto . th dport map @marks6
		ip daddr ${VIP} udp dport 5000-5010 meta mark set 0x00000063
	}
}
`,
    );
    for (const port of [80, 443, 22]) touch(`tcp/${VIP}/${port}`);
    touch(`tcp/${HERE.address}/80`);
    for (const port of [4999, 5000, 5007, 5010, 5011]) touch(`udp/${VIP}/${port}`);
    touch(`udp/${VIP}/80`);
    for (const port of [80, 443]) touch(`tcp/${VIP6}/${port}`);
    t.deepEqual(seen(), [
      "0 tcp 22",
      "0 tcp 443",
      "0 tcp 80",
      "0 udp 4999",
      "0 udp 5011",
      "0 udp 80",
      "100 tcp 80",
      "99 tcp 443",
      "99 tcp 80",
      "99 udp 5000",
      "99 udp 5007",
      "99 udp 5010",
    ]);
    const status = await duet.status();
    t.deepEqual(status.virtual_servers[0]?.marks, MARKS);
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
    t.is(table(), undefined);
  },
);

test.serial(
  "the marks survive the director, and all of duet; nothing is written to adopt them",
  async (t) => {
    const config = configOf(MARKS);
    const duet = await startDuet(t, config);
    await eventually("the table", () => table() !== undefined);
    const before = nftables.generation();
    const killed = await duet.pidOf("director");
    killQuietly(killed, "SIGKILL");
    await eventually("another director", async () => {
      const { processes, virtual_servers } = await duet.status();
      const now = processes.find(({ role }) => role === "director");
      return now?.pid !== killed && (now?.restarts ?? 0) > 0 && virtual_servers.length > 0;
    });
    t.is(await reload(duet), "");
    t.is(nftables.generation(), before);
    killAtOnce(duet);
    await duet.ended;
    t.is(nftables.generation(), before);
    const next = await startDuet(t, config, { runDir: duet.runDir });
    await eventually(
      "the next director",
      async () => (await next.status()).virtual_servers.length > 0,
    );
    t.is(await reload(duet), "");
    t.is(nftables.generation(), before);
    killAtOnce(next);
    await next.ended;
    const { code, output } = await duetCommand(["release", "--run-dir", duet.runDir]);
    t.is(code, 0);
    t.regex(output, /^removed nftables table duet_ipvs$/m);
    t.is(table(), undefined);
  },
);

test.serial("a reload changes the marks, and no packet finds none", async (t) => {
  const with53 = [...MARKS, `${VIP}:53 udp`];
  const duet = await startDuet(t, configOf(with53));
  await eventually("the table", () => table() !== undefined);
  nft("flush set inet watch seen");
  const flood = pair.there.spawn("nice", [
    "bash",
    "-c",
    `while :; do echo >/dev/udp/${VIP}/5005; echo >/dev/udp/${VIP}/53; done`,
  ]);
  t.teardown(() => void flood.kill("SIGKILL"));
  await eventually("packets", () => packets("99 udp 5005") > 10);
  for (let i = 0; i < 4; i += 1) {
    duet.write(configOf(i % 2 === 0 ? with53.slice(1) : with53));
    t.is(await reload(duet), "");
    t.is(table()?.includes("tcp . 80 : 0x00000063"), i % 2 === 1);
  }
  const sofar = packets("99 udp 5005");
  await eventually("more packets", () => packets("99 udp 5005") > sofar);
  flood.kill("SIGKILL");
  t.deepEqual(seen(), ["99 udp 5005", "99 udp 53"]);
  duet.write(configOf(MARKS, "[global]\nnftables_ipvs = mine\n"));
  t.is(await reload(duet), "");
  t.deepEqual(nftables.ours(), ["mine"]);
  duet.write(configOf([]));
  t.is(await reload(duet), "");
  t.deepEqual(nftables.ours(), []);
});

test.serial("what somebody does to the table is repaired and told, or told only", async (t) => {
  const duet = await startDuet(t, configOf(MARKS));
  const before = await eventually("the table", table);
  let after = duet.lines().length;
  nft("delete table inet duet_ipvs");
  const repaired = { msg: "firewall marks: drift repaired" };
  t.deepEqual((await duet.said(repaired, { after }))["changed"], ["table duet_ipvs removed"]);
  t.is(table(), before);
  after = duet.lines().length;
  nft(`delete element inet duet_ipvs marks4 { ${VIP} . tcp . 443 }`);
  t.deepEqual((await duet.said(repaired, { after }))["changed"], [
    `mark 99 of ${VIP}:443 tcp removed`,
  ]);
  t.is(table(), before);

  duet.write(configOf(MARKS, "[global]\nlvs_drift = report\n"));
  t.is(await reload(duet), "");
  nft("flush chain inet duet_ipvs prerouting");
  const found = await duet.said({ msg: "firewall marks: drift found, left as it is" });
  t.deepEqual(
    found["changed"],
    [1, 2, 3].map((i) => `rule ${i} of prerouting removed`),
  );
  t.deepEqual((await duet.status()).lvs?.drift, found["changed"]);
  t.not(table(), before);
  duet.signal("SIGTERM");
  t.is(await duet.ended, 0);
  t.is(table(), undefined);
});

test.serial(
  "a table of somebody else is left alone: the service is in error until the name is free",
  async (t) => {
    nft("add table inet duet_ipvs");
    const duet = await startDuet(t, configOf(MARKS));
    const { error } = await duet.said({ msg: "firewall marks: packets do not get them" });
    t.regex(String(error), /the nftables table duet_ipvs is there already, and not duet's/);
    t.is(table(), "table inet duet_ipvs {\n}\n");
    nft("delete table inet duet_ipvs");
    await duet.said({ msg: "firewall marks: packets get them again" });
    t.true(table()?.includes("marks4"));
    duet.signal("SIGTERM");
    t.is(await duet.ended, 0);
  },
);

/** What went wrong. */
async function reload({ runDir }: Duet): Promise<string> {
  const { code, output } = await duetCommand(["reload", "--run-dir", runDir]);
  return code === 0 ? "" : output;
}

/** One packet at least, whatever is answered; "tcp/ADDRESS/PORT". */
function touch(where: string): void {
  try {
    pair.there.run(`timeout 5 bash --norc -c echo>/dev/${where}`);
  } catch {
    // "connection refused" is what a port without a listener answers.
  }
}

/** MARK PROTOCOL PORT of what came in. */
function seen(): readonly string[] {
  return [...counted().keys()].sort();
}

function packets(what: string): number {
  return counted().get(what) ?? 0;
}

function counted(): ReadonlyMap<string, number> {
  const elements = nft("list set inet watch seen").matchAll(
    /"here0" \. 0x([\da-f]+) \. (\w+) \. (\d+) counter packets (\d+)/g,
  );
  return new Map(
    Array.from(elements, ([, mark = "", protocol, port, count]) => [
      `${Number.parseInt(mark, 16)} ${protocol} ${port}`,
      Number(count),
    ]),
  );
}

function table(): string | undefined {
  try {
    return nft("list table inet duet_ipvs");
  } catch {
    return undefined;
  }
}

function nft(words: string): string {
  return pair.here.run(`/usr/sbin/nft ${words}`);
}
