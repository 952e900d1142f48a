// What [global] says of IPVS as a whole.

import test from "ava";
import { printConfig } from "../../src/config/print.ts";
import { configOf, INSTANCE, linesOf, SERVICE } from "./helpers.ts";

function global(...lines: readonly string[]): string {
  return `[global]\n${lines.map((line) => `${line}\n`).join("")}${INSTANCE}${SERVICE}`;
}

test("lvs_sync_daemon is keepalived's line; its id is the VRID of its instance", (t) => {
  const lines: readonly (readonly [string, object])[] = [
    ["eth1", { instance: null, interface: "eth1", syncId: 0 }],
    ["eth1 VI_1", { instance: "VI_1", interface: "eth1", syncId: 51 }],
    ["eth1 inst VI_1 id 7", { instance: "VI_1", interface: "eth1", syncId: 7 }],
    [
      "eth1 id 255 maxlen 9000 port 9000 ttl 3 group 239.1.2.3",
      { instance: null, interface: "eth1", syncId: 255, maxLengthBytes: 9000, port: 9000, ttl: 3, group: "239.1.2.3" },
    ],
    ["eth1 group FF02::81", { instance: null, interface: "eth1", syncId: 0, group: "ff02::81" }],
  ]; // biome-ignore format: a row a line
  for (const [line, sync] of lines) {
    const config = configOf(global(`lvs_sync_daemon = ${line}`));
    t.deepEqual(config.lvs.sync as object, sync, line);
    t.deepEqual(configOf(printConfig(config)), config, line);
  }
});

test("lvs_sync_daemon is refused with what would be right", (t) => {
  const right = "INTERFACE [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group A]";
  for (const [line, wrong] of [
    ["eth1 id 256", "and id N is 0 to 255"],
    ["eth1 id", 'with a word after "id"'],
    ["eth1 id 1 id 2", 'with one "id"'],
    ["eth1 ttl 0", "and ttl N is 1 to 255"],
    ["eth1 group 10.0.0.1", "and group A is a multicast address"],
    ["eth1 VI_1 VI_2", 'not "VI_2"'],
    ["eth1 inst", 'with a word after "inst"'],
    ["eth1 maxlen 65508", "and maxlen N is 1 to 65507"],
    [
      "an-interface-too-long",
      "and INTERFACE is 1 to 15 letters without spaces, slashes and colons",
    ],
  ] as const) {
    const text = global(`lvs_sync_daemon = ${line}`);
    t.deepEqual(linesOf(text), [
      `2: Cannot use lvs_sync_daemon ${JSON.stringify(line)}: it must be ${right}, ${wrong}`,
    ]);
  }
  t.deepEqual(linesOf(global("lvs_sync_daemon = eth1 VI_2")), [
    '2: Cannot use lvs_sync_daemon "VI_2": there is no [vrrp_instance.VI_2] (did you mean "VI_1"?)',
  ]);
});

test("connection sync beside a destination of another family is refused: the kernel would", (t) => {
  const text = global("lvs_sync_daemon = eth1").replace(
    "10.0.0.21:80",
    "[2001:db8::21]:80\nlb_kind = TUN",
  );
  t.deepEqual(linesOf(text), [
    "2: Cannot use lvs_sync_daemon with [real_server.web.rs1] (another address family than its service's): the kernel's connection sync has one family",
  ]);
});

test("timeouts and settings are read, printed and refused", (t) => {
  const config = configOf(
    global(
      "lvs_timeouts = udp 60 tcp 7200",
      "lvs_sysctl[] = expire_nodest_conn 1",
      "lvs_sysctl[] = sync_threshold 3  50",
      "lvs_drift = report",
      "lvs_flush",
      "lvs_flush_on_stop",
      "lvs_ip_forward = no",
    ),
  );
  t.deepEqual(config.lvs, {
    sync: null,
    timeouts: { tcpS: 7200, tcpFinS: 0, udpS: 60 },
    sysctls: [
      { name: "expire_nodest_conn", value: "1" },
      { name: "sync_threshold", value: "3 50" },
    ],
    ipForward: false,
    drift: "report",
    flush: true,
    flushOnStop: true,
    keepOnStop: false,
    marks: { table: "duet_ipvs", priority: null },
  });
  t.deepEqual(configOf(printConfig(config)), config);
  const keeps = configOf(global("lvs_flush_on_stop = nothing"));
  t.like(keeps.lvs, { keepOnStop: true, flushOnStop: false });
  t.deepEqual(configOf(printConfig(keeps)), keeps);
  const seconds = "[tcp S] [tcpfin S] [udp S]";
  const setting = 'NAME VALUE, such as "expire_nodest_conn 1", with a NAME of net.ipv4.vs';
  t.deepEqual(
    linesOf(
      global(
        "lvs_timeouts = tcp 0",
        "lvs_sysctl[] = conntrack",
        "lvs_sysctl[] = expire_nodst_conn 1",
        "lvs_sysctl[] = ../ip_forward 1",
        "lvs_sysctl[] = new_in_linux_9 1",
        "lvs_sysctl[] = conntrack 1",
        "lvs_sysctl[] = conntrack 0",
        "lvs_drift = ignore",
      ),
    ),
    [
      `2: Cannot use lvs_timeouts "tcp 0": it must be ${seconds}, and tcp S is 1 to 2678400`,
      `3: Cannot use lvs_sysctl "conntrack": it must be ${setting}`,
      `4: Cannot use lvs_sysctl "expire_nodst_conn 1": it must be ${setting} (did you mean "expire_nodest_conn"?)`,
      `5: Cannot use lvs_sysctl "../ip_forward 1": it must be ${setting}`,
      "8: Cannot use lvs_sysctl conntrack twice: line 7 has it already",
      '9: Cannot use lvs_drift "ignore": it must be repair or report',
    ],
  );
  t.deepEqual(linesOf(global("lvs_timeouts = tcp 1 tcp 2")), [
    `2: Cannot use lvs_timeouts "tcp 1 tcp 2": it must be ${seconds}, with one "tcp"`,
  ]);
});
