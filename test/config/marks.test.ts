// Firewall marks that duet makes itself: what is read, and what is refused.

import test from "ava";
import { markLine } from "../../src/config/director/ipvs-lines.ts";
import { printConfig } from "../../src/config/print.ts";
import { configOf, linesOf } from "./helpers.ts";

const WEB = `[real_server.web.rs1]
address = 10.0.0.21
[virtual_server.web]
fwmark = 99
mark[] = 10.0.0.100:80
`;

test("addresses with ports and ranges of them, tcp where nothing is said", (t) => {
  const ports = (firstPort: number, lastPort = firstPort): object => ({ firstPort, lastPort });
  const read = (text: string): unknown => {
    const judged = markLine.parse(text);
    return judged.ok ? judged.value : judged.mustBe;
  };
  t.deepEqual(read("10.0.0.1:80"), { address: "10.0.0.1", ...ports(80), protocol: "tcp" });
  t.deepEqual(read("10.0.0.1:5060 UDP"), { address: "10.0.0.1", ...ports(5060), protocol: "udp" });
  t.deepEqual(read("[2001:DB8::1]:1-65535  sctp"), {
    address: "2001:db8::1",
    ...ports(1, 65535),
    protocol: "sctp",
  });
  t.regex(String(read("10.0.0.1:80 tpc")), /\(did you mean "tcp"\?\)$/);
  t.regex(String(read("10.0.0.1:80-70")), /a range that goes upwards$/);
  for (const text of [
    "10.0.0.1",
    "80",
    ":80",
    "10.0.0.1:0",
    "10.0.0.1:1-65536",
    "10.0.0.1:-80",
    "10.0.0.1:80-",
    "2001:db8::1:80",
    "224.0.0.1:80",
    "10.0.0.1:80 tcp udp",
    "host:80",
  ]) {
    // biome-ignore format: a list
    t.regex(String(read(text)), /^ADDRESS:PORT\[-PORT\] \[tcp\|udp\|sctp\]/, text);
  }
});

test("what is marked is printed so that it reads the same; the table has a name and a priority", (t) => {
  const text = `[global]\nnftables_ipvs = mine\nnftables_ipvs_priority = -1\n${WEB}mark[] = 10.0.0.100:8000-8010 udp\n`;
  const config = configOf(text);
  t.deepEqual(config.lvs.marks, { table: "mine", priority: -1 });
  t.deepEqual(
    config.virtualServers[0]?.marks.map(({ firstPort, lastPort }) => [firstPort, lastPort]),
    [
      [80, 80],
      [8000, 8010],
    ],
  );
  t.deepEqual(configOf(printConfig(config)), config);
  t.deepEqual(configOf(WEB).lvs.marks, { table: "duet_ipvs", priority: null });
});

test("the family of the service is that of what is marked, and one family it is", (t) => {
  const inet6 = WEB.replace("10.0.0.100:80", "[2001:db8::1]:80");
  const tun = `${inet6}lb_kind = TUN\n`;
  t.deepEqual(configOf(tun).virtualServers[0]?.keys, [{ kind: "fwmark", fwmark: 99, family: 6 }]);
  t.deepEqual(linesOf(`${WEB}mark[] = [2001:db8::1]:80\n`), [
    "6: Cannot use mark [2001:db8::1]:80 tcp in [virtual_server.web]: the service is IPv4 by the first mark, and the other family needs a virtual server of its own",
  ]);
  t.regex(
    linesOf(`${WEB}ip_family = inet6\nlb_kind = TUN`).join(),
    /^5: Cannot use mark 10\.0\.0\.100:80 tcp .*is IPv6 by ip_family/,
  );
});

test("a mark is that of a firewall-mark service", (t) => {
  t.deepEqual(
    linesOf(WEB.replace("fwmark = 99", "address = 10.0.0.9:80\nprotocol = tcp")).filter((line) =>
      line.includes("mark"),
    ),
    ['6: Cannot use mark without fwmark: add "fwmark = N", the mark that its packets get'],
  );
});

test("no packet has two marks, and none is taken from a service with an address", (t) => {
  t.deepEqual(linesOf(`${WEB}mark[] = 10.0.0.100:80 tcp\n`), [
    "6: Cannot use mark 10.0.0.100:80 tcp twice (line 5)",
  ]);
  t.deepEqual(linesOf(`${WEB}mark[] = 10.0.0.100:80 udp\nmark[] = 10.0.0.101:80\n`), []);
  const other = WEB.replaceAll("web", "b").replace("99", "98");
  t.deepEqual(linesOf(`${WEB}${other.replace(":80", ":1-1024")}`), [
    "10: Cannot use mark 10.0.0.100:1-1024 tcp in two virtual servers: [virtual_server.web] has it already (line 5, as 10.0.0.100:80 tcp)",
  ]);
  const byAddress =
    "[virtual_server.c]\naddress = 10.0.0.100:80\nprotocol = tcp\n[real_server.c.r]\naddress = 10.0.0.21:80\n";
  t.deepEqual(linesOf(`${WEB}${byAddress}`), [
    "5: Cannot use mark 10.0.0.100:80 tcp in [virtual_server.web]: it is the address of [virtual_server.c] (line 6), which would get nothing",
  ]);
});

test("a mark that others make too, and probes with the mark, are warned of", (t) => {
  const inet6 =
    "[virtual_server.six]\nfwmark = 99\n[real_server.six.r]\naddress = 2001:db8::21\n[check.c]\ntype = tcp\nport = 80\nfwmark = 99\n";
  t.deepEqual(linesOf(`${WEB}${inet6}`), [
    "4: warning: fwmark 99 is made by duet for [virtual_server.web], and by hand for [virtual_server.six] (line 6): name the packets of both with mark, or use another number for one",
    "13: warning: Cannot probe one real server with fwmark 99: it is the mark of [virtual_server.web], and IPVS spreads the probes like clients (use another mark)",
  ]);
});

test("the firewall of the addresses has a table of its own", (t) => {
  t.deepEqual(linesOf(`[global]\nnftables = duet_ipvs\n${WEB}`), [
    '2: Cannot use the table "duet_ipvs" for both nftables and nftables_ipvs: each needs one of its own',
  ]);
});

test("ha_suspend looks at the addresses that are marked", (t) => {
  t.deepEqual(linesOf(`${WEB}ha_suspend`), []);
});
