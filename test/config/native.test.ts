import { readFileSync } from "node:fs";
import test from "ava";
import { readNative } from "../../src/config/native.ts";
import { NO_LVS } from "../../src/ipvs/lvs.ts";
import { commonCheck } from "../helpers/checks.ts";
import { realServerConfig, virtualServerConfig } from "../helpers/virtual-server.ts";
import { toGroup } from "../vrrp/router.ts";
import { configOf, INSTANCE, linesOf, SERVICE } from "./helpers.ts";

test("readNative() fills in keepalived's defaults of an instance", (t) => {
  const config = configOf(INSTANCE);
  t.deepEqual(config, {
    global: {
      dumps: { stateFile: null, statsFile: null, jsonFile: null, jsonVersion: 1 },
      routerId: "host1",
      hookTimeoutMs: 30_000,
      logUnknownVrids: false,
      scriptUser: null,
      scriptSecurity: true,
      maintenanceDirectory: null,
      addressLinkPrefix: "vrrp",
      nftables: { table: "duet", priority: null, counters: false },
    },
    vrrpScripts: [],
    trackers: { interfaces: [], files: [], processes: [], bfd: [] },
    statics: { vips: [], routes: [], rules: [] },
    vrrpInstances: [
      {
        vrrp: {
          name: "VI_1",
          interface: "eth0",
          vrid: 51,
          version: 2,
          priority: 100,
          advertIntervalMs: 1000,
          preempt: true,
          initialState: "BACKUP",
          addresses: ["10.0.0.100"],
          syncGroup: null,
          auth: { password: null, hmac: null },
          policy: {
            downTimerAdverts: 3,
            learnsTimes: 4,
            preemptDelayMs: 0,
            answersLower: true,
            saysFarewell: true,
            ownerIgnoresAdverts: false,
            bestOther: 254,
            expiredIsBackup: false,
            comparesOnce: false,
          },
        },
        way: toGroup,
        link: null,
        addressLinks: [],
        holds: { excluded: [], routes: [], rules: [], promoteSecondaries: false, accept: true },
        vips: [
          {
            address: "10.0.0.100",
            prefixLength: 24,
            interface: "eth0",
            scope: "global",
            label: null,
            broadcast: null,
          },
        ],
        announce: {
          repeat: 5,
          delayMs: 5000,
          lowerRepeat: 5,
          lowerDelayMs: 5000,
          refreshMs: 0,
          refreshRepeat: 1,
          extraMs: 0,
          extraAll: false,
        },
        hooks: {
          notify: null,
          notifyMaster: null,
          notifyBackup: null,
          notifyFault: null,
          notifyStop: null,
          notifyDeleted: null,
          notifyMasterRxLowerPri: null,
          scriptUser: null,
          priorityChanges: false,
          smtpAlert: false,
        },
        trackScripts: [],
        tracking: { uses: [], dontTrackPrimary: false, bfdPromote: null },
      },
    ],
    vrrpSyncGroups: [],
    virtualServers: [],
    lvs: NO_LVS,
    notify: {
      fifos: [],
      statesOnReload: false,
      mail: null,
      mailFaults: true,
      startupScript: null,
      shutdownScript: null,
    },
    startDelay: { startupMs: 0, afterBootMs: 0 },
    pacing: { garpMs: 0, gnaMs: 0, groups: [] },
    scheduling: {
      vrrp: { rtPriority: null, nice: null, cpus: [], rttimeUs: null },
      checker: { rtPriority: null, nice: null, cpus: [], rttimeUs: null },
      lateness: { fromMs: 1000, maxAutoPriority: 0 },
    },
  });
});

test("readNative() fills in the defaults of a virtual server", (t) => {
  t.deepEqual(configOf(SERVICE).virtualServers, [
    virtualServerConfig({
      keys: [{ kind: "address", protocol: "tcp", address: "10.0.0.100", port: 80 }],
      scheduler: "wlc",
      realServers: [realServerConfig("rs1", "10.0.0.21", { smtpAlert: true })],
    }),
  ]);
});

