// Unbound with a zone of its own, without DNSSEC and without the Internet.

import { testDebianServer } from "../helpers/debian-server.ts";

const ask = (type: string, name: string, ...more: readonly string[]): readonly string[] => [
  "type = dns",
  `query_type = ${type}`,
  `query_name = ${name}`,
  ...more,
];

/** A question that is missing: FORMERR. */
const HEADER_ALONE = "payload = hex:000701000001000000000000";

testDebianServer("dns: Unbound", {
  package: "unbound",
  ports: ["dns"],
  files: ({ directory, address, ports }) => ({
    "unbound.conf": `server:
  do-daemonize: no
  username: ""
  chroot: ""
  directory: ${directory}
  pidfile: ""
  use-syslog: no
  interface: ${address}@${ports.dns}
  access-control: 127.0.0.0/8 allow
  module-config: iterator
  local-zone: test. static
  local-data: "test. SOA ns.test. root.test. 7 3600 600 86400 60"
  local-data: "test. NS ns.test."
  local-data: "test. MX 10 mx.test."
  local-data: 'test. CAA 0 issue "ca.test"'
  local-data: "www.test. A 10.0.0.1"
  local-data: "www.test. A 10.0.0.2"
  local-data: "www.test. AAAA 2001:db8::1"
  local-data: "alias.test. CNAME www.test."
  local-data: 'text.test. TXT "v=spf1" " -all"'
  local-data: "_ldap._tcp.test. SRV 1 2 389 dc.test."
  local-data-ptr: "10.0.0.1 www.test."
  ${Array.from({ length: 40 }, (_, i) => `local-data: 'long.test. TXT "${i} ${"x".repeat(60)}"'`).join("\n  ")}
  local-zone: refused.test. refuse
  local-zone: silent.test. deny
forward-zone:
  name: nobody.
  # Where Unbound does not ask: SERVFAIL.
  forward-addr: 127.0.0.1
remote-control:
  control-enable: no
`,
  }),
  command: ({ directory }) => ["unbound", "-d", "-p", "-c", `${directory}/unbound.conf`],
  cases: () => [
    ["dns", ask("A", "www.test", "answer = 10.0.0.2"), /^UP NOERROR 10\.0\.0\.\d, 10\.0\.0\.\d$/],
    ["dns", ask("A", "WWW.test", "transport = tcp", "answer = 10.0.0.1"), /^UP NOERROR /],
    ["dns", ask("AAAA", "www.test.", "answer = 2001:DB8:0::1"), "UP NOERROR 2001:db8::1"],
    ["dns", ask("SOA", "test"), "UP NOERROR ns.test root.test 7 3600 600 86400 60"],
    ["dns", ask("NS", "test", "answer = ns.test."), "UP NOERROR ns.test"],
    ["dns", ask("MX", "test", "answer = 10 mx.test"), "UP NOERROR 10 mx.test"],
    ["dns", ask("CAA", "test", "answer = 0 issue ca.test"), "UP NOERROR 0 issue ca.test"],
    ["dns", ask("CNAME", "alias.test"), "UP NOERROR www.test"],
    ["dns", ask("TXT", "text.test", "answer = v=spf1 -all"), "UP NOERROR v=spf1 -all"],
    ["dns", ask("SRV", "_ldap._tcp.test"), "UP NOERROR 1 2 389 dc.test"],
    ["dns", ask("PTR", "1.0.0.10.in-addr.arpa"), "UP NOERROR www.test"],
    ["dns", ask("ANY", "www.test"), "UP NOERROR"],
    [
      "dns",
      ask("A", "www.test", "answer = 10.0.0.3"),
      /^unexpected_answer: wanted "10\.0\.0\.3", got 10\.0\.0\.\d, 10\.0\.0\.\d$/,
    ],
    [
      "dns",
      ask("MX", "www.test", "answer = 10 mx.test"),
      'unexpected_answer: wanted "10 mx.test", got none',
    ],
    ["dns", ask("MX", "www.test"), "UP NOERROR"],
    ["dns", ask("A", "no.test"), "bad_response: NXDOMAIN, wanted NOERROR"],
    ["dns", ask("A", "no.test", "rcode = NXDOMAIN"), "UP NXDOMAIN"],
    ["dns", ask("A", "refused.test"), "bad_response: REFUSED, wanted NOERROR"],
    ["dns", ask("A", "www.nobody"), "bad_response: SERVFAIL, wanted NOERROR"],
    ["dns", ask("A", "www.nobody", "recursion = no"), "bad_response: REFUSED, wanted NOERROR"],
    ["dns", ask("A", "silent.test", "timeout = 0.3"), "timeout: no answer in 300 ms"],
    [
      "dns",
      ask("A", "silent.test", "transport = tcp"),
      "bad_response: the connection closed: no answer",
    ],
    [
      "dns",
      ask("TXT", "long.test", "answer_regex = '^39 '"),
      "unexpected_answer: the answer is cut: use transport = tcp",
    ],
    ["dns", ask("TXT", "long.test", "answer_regex = '^39 '", "transport = tcp"), /^UP NOERROR /],
    ["dns", ["type = smtp", "timeout = 1"], "timeout: no banner in 1000 ms"],
    ["dns", ["type = udp", HEADER_ALONE, "require_reply = 0007"], "UP 12 bytes"],
    [
      "dns",
      ["type = udp", HEADER_ALONE, "require_reply = 0008"],
      /^unexpected_answer: wanted 0008, got 0007/,
    ],
  ],
});
