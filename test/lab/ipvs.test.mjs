// ipvs/apply on the real ip_vs, and ipvsadm as the witness.

import { execFileSync } from "node:child_process";
import { openIpvs } from "../../build/src/ipvs/apply.js";
import { SCHEDULERS } from "../../build/src/ipvs/model.js";
import { plan } from "../../build/src/ipvs/reconcile.js";
import { unshare } from "../../build/src/kernel/ffi.js";
import { test } from "./lab.mjs";

const CLONE_NEWNET = 0x40000000;
const web = { kind: "address", protocol: "tcp", address: "10.9.0.1", port: 80 };
let ipvs;

test.before(() => {
  // User-mode Linux loads no module by itself. Its Debian build has no "twos".
  const modules = [...SCHEDULERS, "pe_sip"].map((name) => `ip_vs_${name}`);
  run("modprobe", "-q", "-a", ...modules.filter((name) => name !== "ip_vs_twos"));
  unshare(CLONE_NEWNET); // an empty table of our own
  run("ip", "link", "set", "lo", "up");
  ipvs = openIpvs();
});
test.beforeEach(() => run("ipvsadm", "-C"));

test("every kind of service and destination is in the table as ipvsadm prints it", (t) => {
  const failures = have([
    service({
      scheduler: "wlc",
      persistence: { timeoutS: 300, prefixLength: 24 },
      destinations: [
        { ...destination("10.9.1.1", 80, 2), forward: "DR" },
        { ...destination("10.9.1.2", 80, 0), forward: "TUN" },
        { ...destination("10.9.1.3", 8080), upperThreshold: 9, lowerThreshold: 3 },
      ],
    }),
    service({
      key: { ...web, protocol: "udp", port: 53 },
      flags: ["ops"],
      destinations: [destination("10.9.1.1", 5353)],
    }),
    service({ key: { ...web, protocol: "sctp", port: 99 } }),
    service({
      key: { ...web, address: "2001:db8::1" },
      scheduler: "sh",
      flags: ["flag-2"],
      persistence: { timeoutS: 60, prefixLength: 64 },
      destinations: [destination("2001:db8::11", 80)],
    }),
    service({
      key: { kind: "fwmark", fwmark: 99, family: 4 },
      scheduler: "mh",
      destinations: [
        {
          ...destination("10.9.1.4", 0),
          forward: "TUN",
          tunnel: { type: "gue", port: 6080, checksum: "none" },
        },
      ],
    }),
    service({ key: { kind: "fwmark", fwmark: 7, family: 6 } }),
    service({
      key: { ...web, protocol: "udp", port: 5060 },
      persistence: { timeoutS: 50, prefixLength: 32 },
      persistenceEngine: "sip",
    }),
  ]);
  t.deepEqual(failures, []);
  t.deepEqual(saved(), [
    "-A --sctp-service 10.9.0.1:99 -s rr",
    "-A -f 7 -6 -s rr",
    "-A -f 99 -s mh",
    "-A -t 10.9.0.1:80 -s wlc -p 300 -M 255.255.255.0",
    "-A -t [2001:db8::1]:80 -s sh -p 60 -M 64 -b sh-port",
    "-A -u 10.9.0.1:5060 -s rr -p 50 --pe sip",
    "-A -u 10.9.0.1:53 -s rr -o",
    "-a -f 99 -r 10.9.1.4:0 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum",
    "-a -t 10.9.0.1:80 -r 10.9.1.1:80 -g -w 2",
    "-a -t 10.9.0.1:80 -r 10.9.1.2:80 -i -w 0 --tun-type ipip",
    "-a -t 10.9.0.1:80 -r 10.9.1.3:8080 -m -w 1",
    "-a -t [2001:db8::1]:80 -r [2001:db8::11]:80 -m -w 1",
    "-a -u 10.9.0.1:53 -r 10.9.1.1:5353 -m -w 1",
  ]);
  // ipvsadm -S does not tell them.
  t.regex(run("ipvsadm", "-L", "-n", "--thresholds"), /10\.9\.1\.3:8080 +9 +3 /);
});