test("readNative() reads the whole example of the design", (t) => {
  const text = readFileSync("test/config/design.ini", "utf8");
  const config = configOf(text);
  t.deepEqual(config.global.routerId, "lb1");
  t.deepEqual(config.vrrpScripts, [
    {
      name: "nginx",
      command: "/etc/duet/check-nginx.sh",
      intervalMs: 1000,
      timeoutMs: 1000,
      weight: -60,
      reverse: false,
      rise: 1,
      fall: 1,
      initFail: false,
      user: null,
    },
  ]);
  const [instance] = config.vrrpInstances;
  t.deepEqual(instance?.trackScripts, [{ name: "nginx", weight: -60, reverse: false }]);
  t.is(instance?.vips[0]?.label, "eth0:1");
  t.is(instance?.hooks.notifyMaster, "/etc/duet/notify.sh master");
  const [web] = config.virtualServers;
  t.deepEqual(web?.persistence, { timeoutS: 50, prefixLength: null });
  t.deepEqual(web?.realServers[1]?.checks, [
    {
      ...commonCheck,
      name: "ok_page",
      intervalMs: 6000,
      timeoutMs: 3000,
      retry: 3,
      type: "http",
      paths: ["/ok.html"],
      host: null,
      method: "GET",
      headers: [],
      requestBody: null,
      proxied: false,
      protocol: "1.1",
      redirectsMax: 0,
      bodyNot: null,
      regexFlags: "",
      digest: null,
      bodyMaxBytes: 65536,
      tls: null,
      status: [[200, 200]],
      body: { kind: "text", text: "ok" },
    },
  ]);
});

test("script_arguments = ldirectord appends what its external checks get", (t) => {
  const text = `[check.a]\ntype = misc\nscript = /bin/true\nscript_arguments = ldirectord\n${SERVICE}check[] = a\n`;
  const [check] = configOf(text).virtualServers[0]?.realServers[0]?.checks ?? [];
  t.deepEqual(check?.type === "misc" && check.arguments, ["10.0.0.100", "80", "10.0.0.21", "80"]);
});

test("timing goes by precedence: check, then real server, then virtual server, then built in", (t) => {
  const config = configOf(
    `[check.a]
type = tcp
interval = 1
[check.b]
type = tcp
[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
check[] = a
interval = 4
timeout = 4
retry = 4
[real_server.web.rs1]
address = 10.0.0.21:80
check[] = b
interval = 3
timeout = 3
`,
  );
  const checks = config.virtualServers[0]?.realServers[0]?.checks;
  t.deepEqual(
    checks?.map(({ name, intervalMs, timeoutMs, retry, delayBeforeRetryMs }) => [
      name,
      intervalMs,
      timeoutMs,
      retry,
      delayBeforeRetryMs,
    ]),
    [
      ["a", 1000, 3000, 4, 1000],
      ["b", 3000, 3000, 4, 1000],
    ],
  );
});

test("a check that virtual and real server both name is made once", (t) => {
  const text = `[check.a]\ntype = tcp\n${SERVICE}check[] = a\n`.replace(
    "protocol = tcp",
    "protocol = tcp\ncheck[] = a",
  );
  t.is(configOf(text).virtualServers[0]?.realServers[0]?.checks.length, 1);
});

test("keepalived's other spellings of keys and words mean the same", (t) => {
  const ours = `[check.a]
type = http
host = www
status = 200
interval = 7
timeout = 2
port = 81
[virtual_server.web]
address = 10.0.0.100:80
protocol = tcp
lb_algo = wrr
lb_kind = DR
[real_server.web.rs1]
address = 10.0.0.21:80
lb_kind = TUN
check[] = a
`;
  const theirs = ours
    .replace("host", "virtualhost")
    .replace("status", "status_code")
    .replace("interval", "delay_loop")
    .replace("timeout", "connect_timeout")
    .replace("port =", "connect_port =")
    .replace("lb_algo", "lvs_sched")
    .replaceAll("lb_kind", "lvs_method")
    .replace("tcp\nlvs", "TCP\nlvs")
    .replace("DR", "dr");
  t.notDeepEqual(ours, theirs);
  t.deepEqual(configOf(theirs), configOf(ours));
});

