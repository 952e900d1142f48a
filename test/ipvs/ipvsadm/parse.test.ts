import test from "ava";
import { parse } from "../../../src/ipvs/ipvsadm/parse.ts";
import type { Names } from "../../../src/ipvs/ipvsadm/values.ts";

const names: Names = {
  addressOf: (host) => (host === "web" ? "10.0.0.7" : undefined),
  hostOf: () => undefined,
  portOf: (service, protocol) => (service === "http" && protocol === "tcp" ? 80 : undefined),
  serviceOf: () => undefined,
};

const parsed = (line: string) => parse(line.split(" "), { program: "ipvsadm", names });
const commandOf = (line: string) => {
  const result = parsed(line);
  return result.ok ? result.command : result.message;
};

const VIP = { kind: "address", protocol: "tcp", address: "10.0.0.1", port: 80 } as const;

test("a service with all that it can have", (t) => {
  t.deepEqual(commandOf("-A -t 10.0.0.1:80 -s sh -p 60 -M 255.255.255.0 -b sh-port,sh-fallback"), {
    kind: "add-service",
    service: {
      key: VIP,
      scheduler: "sh",
      persistence: { timeoutS: 60, prefixLength: 24 },
      flags: ["flag-1", "flag-2"],
    },
  });
  t.deepEqual(commandOf("--edit-service --udp-service=[2001:db8:0::1]:5060 -p --pe sip -o"), {
    kind: "edit-service",
    service: {
      key: { kind: "address", protocol: "udp", address: "2001:db8::1", port: 5060 },
      scheduler: "wlc",
      persistence: { timeoutS: 360, prefixLength: 128 },
      flags: ["ops"],
      persistenceEngine: "sip",
    },
  });
  t.deepEqual(commandOf("-A -f 7 -6 -p 5 -M 64"), {
    kind: "add-service",
    service: {
      key: { kind: "fwmark", fwmark: 7, family: 6 },
      scheduler: "wlc",
      persistence: { timeoutS: 5, prefixLength: 64 },
    },
  });
});

test("names of hosts and services, short addresses, and a mask with holes", (t) => {
  t.like(commandOf("-D -t web:http"), { key: { address: "10.0.0.7", port: 80 } });
  t.like(commandOf("-D -t 10.1:0"), { key: { address: "10.0.0.1", port: 0 } });
  t.like(commandOf("-D -t 0x0a.010.1:1"), { key: { address: "10.8.0.1", port: 1 } });
  t.like(commandOf("-A -t 10.0.0.1:80 -p 9 -M 255.0.255.0"), {
    service: { persistence: { timeoutS: 9, prefixLength: 8, mask: "255.0.255.0" } },
  });
});

test("real servers: the port is the service's, but for NAT and marks", (t) => {
  const port = (line: string): unknown => {
    const command = commandOf(line);
    return typeof command === "object" && "destination" in command
      ? command.destination.port
      : command;
  };
  t.is(port("-a -t 10.0.0.1:80 -r 10.0.0.2"), 80);
  t.is(port("-a -t 10.0.0.1:80 -r 10.0.0.2:81"), 80);
  t.is(port("-a -t 10.0.0.1:80 -r 10.0.0.2:81 -m"), 81);
  t.is(port("-a -t 10.0.0.1:80 -r 10.0.0.2 -m"), 80);
  t.is(port("-a -r 10.0.0.2 -t 10.0.0.1:80 -m"), 0);
  t.is(port("-a -f 1 -r 10.0.0.2:81"), 81);
  t.is(port("-d -t 10.0.0.1:80 -r 10.0.0.2:81"), 81);
  // In brackets only IPv6 addresses have a port.
  t.is(port("-d -t 10.0.0.1:80 -r [10.0.0.2]:81"), 80);
});

test("real servers: forwarding, weight, thresholds, tunnels, mixed families", (t) => {
  t.deepEqual(commandOf("-e -t 10.0.0.1:80 -r 10.0.0.2 -w 0 -x 100 -y 50"), {
    kind: "edit-server",
    key: VIP,
    destination: {
      address: "10.0.0.2",
      port: 80,
      forward: "DR",
      weight: 0,
      upperThreshold: 100,
      lowerThreshold: 50,
    },
  });
  t.is(commandOf("-a -t 10.0.0.1:80 -r [::9] -i"), "illegal real server address[:port] specified");
  t.like(commandOf("-a -t 10.0.0.1:80 -r ::9 -i --tun-type gue --tun-port 6080 --tun-remcsum"), {
    destination: {
      address: "::9",
      forward: "TUN",
      tunnel: { type: "gue", port: 6080, checksum: "remote-checksum" },
    },
  });
});

