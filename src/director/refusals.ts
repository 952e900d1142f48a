// Services that cannot work on this machine as it is, and why: they are not put into the table until they can.

import type { VirtualServerConfig } from "../config/model.ts";
import type { Log } from "../lib/log.ts";
import type { Forwarding } from "./forwarding.ts";

export type Refusals = {
  /** Looks again; true: others than before. */
  readonly look: (forwarding: Forwarding, configs: readonly VirtualServerConfig[]) => boolean;
  /** By the name of the virtual server; null = it can work. */
  readonly of: (virtualServer: string) => string | null;
};

export function openRefusals(log: Log): Refusals {
  let refusals: ReadonlyMap<string, string> = new Map();
  return {
    look(forwarding, configs) {
      const before = refusals;
      refusals = forwarding.problemsOf(configs);
      const fresh = [...refusals].filter(([name, error]) => before.get(name) !== error);
      for (const [virtual_server, error] of fresh) {
        log.error({ virtual_server, error }, "service refused");
      }
      return fresh.length > 0 || refusals.size !== before.size;
    },
    of: (name) => refusals.get(name) ?? null,
  };
}