test("state MASTER without priority means 255, as in keepalived", (t) => {
  const text = INSTANCE.replace("10.0.0.100/24", "10.0.0.1/24");
  t.is(configOf(`${text}state = MASTER\n`).vrrpInstances[0]?.vrrp.priority, 255);
  t.is(configOf(`${text}state = MASTER\npriority = 7\n`).vrrpInstances[0]?.vrrp.priority, 7);
});

test("state MASTER clears nopreempt and says so", (t) => {
  const text = `${INSTANCE}state = MASTER\npriority = 150\nnopreempt = yes\n`;
  t.true(configOf(text).vrrpInstances[0]?.vrrp.preempt);
  t.deepEqual(linesOf(text), [
    "7: warning: Cannot keep nopreempt with state MASTER, it is ignored: write state = BACKUP on both nodes",
  ]);
});

test("a flag of keepalived may stand alone: nopreempt", (t) => {
  t.false(configOf(`${INSTANCE}nopreempt\n`).vrrpInstances[0]?.vrrp.preempt);
  t.false(configOf(`${INSTANCE}preempt = no\n`).vrrpInstances[0]?.vrrp.preempt);
  t.true(configOf(`${INSTANCE}nopreempt = off\n`).vrrpInstances[0]?.vrrp.preempt);
});

test("vrrp_version is the version of the instances that name none", (t) => {
  const two = INSTANCE.replace("VI_1", "VI_2").replace("51", "52").replace(".100", ".101");
  const config = configOf(`[global]\nvrrp_version = 3\n${INSTANCE}${two}version = 2\n`);
  t.deepEqual(
    config.vrrpInstances.map(({ vrrp }) => vrrp.version),
    [3, 2],
  );
});

test("version 3 takes advert_int 0.01 to 40.95 in steps of 10 ms (RFC 5798 §5.2.7)", (t) => {
  const text = `${INSTANCE}version = 3\nadvert_int = `;
  t.is(configOf(`${text}0.29`).vrrpInstances[0]?.vrrp.advertIntervalMs, 290);
  t.is(configOf(`${text}40.95`).vrrpInstances[0]?.vrrp.advertIntervalMs, 40_950);
  t.is(configOf(`${text}10ms`).vrrpInstances[0]?.vrrp.advertIntervalMs, 10);
});

test("an address line gives prefix, interface, scope, label and broadcast", (t) => {
  const line = "10.1.2.3/20 dev eth1 scope link label eth1:vip brd +";
  const [vip] = configOf(INSTANCE.replace("10.0.0.100/24", line)).vrrpInstances[0]?.vips ?? [];
  t.deepEqual(vip, {
    address: "10.1.2.3",
    prefixLength: 20,
    interface: "eth1",
    scope: "link",
    label: "eth1:vip",
    broadcast: "10.1.15.255",
  });
});

test("the prefix length of an address is 32 when not written, as in keepalived", (t) => {
  const [vip] = configOf(INSTANCE.replace("/24", "")).vrrpInstances[0]?.vips ?? [];
  t.is(vip?.prefixLength, 32);
});

test("with DR and TUN a real server without a port has the port of the service", (t) => {
  for (const kind of ["DR", "TUN"]) {
    const text = SERVICE.replace("21:80", "21").replace("tcp", `tcp\nlb_kind = ${kind}`);
    t.is(configOf(text).virtualServers[0]?.realServers[0]?.destination.port, 80);
  }
});

test("behind a firewall mark a real server has port 0 when it names none", (t) => {
  const config = configOf(
    "[virtual_server.w]\nfwmark = 9\n[real_server.w.a]\naddress = 10.0.0.21\n",
  );
  t.is(config.virtualServers[0]?.realServers[0]?.destination.port, 0);
  t.deepEqual(config.virtualServers[0]?.keys, [{ kind: "fwmark", fwmark: 9, family: 4 }]);
});