test("list() reads back what apply() wrote: the second plan is empty", (t) => {
  const wanted = [
    service({
      persistence: { timeoutS: 50, prefixLength: 16 },
      destinations: [
        { ...destination("10.9.1.1", 80, 65535), forward: "DR" },
        { ...destination("2001:db8::5", 80), forward: "TUN" },
        destination("10.9.1.1", 81, 0),
      ],
    }),
    service({ key: { kind: "fwmark", fwmark: 4294967295, family: 6 }, scheduler: "wrr" }),
  ];
  t.deepEqual(have(wanted), []);
  t.deepEqual(plan(wanted, ipvs.list(), new Set()), []);
  t.is(ipvs.list({ traffic: true })[0].traffic.connections, 0n);
});

test("every scheduler by its name; one that this kernel lacks is named with its module", (t) => {
  const missing = [];
  for (const scheduler of SCHEDULERS) {
    run("ipvsadm", "-C");
    const failures = have([service({ scheduler })]);
    if (failures.length === 0) t.deepEqual(saved(), [`-A -t 10.9.0.1:80 -s ${scheduler}`]);
    else missing.push(failures[0].text);
  }
  const text =
    'Cannot add tcp 10.9.0.1:80: scheduler "twos" is not in this kernel (module ip_vs_twos)';
  t.true(missing.length === 0 || (missing.length === 1 && missing[0] === text), missing.join());
});

test("a changed scheduler is set in place: persistence and destinations stay", (t) => {
  const persistence = { timeoutS: 50, prefixLength: 24 };
  const destinations = [destination("10.9.1.1", 80)];
  have([service({ persistence, destinations })]);
  const { failures, kinds } = change([service({ persistence, destinations, scheduler: "lc" })]);
  t.deepEqual([failures, kinds], [[], ["set-service"]]);
  t.deepEqual(saved(), [
    "-A -t 10.9.0.1:80 -s lc -p 50 -M 255.255.255.0",
    "-a -t 10.9.0.1:80 -r 10.9.1.1:80 -m -w 1",
  ]);
});

test("what ipvsadm changed by hand is seen and put right, and nothing else is", (t) => {
  const wanted = [
    service({ destinations: [destination("10.9.1.1", 80, 2), destination("10.9.1.2", 80)] }),
  ];
  have(wanted);
  const before = saved();
  for (const hand of [
    ["-d", "-t", "10.9.0.1:80", "-r", "10.9.1.1:80"],
    ["-e", "-t", "10.9.0.1:80", "-r", "10.9.1.1:80", "-g", "-w", "7"],
    ["-a", "-t", "10.9.0.1:80", "-r", "10.9.1.9:80"],
    ["-E", "-t", "10.9.0.1:80", "-s", "sh", "-p", "60"],
    ["-E", "-t", "10.9.0.1:80", "-s", "sh", "-b", "sh-port"],
    ["-D", "-t", "10.9.0.1:80"],
    ["-C"],
  ]) {
    run("ipvsadm", ...hand);
    t.notDeepEqual(saved(), before, `ipvsadm ${hand.join(" ")} changed nothing`);
    t.deepEqual(change(wanted).failures, []);
    t.deepEqual(saved(), before, `not repaired: ipvsadm ${hand.join(" ")}`);
  }
  run("ipvsadm", "-A", "-u", "10.9.0.7:53", "-s", "lc");
  t.deepEqual(change(wanted).kinds, []);
  t.true(saved().includes("-A -u 10.9.0.7:53 -s lc"));
});

test("an unknown scheduler is named, with its module, and holds nobody else back", (t) => {
  const failures = have([
    service({ scheduler: "nosuch", destinations: [destination("10.9.1.1", 80)] }),
    service({ key: { ...web, port: 81 }, destinations: [destination("10.9.1.1", 80)] }),
  ]);
  t.deepEqual(
    failures.map(({ text }) => text),
    ['Cannot add tcp 10.9.0.1:80: scheduler "nosuch" is not in this kernel (module ip_vs_nosuch)'],
  );
  t.deepEqual(saved(), ["-A -t 10.9.0.1:81 -s rr", "-a -t 10.9.0.1:81 -r 10.9.1.1:80 -m -w 1"]);
});

