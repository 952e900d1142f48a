// What is printed, beside what ipvsadm 1.31 printed for the same table on a real kernel (test/vectors/ipvsadm.txt).

import { readFileSync } from "node:fs";
import test from "ava";
import { type Format, PLAIN } from "../../../src/ipvs/ipvsadm/command.ts";
import { connectionsText, readConnections } from "../../../src/ipvs/ipvsadm/connections.ts";
import { listingJson } from "../../../src/ipvs/ipvsadm/json.ts";
import { tableText as tableParts, versionLine } from "../../../src/ipvs/ipvsadm/list-text.ts";
import type { Naming } from "../../../src/ipvs/ipvsadm/naming.ts";
import { parse } from "../../../src/ipvs/ipvsadm/parse.ts";
import { restore } from "../../../src/ipvs/ipvsadm/restore.ts";
import { saveText } from "../../../src/ipvs/ipvsadm/save-text.ts";
import { daemonsText, timeoutsText } from "../../../src/ipvs/ipvsadm/settings-text.ts";
import { sortedServices } from "../../../src/ipvs/ipvsadm/sorting.ts";
import type { ListedService } from "../../../src/ipvs/model.ts";

const services: Readonly<Record<string, string>> = {
  "80": "http",
  "53": "domain",
  "443": "https",
  "5353": "mdns",
};
const naming = {
  hostOf: () => undefined,
  serviceOf: (port: number) => services[String(port)],
};

const golden = new Map(
  readFileSync("test/vectors/ipvsadm.txt", "utf8")
    .split(/^=== /m)
    .map((section) => {
      const end = section.indexOf("\n") + 1;
      return [section.slice(0, end - 1), section.slice(end)] as const;
    }),
);
const saved = golden.get("ipvsadm -S -n") ?? "";
const THRESHOLDS = " -x 100 -y 50";
const lines = saved.replace("10.0.0.11:80 -g -w 2", `10.0.0.11:80 -g -w 2${THRESHOLDS}`);
const table = listed(lines);
const MODES: readonly (readonly [string, Partial<Format>])[] = [
  ["-L -n", { numeric: true }],
  ["-L", {}],
  ["-L -n --stats", { numeric: true, stats: true }],
  ["-L -n --rate", { numeric: true, rate: true }],
  ["-L -n --thresholds", { numeric: true, thresholds: true }],
  ["-L -n --persistent-conn", { numeric: true, persistentConnections: true }],
  ["-L -n --tun-info", { numeric: true, tunnelInfo: true }],
  ["-L -n --exact --stats", { numeric: true, exact: true, stats: true }],
];

function tableText(...[services, ...how]: [readonly ListedService[], Format, Naming]): string {
  const [{ sorted }] = how;
  return [...tableParts(sorted ? sortedServices(services) : services, ...how)].join("");
}

for (const [line, format] of MODES) {
  test(`tableText() prints ${line} as ipvsadm does`, (t) => {
    const text = tableText(table, { ...PLAIN, ...format }, format.numeric ? null : naming);
    t.is(versionLine("1.2.1", 4096) + text, golden.get(`ipvsadm ${line}`) ?? "");
  });
}

test("saveText() writes ipvsadm's lines, and the thresholds that it drops", (t) => {
  t.is(saveText(table, null), lines);
  t.is(saveText(table, null).replace(THRESHOLDS, ""), saved);
  t.is(saveText([], null), "");
});

test("a third flag of sh is saved as something that can be read", (t) => {
  const odd = listed("-A -t 10.0.0.1:80 -s sh -b sh-port,flag-3");
  t.is(saveText(odd, null), "-A -t 10.0.0.1:80 -s sh -b sh-port,flag-3\n");
  t.true(tableText(odd, PLAIN, null).endsWith("TCP  10.0.0.1:80 sh (sh-port)\n"));
  const none = tableText(listed("-A -t 10.0.0.1:80 -s sh -b flag-3"), PLAIN, null);
  t.true(none.endsWith("TCP  10.0.0.1:80 sh ()\n"));
});

test("large numbers are short until they are asked for exactly", (t) => {
  const numbers = [99_999_999n, 100_000_000n, 1_000_000_000n, 100_000_000_000n, 123_456_789_012_345n];
  const [connections = 0n, packetsIn = 0n, packetsOut = 0n, bytesIn = 0n, bytesOut = 0n] = numbers;
  const counted = { connections, packetsIn, packetsOut, bytesIn, bytesOut };
  const rates = { connectionsPerS: 1n, packetsInPerS: 2n, packetsOutPerS: 3n, bytesInPerS: 4n, bytesOutPerS: 123_456_789n };
  const [service] = listed("-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2");
  const traffic = { ...counted, ...rates };
  const busy = [{ ...service, traffic, destinations: service?.destinations.map((each) => ({ ...each, traffic })) }] as ListedService[];
  const rows = (format: Partial<Format>) => tableText(busy, { ...PLAIN, ...format }, null).split("\n").slice(2);
  t.deepEqual(rows({ stats: true }), [
    "TCP  10.0.0.1:80                  99999999  100000K    1000M     100G     123T",
    "  -> 10.0.0.2:80                  99999999  100000K    1000M     100G     123T",
    "",
  ]);
  t.deepEqual(rows({ stats: true, exact: true })[0], "TCP  10.0.0.1:80                  99999999 100000000 1000000000 100000000000 123456789012345");
  t.deepEqual(rows({ rate: true }), [
    "TCP  10.0.0.1:80                         1        2        3        4  123456K",
    "  -> 10.0.0.2:80                         1        2        3        4  123456K",
    "",
  ]);
}); // biome-ignore format: one a line

