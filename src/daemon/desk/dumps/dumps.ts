// The dump files that keepalived writes when it gets a signal, written by the desk: nothing that keeps a service alive waits for
// them. They are often in /tmp: a link that was planted in their place is replaced, never written through.

import type { Config } from "../../../config/model.ts";
import type { Status } from "../../../control/status.ts";
import { replaceFile } from "../../../lib/durable.ts";
import { errorText } from "../../../lib/errors.ts";
import type { Log } from "../../../lib/log.ts";
import type { DumpKind } from "../../process/messages.ts";
import { dataText } from "./data.ts";
import { jsonText } from "./json.ts";
import { statsText } from "./stats.ts";
import { type Counts, countsOf, type Dumped, dumpedOf } from "./words.ts";

export type Dumps = {
  /** Never rejects. */
  readonly write: (kind: DumpKind) => Promise<void>;
};

const NAMES: Readonly<Record<DumpKind, string>> = {
  state: "keepalived.data",
  stats: "keepalived.stats",
  stats_clear: "keepalived.stats",
  json: "keepalived.json",
};

export function openDumps(parts: {
  readonly log: Log;
  /** undefined = there is none yet. */
  readonly config: () => Config | undefined;
  readonly status: () => Promise<Status>;
}): Dumps {
  const { log } = parts;
  /** By instance: what was counted when the counters were last cleared. */
  const cleared = new Map<string, Counts>();

  function countsNow({ status }: Dumped): Counts {
    const counts = countsOf(status.counters);
    const before = cleared.get(status.name);
    // Less than before: they are those of a process that was started since.
    if (before === undefined || counts.advert_sent < before.advert_sent) return counts;
    const differences = Object.entries(counts).map(([name, count]) => [
      name,
      Math.max(0, count - before[name as keyof Counts]),
    ]);
    return Object.fromEntries(differences) as Counts;
  }

  function textOf(kind: DumpKind, config: Config, status: Status): string {
    if (kind === "state") return dataText(config, status);
    if (kind === "json") return jsonText(config, status, countsNow);
    return statsText(config, status, countsNow);
  }

  return {
    async write(kind) {
      const config = parts.config();
      if (config === undefined) return;
      const { stateFile, statsFile, jsonFile } = config.global.dumps;
      const file = { state: stateFile, stats: statsFile, stats_clear: statsFile, json: jsonFile }[
        kind
      ];
      if (file === null) {
        log.info({ dump: kind }, "a signal asks for a dump file that is not configured");
        return;
      }
      try {
        const status = await parts.status();
        // keepalived takes a folder too.
        replaceFile(
          file.endsWith("/") ? `${file}${NAMES[kind]}` : file,
          textOf(kind, config, status),
        );
        if (kind !== "stats_clear") return;
        for (const { status: now } of dumpedOf(config, status)) {
          cleared.set(now.name, countsOf(now.counters));
        }
      } catch (error) {
        log.error({ file, error: errorText(error) }, "dump file not written");
      }
    },
  };
}
