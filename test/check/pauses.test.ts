// Real probes of every type in a process that does not run for a while: silence that nobody listened to is nobody's.

import test from "ava";
import { openRunner } from "../../src/check/runner.ts";
import type { CheckConfig } from "../../src/check/types/index.ts";
import { openCheckClock } from "../../src/daemon/director/stages.ts";
import { BAD_CASES, TIMEOUT_MS } from "../helpers/bad-cases.ts";
import { startBadServers } from "../helpers/bad-servers.ts";
import { eventually } from "../helpers/wait.ts";

const STALL_MS = 3 * TIMEOUT_MS + 500;

const bad = startBadServers();
test.after.always(() => bad.end());

/** This process, all of it. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

type Seen = { readonly verdicts: readonly string[]; readonly pauses: readonly number[] };

/** One probe, in which the process stalls as soon as it has begun; until its result. */
async function stalled(config: CheckConfig, port: number): Promise<Seen> {
  const verdicts: string[] = [];
  const pauses: number[] = [];
  let results = 0;
  const runner = openRunner({
    clock: openCheckClock(),
    later: setImmediate,
    onVerdict: (_key, up, { cause, detail }) =>
      verdicts.push(`${up ? "UP" : "DOWN"} ${cause} ${detail}`),
    onResult: () => void (results += 1),
    onPause: (pauseMs) => void pauses.push(pauseMs),
  });
  const target = { address: "127.0.0.1", port };
  runner.start("rs", target, config, { assumeUp: true, firstDelayMs: 0, chance: 0 });
  try {
    while (runner.state("rs")?.serial === 0) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    stall(STALL_MS);
    await eventually("its result", () => results > 0);
  } finally {
    runner.close();
  }
  return { verdicts, pauses };
}

for (const [type, cases] of Object.entries(BAD_CASES)) {
  (cases ?? []).forEach(({ config, over, content }, i) => {
    test.serial(`${type} (${i + 1}): no pause of ours is its server's failure`, async (t) => {
      const what = "says nothing";
      const server = await (over === "udp" ? bad.openUdp(what) : bad.openTcp(what));
      t.teardown(server.close);
      const { verdicts, pauses } = await stalled(config, server.port);
      if (content === "all") {
        t.deepEqual(verdicts, [], "what it is content with is a success");
        return;
      }
      t.not(pauses.length, 0);
      t.is(verdicts.length, 1);
      t.regex(verdicts[0] ?? "", /^DOWN (?:timeout|bad_response|unexpected_answer) no /);
    });
  });
}
