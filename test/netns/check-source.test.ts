// How probes leave this machine, told by the routing of a real kernel: firewall mark and interface.

import { createServer } from "node:net";
import test from "ava";
import type { ProbeResult } from "../../src/check/model.ts";
import type { Source } from "../../src/check/model-common.ts";
import { probe } from "../../src/check/probes/index.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { commonCheck } from "../helpers/checks.ts";
import { enterNewNetwork, ip } from "../helpers/netns.ts";

enterNewNetwork();
ip("link set lo up");
// The local table comes first otherwise, and no rule is asked.
ip("rule add pref 0 fwmark 0x80000077 prohibit");
ip("rule add pref 2 lookup local");
ip("rule del pref 0 lookup local");
ip("link add side0 type veth peer name side1");
ip("link set side0 up");

const free: Source = { address: null, port: null, interface: null, fwmark: null };

for (const [title, source, detail] of [
  ["another mark", { ...free, fwmark: 0x76 }, "connected"],
  ["the mark", { ...free, fwmark: 0x80000077 }, "EACCES"],
  ["lo", { ...free, interface: "lo" }, "connected"],
  ["an interface that leads elsewhere", { ...free, interface: "side0" }, "no connection in 500 ms"],
] as const) {
  test.serial(`a probe with ${title}: ${detail}`, async (t) => {
    const server = createServer((socket) => void socket.on("error", () => {}).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.teardown(() => server.close());
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const config = {
      ...commonCheck,
      timeoutMs: 500,
      type: "tcp",
      tls: null,
      steps: [],
      source,
    } as const;
    const context = { clock: timeoutClock, signal: new AbortController().signal };
    const result: ProbeResult = await probe({ address: "127.0.0.1", port }, config, context);
    t.is(result.detail, detail);
  });
}
