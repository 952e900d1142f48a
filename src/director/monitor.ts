// Monitor files, as ldirectord has them: a line for every result of a check. Written in the background, many lines at a
// time, to whatever has the name by then, so that logrotate may take it away; one that nobody takes away becomes NAME.1.
//
//   [2026-01-01T00:00:00.000Z] [123] web.rs1 10.0.0.21:80 [up] ok_page: 200
//   [2026-01-01T00:00:06.000Z] [123] web.rs1 10.0.0.21:80 [down] ok_page: wrong_status (503, wanted 200)

import { constants } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import type { LastProbe } from "../check/engine.ts";
import type { CheckConfig } from "../check/types/index.ts";
import type { RealServerConfig, VirtualServerConfig } from "../config/model.ts";
import { placeOf } from "../ipvs/canonical.ts";
import { type Clock, wallTimeOf } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import { within } from "../lib/within.ts";

export type Monitor = {
  readonly configure: (virtualServers: readonly VirtualServerConfig[]) => void;
  readonly result: (result: CheckResult) => void;
  /** What was told until now is written, or `limitMs` are over. */
  readonly close: (limitMs: number) => Promise<void>;
};

export type CheckResult = {
  readonly virtualServer: string;
  readonly realServer: RealServerConfig;
  readonly check: Pick<CheckConfig, "name" | "logsFailures">;
  readonly last: LastProbe;
};

const FLUSH_INTERVAL_MS = 500;
/** What waits for a disk that stalls. */
const WAITING_MAX_CHARS = 1 << 20;
const FILE_MAX_BYTES = 64 << 20;
const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK } = constants;

type File = { lines: string[]; waitingChars: number; lost: number; busy: boolean; error: string };

export function openMonitor(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly fileMaxBytes?: number;
}): Monitor {
  const { clock, log, fileMaxBytes = FILE_MAX_BYTES } = options;
  /** By virtual server. */
  let paths: ReadonlyMap<string, string> = new Map();
  const files = new Map<string, File>();
  const alarm = clock.alarm(flush);
  let written = (): void => {};

  function flush(): void {
    for (const [path, file] of files) if (!file.busy) void write(path, file);
  }

  /** Never rejects. */
  async function write(path: string, file: File): Promise<void> {
    const { lines, lost } = file;
    Object.assign(file, { lines: [], waitingChars: 0, lost: 0, busy: true });
    try {
      await append(path, lines.join(""), fileMaxBytes);
      if (file.error !== "") log.info({ path }, "monitor file written again");
      if (lost > 0) log.warn({ path, lost }, "results not in the monitor file");
      file.error = "";
    } catch (error) {
      const text = errorText(error);
      if (file.error !== text) log.error({ path, error: text }, "cannot write the monitor file");
      file.error = text;
    }
    file.busy = false;
    if (file.lines.length > 0) alarm.set(clock.nowMs() + FLUSH_INTERVAL_MS);
    else files.delete(path);
    written();
  }

  function add(path: string, line: string): void {
    let file = files.get(path);
    if (file === undefined) {
      file = { lines: [], waitingChars: 0, lost: 0, busy: false, error: "" };
      files.set(path, file);
    }
    if (file.waitingChars + line.length > WAITING_MAX_CHARS) {
      file.lost += 1;
      return;
    }
    if (file.lines.length === 0) alarm.set(clock.nowMs() + FLUSH_INTERVAL_MS);
    file.lines.push(line);
    file.waitingChars += line.length;
  }

  function logFailure({ virtualServer, realServer, check, last }: CheckResult): void {
    const subject = { virtual_server: virtualServer, real_server: realServer.name };
    const { cause, detail } = last;
    log.info({ ...subject, check: check.name, cause, detail }, "check failed");
  }

  return {
    configure(virtualServers) {
      paths = new Map(
        virtualServers.flatMap(({ name, monitorFile }) =>
          monitorFile === null ? [] : [[name, monitorFile]],
        ),
      );
    },
    result(result) {
      const path = paths.get(result.virtualServer);
      if (path !== undefined) add(path, lineOf(result));
      if (result.check.logsFailures && !result.last.ok) logFailure(result);
    },
    async close(limitMs) {
      flush();
      await within(clock, limitMs, (done) => {
        written = () => {
          if (files.size === 0) done();
        };
        written();
      });
      alarm.set(Infinity);
    },
  };
}

async function append(path: string, text: string, maxBytes: number): Promise<void> {
  let file: FileHandle | undefined;
  try {
    // A FIFO that nobody reads is refused, it does not wait.
    file = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o640);
    await file.writeFile(text);
    const stat = await file.stat();
    if (stat.isFile() && stat.size > maxBytes) await rename(path, `${path}.1`);
  } finally {
    await file?.close();
  }
}

function lineOf({ virtualServer, realServer, check, last }: CheckResult): string {
  const { ok, cause, detail, atMs } = last;
  const said = ok ? detail : `${cause}${detail && ` (${detail})`}`;
  const server = `${virtualServer}.${realServer.name} ${placeOf(realServer.destination)}`;
  const message = escaped(`${check.name}: ${said}`);
  return `[${wallTimeOf(atMs)}] [${process.pid}] ${server} [${ok ? "up" : "down"}] ${message}\n`;
}

/** ldirectord's, and all that would end a line or move a cursor. */
function escaped(text: string): string {
  return text.replaceAll(/[%|\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
    encodeURIComponent(sign).toLowerCase(),
  );
}