test("a firewall mark takes the address family of its real servers", (t) => {
  const config = configOf(
    "[virtual_server.w]\nfwmark = 9\npersistence_timeout = 1m\n[real_server.w.a]\naddress = 2001:DB8:0::1\n",
  );
  t.deepEqual(config.virtualServers[0]?.keys, [{ kind: "fwmark", fwmark: 9, family: 6 }]);
  t.is(config.virtualServers[0]?.realServers[0]?.destination.address, "2001:db8::1");
  t.deepEqual(config.virtualServers[0]?.persistence, { timeoutS: 60, prefixLength: null });
});

test("persistence_granularity is a netmask or a length, and makes the service persistent", (t) => {
  for (const written of ["255.255.255.0", "24", "/24"]) {
    const text = SERVICE.replace("tcp", `tcp\npersistence_granularity = ${written}`);
    t.deepEqual(configOf(text).virtualServers[0]?.persistence, { timeoutS: 360, prefixLength: 24 });
  }
});

test("persistence_granularity may be a netmask with holes, of IPv4", (t) => {
  const text = SERVICE.replace("tcp", "tcp\npersistence_granularity = 255.0.255.0");
  t.deepEqual(configOf(text).virtualServers[0]?.persistence, {
    timeoutS: 360,
    prefixLength: null,
    mask: "255.0.255.0",
  });
});

test("an IPv6 service is written [ADDRESS]:PORT", (t) => {
  const text = SERVICE.replace("10.0.0.100:80", "[2001:db8::64]:80").replace(
    "10.0.0.21:80",
    "[2001:db8::21]:80",
  );
  const [web] = configOf(text).virtualServers;
  t.deepEqual(web?.keys, [{ kind: "address", protocol: "tcp", address: "2001:db8::64", port: 80 }]);
});

test("a sorry server with another port works with NAT; with DR the port is the service's, with a warning", (t) => {
  const sorry = SERVICE.replace("tcp", "tcp\nsorry_server = 10.0.0.99:8080");
  t.deepEqual(configOf(sorry).virtualServers[0]?.sorryServer, {
    address: "10.0.0.99",
    port: 8080,
    forward: "NAT",
    weight: 1,
  });
  const direct = sorry.replace("tcp\n", "tcp\nlb_kind = DR\n");
  t.is(configOf(direct).virtualServers[0]?.sorryServer?.port, 80);
  t.deepEqual(linesOf(direct), [
    "5: warning: Cannot use port 8080 of sorry_server with DR, port 80 is used: only NAT can change the port",
  ]);
});

test("real servers may stand before their virtual server, between others, and keep their order", (t) => {
  const config = configOf(`[real_server.b.2]
address = 10.0.0.2:80
[real_server.a.1]
address = 10.0.0.1:80
[virtual_server.a]
address = 10.0.0.100:80
protocol = tcp
[virtual_server.b]
address = 10.0.0.100:80
protocol = udp
[real_server.b.1]
address = 10.0.0.1:80
`);
  t.deepEqual(
    config.virtualServers.map(({ name, realServers }) => [
      name,
      realServers.map((one) => one.name),
    ]),
    [
      ["a", ["1"]],
      ["b", ["2", "1"]],
    ],
  );
});

test("readNative() is linear: ten times the real servers take ten times as long, not a hundred times", (t) => {
  const read = (count: number): number => {
    const servers = Array.from(
      { length: count },
      (_, i) =>
        `[real_server.web.rs${i}]\naddress = 10.${1 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}:80\nweight = 2\ncheck[] = missing\n`,
    );
    const text = `[virtual_server.web]\naddress = 10.0.0.100:80\nprotocol = tcp\n${servers.join("")}`;
    const { user, system } = process.cpuUsage();
    const result = readNative({ file: "x", text, hostname: "h", ownAddresses: new Set() });
    const now = process.cpuUsage();
    t.is(result.ok ? 0 : result.problems.length, count);
    return now.user + now.system - user - system;
  };
  const least = (count: number): number => Math.min(...[count, count, count].map(read));
  read(2000);
  const growth = least(20_000) / least(2000);
  t.true(growth < 30, `${growth}`);
});
