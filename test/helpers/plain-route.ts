// A route of the main table with nothing special: what a test of routes begins with.

import type { NewRoute } from "../../src/kernel/routes.ts";

export function plainRoute(hop: NewRoute["hops"][number]): NewRoute {
  return {
    type: "unicast",
    destination: "203.0.113.0",
    prefixLength: 24,
    source: null,
    table: 254,
    scope: 0,
    metric: null,
    protocol: null,
    mtu: null,
    hops: [hop],
  };
}
