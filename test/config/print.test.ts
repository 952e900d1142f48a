import { readdirSync, readFileSync } from "node:fs";
import test from "ava";
import fc from "fast-check";
import { unsafe } from "ini";
import type { Config } from "../../src/config/model.ts";
import { readNative } from "../../src/config/native.ts";
import { printConfig, printValue } from "../../src/config/print.ts";
import { configOf } from "./helpers.ts";

for (const file of readdirSync("conf").filter((name) => name.endsWith(".ini"))) {
  test(`conf/${file} has no error, and printConfig() of it reads as the same`, (t) => {
    const text = readFileSync(`conf/${file}`, "utf8");
    const config = configOf(text);
    t.deepEqual(configOf(printConfig(config)), config);
  });
}

test("printConfig() puts timing where it was inherited from when real servers differ", (t) => {
  const text = `[check.a]
type = tcp
[check.b]
type = tcp
interval = 9
[virtual_server.w]
address = 10.0.0.100:80
protocol = tcp
check[] = a
check[] = b
[real_server.w.1]
address = 10.0.0.1:80
interval = 1
[real_server.w.2]
address = 10.0.0.2:80
interval = 2
`;
  const config = configOf(text);
  const printed = printConfig(config);
  t.deepEqual(configOf(printed), config);
  t.regex(printed, /\[check\.b\][^[]*interval = 9\n/);
  t.regex(printed, /\[real_server\.w\.2\][^]*interval = 2\n/);
});

test("printConfig() of anything that reads is read as the same (property)", (t) => {
  fc.assert(
    fc.property(configText, (text) => {
      const config: Config = configOf(text);
      t.deepEqual(configOf(printConfig(config)), config);
    }),
    { numRuns: 300 },
  );
});

test("printValue() is read back by the scanner and by ini as it was (property)", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (value) => {
      fc.pre(!value.includes("\ufffd") && !value.includes("\0"));
      const written = printValue(value);
      t.is(unsafe(written), value);
      const config = configOf(
        `[check.a]\ntype = http\nbody = ${written}\n[virtual_server.w]\nfwmark = 1\ncheck[] = a\n[real_server.w.r]\naddress = 10.0.0.1:80\n`,
      );
      const check = config.virtualServers[0]?.realServers[0]?.checks[0];
      t.deepEqual(check?.type === "http" && check.body, { kind: "text", text: value });
    }),
    { numRuns: 500 },
  );
});

test("readNative() never throws, whatever the text (property)", (t) => {
  const word = fc.constantFrom(
    "[vrrp_instance.A]", "[check.c]", "[virtual_server.w]", "[real_server.w.r]", "[global]", "[", "]",
    "interface", "priority", "address", "=", "[]", "10.0.0.1", ":80", "/24", ";", "#", '"', "'", "\\", "\0",
    "\n", "\n", " ", "1", "-", "track_script", "check", "fwmark", "type", "tcp", "__proto__", "constructor",
  ); // biome-ignore format: a list of words
  const text = fc
    .array(fc.oneof(word, fc.string()), { maxLength: 60 })
    .map((words) => words.join(""));
  fc.assert(
    fc.property(text, (one) => {
      const result = readNative({ file: "x", text: one, hostname: "h", ownAddresses: new Set() });
      t.true(result.ok || result.problems.length > 0);
    }),
    { numRuns: 2000 },
  );
});

// ===== a text that is right =====

const seconds = fc.constantFrom("1", "0.5", "250ms", "2m", "1.5s", "7");
const timing = fc
  .record(
    {
      interval: seconds,
      timeout: seconds,
      retry: fc.nat(5),
      rise: fc.integer({ min: 1, max: 5 }),
      fast_interval: seconds,
      down_interval: seconds,
      warmup: seconds,
      jitter: seconds,
    },
    { requiredKeys: [] },
  )
  .map(rows);
const place = fc
  .record(
    {
      address: fc.constantFrom("10.0.0.1", "10.0.0.2"),
      port: fc.integer({ min: 1, max: 65535 }),
      bind_address: fc.constant("10.0.0.9"),
      bind_port: fc.integer({ min: 1, max: 65535 }),
      bind_interface: fc.constant("eth0"),
      fwmark: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    },
    { requiredKeys: [] },
  )
  .map(rows);
