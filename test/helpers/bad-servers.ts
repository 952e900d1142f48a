// Bad servers in a process of their own: what they do must not wait for the probes, nor make these wait.

import { fork } from "node:child_process";
import type { BadTcp, BadUdpBehaviour } from "./bad-behaviours.ts";
import type { BadCounts, BadOrder } from "./bad-servers-process.ts";

export type BadServers = {
  readonly openTcp: (what: BadTcp) => Promise<BadServer>;
  readonly openUdp: (what: BadUdpBehaviour) => Promise<BadServer>;
  /** All of them. */
  readonly end: () => void;
};

export type BadServer = {
  readonly port: number;
  /** Connections that are still open, and what was sent to all of them so far. */
  readonly counts: () => Promise<BadCounts>;
  readonly close: () => Promise<void>;
};

export function startBadServers(): BadServers {
  const child = fork(new URL("bad-servers-process.js", import.meta.url));
  const waiting = new Map<number, (counts: BadCounts) => void>();
  let lastId = 0;
  child.on("message", ({ id, counts }: { readonly id: number; readonly counts: BadCounts }) => {
    waiting.get(id)?.(counts);
    waiting.delete(id);
  });

  async function say(order: BadOrder): Promise<BadCounts> {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      child.send({ id, order });
    });
  }

  function serverAt(port: number): BadServer {
    return {
      port,
      counts: async () => say({ kind: "count", port }),
      async close() {
        await say({ kind: "close", port });
      },
    };
  }

  return {
    openTcp: async (what) => serverAt((await say({ kind: "tcp", what })).port),
    openUdp: async (what) => serverAt((await say({ kind: "udp", what })).port),
    end: () => child.disconnect(),
  };
}
