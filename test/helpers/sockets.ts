// Temporary directories and kept logs, for tests that use real sockets.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { pino } from "pino";
import type { Log } from "../../src/lib/log.ts";

/** A directory that is removed when the test ends. */
export function temporaryDirectory(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), "duet-test-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A log that keeps its lines for the test. */
export function memoryLog(): { readonly log: Log; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
  };
  return { log: pino({ level: "trace" }, { write }), lines };
}
