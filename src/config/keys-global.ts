// The table of keys: the node as a whole.

import { duration, HOUR_MS, oneOf } from "./key-types.ts";
import { notifyRows } from "./keys-notify.ts";
import type { SectionSpec } from "./spec.ts";

export const globalKeys = {
  doc: "What concerns the whole node",
  labels: [],
  example: "global",
  keys: {
    router_id: {
      type: { kind: "word" },
      otherwise: "the host name",
      example: "lb1",
      shown: true,
      level: "basic",
      doc: "Name of this node for people: status and logs show it, adverts do not carry it",
    },
    vrrp_version: {
      type: oneOf("2", "3"),
      default: "2",
      level: "basic",
      doc: "VRRP version of the instances that name none",
    },
    hook_timeout: {
      type: duration({ minMs: 100, maxMs: HOUR_MS }),
      default: "30",
      level: "advanced",
      doc: "How long one run of a notify script may take before it is killed",
    },
    ...notifyRows,
  },
} as const satisfies SectionSpec;
