// Probes that only connect, between whole ones, of the types that have a connection.

import { integer } from "../../config/schema/plain-types.ts";
import { isGiven, lineOf, type Part, type Report, type Rows, type Written } from "./type.ts";

// biome-ignore format: a table, a row a key
const keys = {
  connects: { type: integer(0, 1000), default: "0", example: "5",
    doc: "So many probes that only connect follow each whole one that succeeds, as ldirectord's checktype = N; after a failure, and while the real server is DOWN, every probe is whole" },
} as const satisfies Rows;

/** Keys of other parts that leave a probe without a connection, or with nothing else. */
type Beside = {
  readonly transport?: "udp" | "tcp";
  readonly tls?: boolean;
  readonly send?: readonly unknown[];
  readonly expect?: readonly unknown[];
  readonly type?: string;
};

export const connects = {
  keys,
  // It is of the timing, which every check has.
  build: () => ({}),
  rows: () => [],
  judge(section: Written<typeof keys, Beside>, report: Report) {
    const { type, connects: count, transport, tls, send = [], expect = [] } = section.values;
    if (count === 0 || !isGiven(section, "connects")) return;
    if ((type === "dns" || type === "sip") && transport === "udp") {
      report(
        lineOf(section, "connects"),
        "Cannot use connects with transport = udp: datagrams have no connection",
      );
    }
    if (type === "tcp" && !tls && send.length + expect.length === 0) {
      report(
        lineOf(section, "connects"),
        "Cannot use connects without send[] or expect[]: every probe only connects",
      );
    }
  },
} as const satisfies Part;
