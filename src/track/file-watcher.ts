// The hands of tracked files: told by inotify, read in one go. Where inotify cannot tell (a directory that does
// not exist yet, a symbolic link to elsewhere) the file is looked at once a second.

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { openInotify, silentFileSystem } from "../kernel/inotify.ts";
import type { Clock } from "../lib/clock.ts";
import { errorText } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { TrackFileConfig } from "./model.ts";

export type FileNow = {
  readonly name: string;
  /** It holds a number. */
  readonly up: boolean;
  readonly value: number;
  readonly detail: string;
};

export type FileWatcher = {
  readonly configure: (files: readonly TrackFileConfig[]) => void;
  readonly close: () => void;
};

type Watched = {
  readonly file: TrackFileConfig;
  readonly directory: string;
  readonly base: string;
  watch: number | undefined;
  /** inotify does not tell everything about it. */
  slow: boolean;
  problem: string | null;
};

const LOOK_AGAIN_MS = 1000;

/** `startedAtMs`: what is older, by the wall clock, was there before the start. */
export function openFileWatcher(options: {
  readonly clock: Clock;
  readonly log: Log;
  readonly startedAtMs: number;
  readonly tell: (now: FileNow) => void;
}): FileWatcher {
  const { clock, log } = options;
  const files = new Map<string, Watched>();
  const lookAgain = clock.alarm(onLookAgain);
  let first = true;
  const inotify = openInotify({
    onName(watch, name) {
      for (const file of files.values()) {
        if (file.watch === watch && file.base === name) read(file);
      }
    },
    onGone(watch) {
      for (const file of files.values()) {
        if (file.watch !== watch) continue;
        file.watch = undefined;
        look(file);
      }
    },
    onOverflow() {
      for (const file of files.values()) read(file);
    },
  });

  function onLookAgain(): void {
    for (const file of files.values()) if (file.slow) look(file);
    arm();
  }

  function arm(): void {
    const any = [...files.values()].some(({ slow }) => slow);
    lookAgain.set(any ? clock.nowMs() + LOOK_AGAIN_MS : Infinity);
  }

  /** Watches first, so that no change falls between the reading and the watch. */
  function look(watched: Watched): void {
    try {
      const silent = silentFileSystem(watched.directory);
      if (silent !== undefined) {
        report(watched, { value: 0, problem: `on ${silent}, where changes are not told` });
        return;
      }
      watched.watch = inotify.add(watched.directory);
      watched.slow = isLink(watched.file.path);
    } catch {
      // It is not there yet, or not any more.
      watched.slow = true;
    }
    read(watched);
    if (watched.slow) arm();
  }

  function read(watched: Watched): void {
    report(watched, readTrackFile(watched.file.path));
  }

  function report(watched: Watched, { value, problem }: FileReading): void {
    const { name, path } = watched.file;
    if (problem !== watched.problem && problem !== null && problem !== MISSING) {
      log.warn({ file: path, problem }, "tracked file holds no number, 0 is used");
    }
    watched.problem = problem;
    options.tell({ name, up: problem === null, value, detail: problem ?? `holds ${value}` });
  }

  function open(file: TrackFileConfig): void {
    const { path } = file;
    if (first && file.init !== null) initialize(file, file.init);
    const watched: Watched = {
      file,
      directory: dirname(path),
      base: basename(path),
      watch: undefined,
      slow: false,
      problem: null,
    };
    files.set(file.name, watched);
    look(watched);
  }

  function initialize(
    { path }: TrackFileConfig,
    { value, overwrite }: NonNullable<TrackFileConfig["init"]>,
  ): void {
    try {
      const known = statSync(path, { throwIfNoEntry: false });
      // What was written after the start is an operator's: it is only this process that starts again.
      if (known !== undefined && (!overwrite || known.mtimeMs >= options.startedAtMs)) return;
      const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
      const fd = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o644);
      writeSync(fd, `${value}\n`);
      closeSync(fd);
    } catch (error) {
      log.warn({ file: path, error: errorText(error) }, "tracked file not written");
    }
  }

  return {
    configure(wanted) {
      const before = new Set([...files.values()].map(({ watch }) => watch));
      const byName = new Map(wanted.map((file) => [file.name, file]));
      for (const [name, { file }] of files) {
        if (byName.get(name)?.path !== file.path) files.delete(name);
      }
      for (const file of wanted) if (!files.has(file.name)) open(file);
      first = false;
      const needed = new Set([...files.values()].map(({ watch }) => watch));
      for (const watch of before) {
        if (watch !== undefined && !needed.has(watch)) inotify.remove(watch);
      }
      arm();
    },
    close() {
      lookAgain.set(Infinity);
      files.clear();
      inotify.close();
    },
  };
}

const MISSING = "missing";

/** A regular file only: a FIFO or a device could make its reader wait. */
function readTrackFile(path: string): FileReading {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const { size } = fstatSync(fd);
      if (!fstatSync(fd).isFile()) return { value: 0, problem: "no regular file" };
      if (size > FILE_BYTES_MAX)
        return { value: 0, problem: `longer than ${FILE_BYTES_MAX} bytes` };
      const buffer = Buffer.alloc(FILE_BYTES_MAX);
      return parseTrackFile(buffer.toString("latin1", 0, readSync(fd, buffer)));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return { value: 0, problem: code === "ENOENT" ? MISSING : errorText(error) };
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

export type FileReading = {
  readonly value: number;
  /** What is wrong with the text; the value is 0 then. */
  readonly problem: string | null;
};

/** A number is shorter than this; what is longer is not read. */
export const FILE_BYTES_MAX = 64;

const VALUE_MAX = 2 ** 31 - 1;

/** As strtol(3) with base 0 reads it: decimal, 0x hexadecimal, 0 octal. */
export function parseTrackFile(text: string): FileReading {
  const written = text.trim();
  if (written === "") return { value: 0, problem: "empty" };
  const match = /^([+-]?)(?:0x([\da-f]+)|0([0-7]*)|([1-9]\d*))$/i.exec(written);
  if (match === null) return { value: 0, problem: `no number: ${JSON.stringify(written)}` };
  const [, sign, hexadecimal, octal, decimal] = match;
  const size =
    hexadecimal !== undefined
      ? Number.parseInt(hexadecimal, 16)
      : decimal !== undefined
        ? Number(decimal)
        : Number.parseInt(octal === "" || octal === undefined ? "0" : octal, 8);
  if (size > VALUE_MAX) return { value: 0, problem: `out of range: ${written}` };
  return { value: sign === "-" ? -size + 0 : size, problem: null };
}
