// The rows of checks, and of the timing of checks that servers say.

import { address, addressOrHost, interfaceName } from "../schema/addresses.ts";
import { bool, DAY_MS, duration, HOUR_MS, integer, oneOf } from "../schema/plain-types.ts";
import type { KeySpec, SectionSpec } from "../schema/row.ts";
import { CHECK_TYPES, typeKeys, typesDoc } from "./kinds.ts";

// biome-ignore format: a table, a row a key
export const placeKeys = {
  address: { field: "address", type: addressOrHost, aliases: ["connect_ip"], otherwise: "the address of the real server", example: "172.17.253.140",
    doc: "Address that is probed, or the name of a host, which is looked up once, at start and reload" },
  port: { field: "port", type: integer(1, 65535), aliases: ["connect_port"], otherwise: "the port of the real server", example: "80",
    doc: "Port that is probed" },
  bind_address: { type: address, aliases: ["bindto"], otherwise: "as the kernel routes", example: "172.17.253.97",
    doc: "Address of this node that probes come from" },
  bind_port: { type: integer(1, 65535), otherwise: "an ephemeral port", example: "40000",
    doc: "Port that probes come from; only for a check of one real server, as a port is used by one probe at a time" },
  bind_interface: { type: interfaceName, aliases: ["bind_if"], otherwise: "as the kernel routes", example: "eth0",
    doc: "Interface that probes leave by, whatever the routes say (SO_BINDTODEVICE)" },
  fwmark: { type: integer(1, 2 ** 32 - 1), otherwise: "none", example: "99",
    doc: "Firewall mark of the packets of probes (SO_MARK), for policy routing" },
} as const satisfies Readonly<Record<string, KeySpec>>;

// biome-ignore format: a table, a row a key
const checkTiming = {
  interval: { type: duration({ minMs: 10, maxMs: DAY_MS, pace: true }), aliases: ["delay_loop"], otherwise: "6, or what the real or virtual server says", example: "6", level: "basic",
    doc: "Time from the start of one probe to the start of the next" },
  timeout: { type: duration({ minMs: 1, maxMs: HOUR_MS, pace: true }), aliases: ["connect_timeout"], otherwise: "5, or what the real or virtual server says", example: "5", level: "basic",
    doc: "Limit of one probe as a whole: connect, request and answer" },
  retry: { type: integer(0, 1000), otherwise: "1, or what the real or virtual server says", example: "1", level: "basic",
    doc: "Extra attempts before the real server is DOWN" },
  delay_before_retry: { type: duration({ minMs: 0, maxMs: HOUR_MS, pace: true }), otherwise: "1, or what the real or virtual server says", example: "1", level: "basic",
    doc: "Pause before an extra attempt" },
  rise: { type: integer(1, 1000), otherwise: "1, or what the real or virtual server says", example: "1",
    doc: "Successes in a row that bring a real server UP" },
  fast_interval: { type: duration({ minMs: 10, maxMs: DAY_MS, pace: true }), otherwise: "none, or what the real or virtual server says", example: "500ms",
    doc: "Interval while the latest results speak against the verdict, in place of interval and delay_before_retry" },
  down_interval: { type: duration({ minMs: 10, maxMs: DAY_MS, pace: true }), otherwise: "interval, or what the real or virtual server says", example: "10",
    doc: "Interval while the real server is DOWN" },
  warmup: { type: duration({ minMs: 0, maxMs: DAY_MS }), otherwise: "2 ms for each check and at most 1 s in turn, or what the real or virtual server says", example: "6",
    doc: "The first probe begins at random within this time" },
  jitter: { type: duration({ minMs: 0, maxMs: HOUR_MS }), otherwise: "0, or what the real or virtual server says", example: "100ms",
    doc: "Every interval is longer by a random part of this" },
} as const satisfies Record<string, KeySpec>;

// biome-ignore format: a table, a row a key
export const checkKeys = {
  doc: "A health check; virtual and real servers name it in check[]",
  labels: ["NAME"],
  example: "check.ok_page",
  keys: {
    type: { type: oneOf(...CHECK_TYPES), required: true, example: "http", level: "basic",
      doc: typesDoc },
    ...typeKeys,
    log_all_failures: { type: bool, default: "no",
      doc: "Every failure is a line of the log, also while the real server stays what it is" },
    ...checkTiming,
    ...placeKeys,
  },
} as const satisfies SectionSpec;

/** Rows of virtual and real servers for the checks that name none. */
export function serverTiming(whose: string): typeof checkTiming {
  const rows = Object.entries(checkTiming).map(([key, { otherwise, ...row }]) => {
    const rest: KeySpec = { ...row, doc: `${key} of the checks of ${whose} that name none` };
    const inherited = whose.startsWith("this");
    const what = inherited ? "what the virtual server says" : otherwise.split(",")[0];
    return [
      key,
      { ...rest, level: undefined, otherwise: what, ...(inherited && { ofService: "maybe" }) },
    ];
  });
  return Object.fromEntries(rows) as typeof checkTiming;
}