const httpKeys = fc
  .record(
    {
      path: fc.constantFrom("/", "/a%20b?x=1;y#z").map(printValue),
      host: fc.constant("www.example.com"),
      status: fc.constantFrom("200", "200 301-302", "100-599"),
      regex: fc.constantFrom("^ok$", "\\d+;", "a'b\"").map(printValue),
    },
    { requiredKeys: [] },
  )
  .map(rows);
const check = fc.tuple(fc.constantFrom("tcp", "http"), httpKeys, timing, place);
const checks = fc
  .tuple(check, check)
  .map((both) =>
    both
      .map(
        ([type, http, time, where], i) =>
          `[check.c${i}]\ntype = ${type}\n${type === "http" ? http : ""}${time}${where}`,
      )
      .join(""),
  );
const named = fc
  .subarray(["c0", "c1"])
  .map((names) => names.map((name) => `check[] = ${name}\n`).join(""));
const server = fc.tuple(
  fc
    .record(
      {
        weight: fc.nat(100),
        inhibit_on_failure: fc.constantFrom("yes", "no"),
        alpha: fc.constantFrom("yes", "no"),
        uthreshold: fc.integer({ min: 5, max: 9 }),
        weight_min: fc.nat(5),
        weight_max: fc.integer({ min: 5, max: 99 }),
        lb_kind: fc.constantFrom("NAT", "TUN type gre csum"),
      },
      { requiredKeys: [] },
    )
    .map(rows),
  timing,
  named,
);
const service = fc
  .tuple(
    fc.boolean(),
    fc.constantFrom("NAT", "DR", "TUN", "TUN type gue port 9 csum"),
    fc.record(
      {
        lb_algo: fc.constantFrom("rr", "wrr", "mh"),
        persistence_timeout: fc.constantFrom("50", "5m"),
        persistence_granularity: fc.constantFrom("255.255.0.0", "24", "255.0.255.0"),
        quorum: fc.integer({ min: 3, max: 9 }),
        hysteresis: fc.nat(2),
        sorry_server: fc.constant("10.0.0.9:80"),
        sorry_server_lvs_method: fc.constantFrom("NAT", "TUN type gre"),
        sorry_server_inhibit: fc.constantFrom("yes", "no"),
        ops: fc.constantFrom("yes", "no"),
        "flag-1": fc.constantFrom("yes", "no"),
        omega: fc.constantFrom("yes", "no"),
        alpha: fc.constantFrom("yes", "no"),
        quorum_up: fc.constant("/bin/true up"),
        weight: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: [] },
    ),
    timing,
    named,
    fc.array(server, { maxLength: 4 }),
  )
  .filter(([, , keys]) => keys.hysteresis === undefined || keys.quorum !== undefined)
  .map(([mark, kind, keys, time, names, servers]) => {
    const key = mark ? "fwmark = 7\n" : "address = 10.0.0.100:80\nprotocol = udp\n";
    const list = servers.map(
      ([own, ownTime, ownNames], i) =>
        `[real_server.w.r${i}]\naddress = 10.0.1.${i + 1}:80\n${own}${ownTime}${ownNames}`,
    );
    return `[virtual_server.w]\n${key}lb_kind = ${kind}\n${rows(keys)}${time}${names}${list.join("")}`;
  });
const instance = fc
  .record(
    {
      state: fc.constantFrom("MASTER", "BACKUP"),
      version: fc.constantFrom("2", "3"),
      advert_int: fc.constantFrom("1", "40"),
      nopreempt: fc.constantFrom("yes", "no"),
      garp_master_delay: seconds,
      garp_master_refresh: seconds,
      notify: fc
        .constantFrom("/bin/x 'a b' ; c", "x # y", '"/a b/c" "d"', "/plain")
        .map(printValue),
      "track_script[]": fc.constantFrom("s", "s weight -5", "s weight 5 reverse"),
    },
    { requiredKeys: [] },
  )
  .map(
    (keys) =>
      `[vrrp_script.s]\nscript = /bin/true\nweight = -9 reverse\n[vrrp_instance.I]\ninterface = eth0\nvirtual_router_id = 1\npriority = 9\nvirtual_ipaddress[] = 10.9.0.1/24 brd + label eth0:1 scope link\nvirtual_ipaddress[] = 10.9.0.2 dev eth1\n${rows(keys)}`,
  );
const configText = fc.tuple(instance, checks, service).map((parts) => parts.join(""));

function rows(keys: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(keys)
    .map(([key, value]) => `${key} = ${value ?? ""}\n`)
    .join("");
}
