// The table of keys: virtual servers, real servers and their checks.

import type { Scheduler } from "../ipvs/model.ts";
import { DAY_MS, duration, HOUR_MS, integer, oneOf } from "./key-types.ts";
import type { KeySpec, SectionSpec } from "./spec.ts";

/** A Record, so that a scheduler more or less in the model is a compile error here. */
const schedulers: Record<Scheduler, true> = {
  rr: true,
  wrr: true,
  lc: true,
  wlc: true,
  lblc: true,
  lblcr: true,
  dh: true,
  sh: true,
  sed: true,
  nq: true,
  fo: true,
  ovf: true,
  mh: true,
  twos: true,
};

const checkTiming = {
  interval: {
    type: duration({ minMs: 10, maxMs: DAY_MS }),
    aliases: ["delay_loop"],
    otherwise: "6, or what the real or virtual server says",
    example: "6",
    level: "basic",
    doc: "Time from the start of one probe to the start of the next",
  },
  timeout: {
    type: duration({ minMs: 1, maxMs: HOUR_MS }),
    aliases: ["connect_timeout"],
    otherwise: "5, or what the real or virtual server says",
    example: "5",
    level: "basic",
    doc: "Limit of one probe as a whole: connect, request and answer",
  },
  retry: {
    type: integer(0, 1000),
    otherwise: "1, or what the real or virtual server says",
    example: "1",
    level: "basic",
    doc: "Extra attempts before the real server is DOWN",
  },
  delay_before_retry: {
    type: duration({ minMs: 0, maxMs: HOUR_MS }),
    otherwise: "1, or what the real or virtual server says",
    example: "1",
    level: "basic",
    doc: "Pause before an extra attempt",
  },
  rise: {
    type: integer(1, 1000),
    otherwise: "1, or what the real or virtual server says",
    example: "1",
    level: "advanced",
    doc: "Successes in a row that bring a real server UP",
  },
} as const satisfies Record<string, KeySpec>;

export const checkKeys = {
  doc: "A health check; virtual and real servers name it in check[]",
  labels: ["NAME"],
  example: "check.ok_page",
  keys: {
    type: {
      type: oneOf("tcp", "http"),
      required: true,
      example: "http",
      level: "basic",
      doc: "tcp: a connection is enough; http: a GET with a right answer",
    },
    path: {
      type: { kind: "path" },
      default: "/",
      example: "/ok.html",
      level: "basic",
      doc: "What is asked for (http)",
    },
    host: {
      type: { kind: "word" },
      aliases: ["virtualhost"],
      otherwise: "address and port of the real server",
      example: "www.example.com",
      level: "basic",
      doc: "The Host header (http)",
    },
    status: {
      type: { kind: "status" },
      aliases: ["status_code"],
      default: "200-299",
      example: "200 301-302",
      level: "basic",
      doc: "Status codes and ranges that are a success (http)",
    },
    body: {
      type: { kind: "text" },
      otherwise: "any body will do",
      example: "ok",
      level: "basic",
      doc: "Text that the body must contain (http)",
    },
    regex: {
      type: { kind: "regex" },
      otherwise: "any body will do",
      example: "^ok",
      level: "advanced",
      doc: "Regular expression that the body must match, in place of body (http)",
    },
    ...checkTiming,
    port: {
      type: integer(1, 65535),
      aliases: ["connect_port"],
      otherwise: "the port of the real server",
      example: "80",
      level: "advanced",
      doc: "Port that is probed",
    },
  },
} as const satisfies SectionSpec;

