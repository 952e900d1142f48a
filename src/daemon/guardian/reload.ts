// A reload. Law 2: the running configuration stays until the new one is proven.

import type { Config, ReadResult } from "../../config/model.ts";
import { problemLine } from "../../config/problem-line.ts";
import type { ReadOptions } from "../../config/read-options.ts";
import type { Log } from "../../lib/log.ts";
import type { Crew } from "./crew.ts";
import type { ConfigFile } from "./file.ts";
import { isError, logProblems, refusalText } from "./log-problems.ts";
import { readInChild } from "./read-in-child.ts";
import type { StandIn } from "./stand-in/stand-in.ts";

/** `isLoaded`: the file is in use, though perhaps not by every role. */
type Loaded = Outcome & { readonly isLoaded: boolean };

export type Outcome = { readonly ok: boolean; readonly reasons: readonly string[] };

/** `onValid`: it is going to be used now. */
export async function reloadFile(
  parts: {
    readonly program: string;
    readonly environment: NodeJS.ProcessEnv;
    readonly file: ConfigFile;
    readonly how: ReadOptions;
    readonly standIn?: StandIn;
    readonly crew: Crew;
    readonly log: Log;
  },
  onValid: () => void,
): Promise<Loaded> {
  const { file, crew, log } = parts;
  const { path } = file;
  const content = await file.look();
  const read: ReadResult = await readInChild({ ...parts, file: path });
  if (!read.ok) {
    logProblems(log, read.problems);
    log.error({ file: path }, "reload refused, nothing changed");
    file.refused(content);
    const reasons = read.problems.filter(isError).map(problemLine);
    crew.degraded.set("reload_refused", path, refusalText("nothing was changed", reasons));
    return { ok: false, reasons: read.problems.map(problemLine), isLoaded: false };
  }
  logProblems(log, read.warnings);
  const waiting = waitsForStart(crew.config(), read.config);
  if (waiting.length > 0) {
    log.warn({ keys: waiting }, "a reload does not change these: they hold from the next start");
  }
  onValid();
  const reasons = await crew.configure(read.config);
  void file.loaded(content, read.included);
  crew.degraded.set("reload_refused", path, refusalText("not taken by every role", reasons));
  const ok = reasons.length === 0;
  if (ok) log.info({ file: path }, "reloaded");
  else log.error({ file: path, reasons }, "reload not taken by every role");
  return { ok, reasons, isLoaded: true };
}

/** What means nothing before the next start. */
const keysOfStart = {
  startup_script: ({ notify }: Config) => notify.startupScript,
  vrrp_startup_delay: ({ startDelay }: Config) => startDelay.startupMs,
  vrrp_delay_after_boot: ({ startDelay }: Config) => startDelay.afterBootMs,
};

/** The keys whose new value has to wait. All others hold at once. */
export function waitsForStart(before: Config, after: Config): readonly string[] {
  return Object.entries(keysOfStart)
    .filter(([, valueOf]) => JSON.stringify(valueOf(before)) !== JSON.stringify(valueOf(after)))
    .map(([key]) => key);
}