test("errors come by operation, and what is already so is no error", (t) => {
  have([service({ destinations: [destination("10.9.1.1", 80)] })]);
  const gone = { ...web, port: 99 };
  const failures = ipvs.apply([
    { kind: "add-service", service: service({}) },
    { kind: "add-destination", key: web, destination: destination("10.9.1.1", 80) },
    { kind: "remove-destination", key: web, destination: destination("10.9.1.7", 80) },
    { kind: "remove-destination", key: gone, destination: destination("10.9.1.7", 80) },
    { kind: "remove-service", key: gone },
    { kind: "add-destination", key: web, destination: destination("224.0.0.1", 80) },
    { kind: "add-destination", key: web, destination: destination("2001:db8::1", 80) },
    { kind: "set-destination", key: web, destination: destination("10.9.1.7", 80) },
    { kind: "set-service", service: service({ key: gone }) },
    { kind: "add-destination", key: gone, destination: destination("10.9.1.7", 80) },
    { kind: "add-destination", key: web, destination: destination("10.9.1.2", 80, 2 ** 31) },
    { kind: "add-destination", key: web, destination: destination("10.9.1.3", 80) },
  ]);
  t.deepEqual(
    failures.map(({ code, text }) => `${code} ${text}`),
    [
      "EINVAL Cannot add 224.0.0.1:80 of tcp 10.9.0.1:80: the kernel refuses it: it must be a unicast address, of the service's family unless it is tunnelled",
      "EINVAL Cannot add [2001:db8::1]:80 of tcp 10.9.0.1:80: the kernel refuses it: it must be a unicast address, of the service's family unless it is tunnelled",
      "ENOENT Cannot set 10.9.1.7:80 of tcp 10.9.0.1:80: the destination is gone",
      "ESRCH Cannot set tcp 10.9.0.1:99: the service is gone",
      "ESRCH Cannot add 10.9.1.7:80 of tcp 10.9.0.1:99: the service is gone",
      "ERANGE Cannot add 10.9.1.2:80 of tcp 10.9.0.1:80: weight 2147483648 or the thresholds are out of range",
    ],
  );
  t.true(saved().includes("-a -t 10.9.0.1:80 -r 10.9.1.3:80 -m -w 1"));
});

test("a destination on this machine is what was asked for, too", (t) => {
  const wanted = [
    service({
      destinations: [
        { ...destination("127.0.0.1", 8080), forward: "DR" },
        destination("127.0.0.2", 8080),
      ],
    }),
  ];
  t.deepEqual(have(wanted), []);
  t.deepEqual(plan(wanted, ipvs.list(), new Set()), []);
});

test("a thousand destinations in one batch", (t) => {
  const destinations = Array.from({ length: 1000 }, (_, i) =>
    destination(`10.8.${i >> 8}.${i & 255 || 1}`, 1000 + i),
  );
  t.deepEqual(have([service({ destinations })]), []);
  t.is(ipvs.list()[0].destinations.length, 1000);
  t.is(saved().length, 1001);
});

function have(wanted) {
  return change(wanted).failures;
}

/** As the director does it; everything that ever was in `web` counts as owned. */
function change(wanted) {
  const operations = plan(wanted, ipvs.list(), new Set(["tcp 10.9.0.1:80"]));
  return { failures: ipvs.apply(operations), kinds: operations.map(({ kind }) => kind) };
}

function service(different) {
  return { key: web, scheduler: "rr", persistence: null, destinations: [], ...different };
}

function destination(address, port, weight = 1) {
  return { address, port, forward: "NAT", weight };
}

function saved() {
  return run("ipvsadm", "-S", "-n")
    .split("\n")
    .filter((line) => line !== "")
    .sort();
}

function run(command, ...args) {
  return execFileSync(command, args, { encoding: "utf8" }).replaceAll(/ +$/gm, "");
}