test("listings", (t) => {
  t.like(commandOf("-Ln"), { kind: "list", what: "table", key: null, format: { numeric: true, sorted: true } });
  t.like(commandOf("-l -f 3 --nosort --exact --rate"), {
    what: "table",
    key: { kind: "fwmark", fwmark: 3, family: 4 },
    format: { sorted: false, exact: true, rate: true },
  });
  t.like(commandOf("-Lc --persistent-conn --json"), {
    what: "connections",
    format: { persistentConnections: true, json: true },
  });
  t.like(commandOf("-L --timeout"), { what: "timeout" });
  t.like(commandOf("-L --daemon"), { what: "daemon" });
}); // biome-ignore format: one a line

test("what is neither the table nor a listing", (t) => {
  t.deepEqual(commandOf("-C"), { kind: "clear" });
  t.deepEqual(commandOf("-R --replace"), { kind: "restore", replace: true });
  t.deepEqual(commandOf("-Sn"), { kind: "save", numeric: true });
  t.deepEqual(commandOf("-Z"), { kind: "zero", key: null });
  t.deepEqual(commandOf("-Z -t 10.0.0.1:80"), { kind: "zero", key: VIP });
  t.deepEqual(commandOf("--set 900 0 300"), { kind: "set", timeouts: { tcpS: 900, tcpFinS: 0, udpS: 300 } });
  t.deepEqual(commandOf("--start-daemon backup --syncid 5 --sync-maxlen 1400 --mcast-group 239.1.2.3 --mcast-port 9 --mcast-ttl 3"), {
    kind: "start-daemon",
    daemon: { state: "backup", interface: "eth0", syncId: 5, maxLengthBytes: 1400, group: "239.1.2.3", port: 9, ttl: 3 },
  });
  t.deepEqual(commandOf("--stop-daemon=master"), { kind: "stop-daemon", daemon: { state: "master", interface: "", syncId: 0 } });
  t.deepEqual(commandOf("-h -A nonsense"), { kind: "help" });
}); // biome-ignore format: one a line

// The lab compares these and more with the installed ipvsadm; here they are held without it.
const REFUSED: readonly (readonly [string, number, string])[] = [
  ["-t 10.0.0.1:80", 255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information."],
  ["-A -q", 255, "-q: unknown option"],
  ["-A -D", 2, "invalid option `-D'"],
  ["-L foo", 2, "unexpected argument foo"],
  ["-A", 2, "You need to supply the 'service-address' option for the 'add-service' command"],
  ["-D -t 10.0.0.1:80 -s rr", 2, "Illegal 'scheduler' option with the 'delete-service' command"],
  ["-C -n", 2, "Illegal 'numeric' option with the 'flush' command"],
  ["-Lc -t 10.0.0.1:80", 2, "The option 'service-address' conflicts with the 'connection' option in the 'list' command"],
  ["-Lc --stats", 2, "options conflicts in the list command"],
  ["-A -t 1:80 -t 1:81", 2, "multiple 'service-address' options specified"],
  ["-A -t 10.0.0.1", 2, "Zero port specified for non-persistent service"],
  ["-A -t 10.0.0.1:80 -o", 2, "One-Packet Scheduling is only for UDP virtual services"],
  ["-A -t nowhere:80", 2, "illegal virtual server address[:port] specified"],
  ["-A -t 10.0.0.1:99999", 2, "illegal virtual server address[:port] specified"],
  ["-A -t 10.0.0.1:80 -p 0", 2, "invalid timeout value `0' specified"],
  ["-A -f 0", 2, "invalid fwmark value `0' specified"],
  ["-A -6 -f 1", 2, "-6 used before -f\n"],
  ["-A -t 10.0.0.1:80 -s rr -b sh-port", 2, "incompatible scheduler flag `sh-port'"],
  ["-A -t 10.0.0.1:80 -b zzz", 2, "invalid scheduler flag `zzz'"],
  ["-a -t 10.0.0.1:80 -r 10.0.0.2 -w -1", 2, "illegal weight specified"],
  ["-a -t 10.0.0.1:80 -r ::2", 2, "Different address family is allowed only for tunneling servers"],
  ["-a -t 10.0.0.1:80 -r 10.0.0.2 --tun-type gre", 2, "Tunnel options conflict with forward method"],
  ["-a -t 10.0.0.1:80 -r 10.0.0.2 -i --tun-type gue", 2, "You need to supply the 'tun-port' option for the 'gue' tunnel type"],
  ["--set 1 2", 2, "--set option requires 3 timeout values"],
  ["--start-daemon both", 2, "illegal start-daemon parameter specified"],
  ["--start-daemon master --mcast-group 10.0.0.1", 2, "invalid IPv4 mcast-group `10.0.0.1'"],
]; // biome-ignore format: one a line

for (const [line, status, message] of REFUSED) {
  test(`"${line}" is refused as ipvsadm refuses it`, (t) => {
    t.deepEqual(parsed(line), { ok: false, status, message });
  });
}