export const virtualServerKeys = {
  doc: "A service of the IPVS table: where clients connect, and how their connections are spread",
  labels: ["NAME"],
  example: "virtual_server.web",
  keys: {
    address: {
      type: { kind: "endpoint", port: "required" },
      otherwise: "fwmark is needed",
      example: "172.17.253.110:80",
      shown: true,
      level: "basic",
      doc: "ADDRESS:PORT that clients connect to; [ADDRESS]:PORT for IPv6",
    },
    fwmark: {
      type: integer(1, 2 ** 32 - 1),
      otherwise: "address is needed",
      example: "99",
      level: "advanced",
      doc: "In place of address: the service is every packet with this firewall mark",
    },
    protocol: {
      type: oneOf("tcp", "udp"),
      otherwise: "none: an address needs it",
      example: "tcp",
      shown: true,
      level: "basic",
      doc: "Transport protocol of address",
    },
    lb_algo: {
      type: { kind: "enum", words: Object.keys(schedulers) },
      aliases: ["lvs_sched"],
      default: "wlc",
      level: "basic",
      doc: "Scheduler that picks the real server of a new connection",
    },
    lb_kind: {
      type: oneOf("NAT", "DR", "TUN"),
      aliases: ["lvs_method"],
      default: "NAT",
      level: "basic",
      doc: "How packets reach a real server: NAT, DR (direct routing) or TUN (IP in IP)",
    },
    persistence_timeout: {
      type: duration({ minMs: 1000, maxMs: 31 * DAY_MS, wholeSeconds: true }),
      otherwise: "no persistence",
      example: "50",
      level: "basic",
      doc: "A client stays with its real server until it was away this long",
    },
    persistence_granularity: {
      type: { kind: "netmask" },
      otherwise: "32 (IPv6: 128), every client by itself",
      example: "255.255.255.0",
      level: "advanced",
      doc: "Clients of one such network count as one client: a netmask or a prefix length",
    },
    quorum: {
      type: integer(1, 2 ** 31 - 1),
      default: "1",
      level: "advanced",
      doc: "Sum of the weights of live real servers needed; below it the sorry server takes over",
    },
    hysteresis: {
      type: integer(0, 2 ** 31 - 1),
      default: "0",
      level: "advanced",
      doc: "Quorum is lost below quorum - hysteresis and regained at quorum + hysteresis (or when all are UP); less than quorum",
    },
    sorry_server: {
      type: { kind: "endpoint", port: "optional" },
      otherwise: "none",
      example: "172.17.253.99:80",
      level: "basic",
      doc: "Server that is used while there is no quorum",
    },
    weight: {
      type: integer(1, 2 ** 31 - 1),
      default: "1",
      level: "advanced",
      doc: "Weight of the real servers that name none",
    },
    inhibit_on_failure: {
      type: { kind: "bool" },
      default: "no",
      level: "advanced",
      doc: "A real server that fails gets weight 0 and keeps its connections; it does not leave the table",
    },
    smtp_alert: {
      type: { kind: "bool" },
      otherwise: "smtp_alert_checker or smtp_alert of [global], else no",
      example: "yes",
      level: "advanced",
      doc: "Send a mail when the quorum is lost or gained",
    },
    check: {
      type: { kind: "name" },
      list: true,
      example: "ok_page",
      shown: true,
      level: "basic",
      doc: "A check of all real servers of this virtual server; all must be UP",
    },
    ...serverTiming("real servers of this virtual server"),
  },
} as const satisfies SectionSpec;

export const realServerKeys = {
  doc: "A server behind the virtual server VS",
  labels: ["VS", "NAME"],
  example: "real_server.web.rs1",
  keys: {
    address: {
      type: { kind: "endpoint", port: "optional" },
      required: true,
      example: "172.17.253.140:80",
      level: "basic",
      doc: "ADDRESS:PORT of the server; the port may be left out with DR and TUN, where it is the service's",
    },
    weight: {
      type: integer(0, 2 ** 31 - 1),
      otherwise: "weight of the virtual server",
      example: "2",
      level: "basic",
      doc: "Share of the connections; 0 = no new ones",
    },
    lb_kind: {
      type: oneOf("NAT", "DR", "TUN"),
      aliases: ["lvs_method"],
      otherwise: "lb_kind of the virtual server",
      example: "NAT",
      level: "advanced",
      doc: "How packets reach this real server",
    },
    inhibit_on_failure: {
      type: { kind: "bool" },
      otherwise: "inhibit_on_failure of the virtual server",
      example: "no",
      level: "advanced",
      doc: "When it fails it gets weight 0 and keeps its connections; it does not leave the table",
    },
    smtp_alert: {
      type: { kind: "bool" },
      otherwise: "smtp_alert_checker or smtp_alert of [global], else yes",
      example: "no",
      level: "advanced",
      doc: "Send a mail when it goes UP or DOWN",
    },
    check: {
      type: { kind: "name" },
      list: true,
      example: "ok_page",
      level: "basic",
      doc: "A further check of this real server, beside those of the virtual server",
    },
    ...serverTiming("this real server"),
  },
} as const satisfies SectionSpec;

function serverTiming(whose: string): typeof checkTiming {
  const rows = Object.entries(checkTiming).map(([name, row]) => [
    name,
    {
      ...row,
      level: "advanced",
      otherwise: whose.startsWith("this")
        ? "what the virtual server says"
        : row.otherwise.split(",")[0],
      doc: `${name} of the checks of ${whose} that name none`,
    },
  ]);
  return Object.fromEntries(rows) as typeof checkTiming;
}