test("addresses far apart are sorted as ipvsadm sorts them", (t) => {
  // 192 - 10 is negative in 32 bits: there is no order that all comparisons agree with.
  const addresses = ["10.0.0.1", "192.0.0.1", "100.0.0.1", "200.0.0.1"];
  const service = addresses.map((address) => `-a -f 1 -r ${address}:80`).join("\n");
  const order = [...saveText(listed(`-A -f 1\n${service}`), null).matchAll(/-r (\d+)\./g)];
  t.deepEqual(
    order.map(([, first]) => first),
    ["100", "192", "200", "10"],
  );
});

test("timeouts and sync daemons", (t) => {
  t.is(
    timeoutsText({ tcpS: 900, tcpFinS: 120, udpS: 300 }),
    golden.get("ipvsadm -L --timeout") ?? "",
  );
  t.is(daemonsText([]), golden.get("ipvsadm -L --daemon") ?? "none");
  t.is(
    daemonsText([
      { state: "master", interface: "d0", syncId: 5, maxLengthBytes: 1400, group: "239.1.2.3", port: 9000, ttl: 3 },
      { state: "backup", interface: "d0", syncId: 5 },
    ]),
    "master sync daemon (mcast=d0, syncid=5, maxlen=1400, group=239.1.2.3, port=9000, ttl=3)\n" +
      "backup sync daemon (mcast=d0, syncid=5)\n",
  );
}); // biome-ignore format: one a line

const CONNECTIONS = `Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData
TCP 0A000001 C350 0A000064 0050 0A01000B 1F90 ESTABLISHED     899
IP  0A000001 0000 00000063 0000 0A01000B 0000 NONE            59
UDP 2001:0db8:0000:0000:0000:0000:0000:0002 C351 2001:0db8:0000:0000:0000:0000:0000:0001 13C4 2001:0db8:0000:0000:0000:0000:0000:0011 13C4 UDP            6000 sip 1234@example
`;

test("connections: addresses of hexadecimal digits, minutes, templates, what the engine keeps", (t) => {
  const connections = readConnections(CONNECTIONS);
  t.is(
    connectionsText(connections, { withEngine: false, naming: null }),
    `IPVS connection entries
pro expire state       source             virtual            destination
TCP 14:59  ESTABLISHED 10.0.0.1:50000     10.0.0.100:80      10.1.0.11:8080
IP  00:59  NONE        10.0.0.1:0         0.0.0.99:0         10.1.0.11:0
UDP 100:00 UDP         [2001:db8::2]:50001 [2001:db8::1]:5060 [2001:db8::11]:5060
`,
  );
  t.true(
    connectionsText(connections, { withEngine: true, naming: null }).endsWith(
      "[2001:db8::11]:5060 sip                1234@example\n",
    ),
  );
  t.like(JSON.parse(listingJson({ what: "connections", connections })), {
    connections: [
      { protocol: "tcp", expires_s: 899, destination: { address: "10.1.0.11", port: 8080 } },
      { protocol: "ip" },
      { persistence_engine: "sip", persistence_data: "1234@example" },
    ],
  });
});

test("the table as JSON", (t) => {
  const info = { version: "1.2.1", connectionTableSize: 4096 };
  const text = listingJson({ what: "table", info, services: table, sorted: true });
  const value = JSON.parse(text) as { services: { fwmark: number | null; family: string }[] };
  t.like(value, { version: "1.2.1", connection_table_size: 4096 });
  t.deepEqual(value.services[0], {
    protocol: "tcp",
    address: "10.0.0.100",
    port: 80,
    fwmark: null,
    family: "inet",
    scheduler: "wlc",
    scheduler_flags: [],
    one_packet: false,
    persistence: { timeout_s: 300, prefix_length: 32, mask: null },
    persistence_engine: null,
    real_servers: [
      {
        address: "10.0.0.11",
        port: 80,
        forward: "DR",
        weight: 2,
        upper_threshold: 100,
        lower_threshold: 50,
        tunnel: null,
        active_connections: 0,
        inactive_connections: 0,
        persistent_connections: 0,
      },
      {
        address: "10.0.0.12",
        port: 80,
        forward: "TUN",
        weight: 1,
        upper_threshold: 0,
        lower_threshold: 0,
        tunnel: { type: "ipip", port: 0, checksum: "none" },
        active_connections: 0,
        inactive_connections: 0,
        persistent_connections: 0,
      },
    ],
  });
  t.deepEqual(
    value.services.map(({ fwmark, family }) => [fwmark, family]),
    [[null, "inet"], [null, "inet"], [null, "inet6"], [7, "inet6"], [99, "inet"]],
  );
}); // biome-ignore format: one a line

/** The table that lines lead to, with nothing counted. */
function listed(text: string): readonly ListedService[] {
  const names = { ...naming, addressOf: () => undefined, portOf: () => undefined };
  const parseLine = (words: readonly string[]) => parse(words, { program: "ipvsadm", names });
  const restored = restore(text, { base: [], parseLine, program: "ipvsadm" });
  if (restored.problems.length > 0) throw new Error(JSON.stringify(restored.problems));
  const counts = { activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 };
  return restored.services.map((service) => ({
    ...service,
    destinations: service.destinations.map((each) => ({ ...each, ...counts })),
  }));
}
