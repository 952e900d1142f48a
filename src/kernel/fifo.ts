// A named pipe that lines are written to without ever waiting for who reads them. fifo(7), pipe(7).

import { execFileSync } from "node:child_process";
import {
  chownSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import type { Identity } from "../lib/accounts.ts";

export type Fifo = {
  /** "full": nothing of it was written. A line of up to PIPE_BUF (4096) bytes is written whole or not at all. */
  readonly write: (line: string) => "written" | "full";
  /** The reader comes to the end of the file; it can still read what was written before. */
  readonly close: () => void;
  /** Removes the file when it was made here. */
  readonly remove: () => void;
};

const MKFIFO_LIMIT_MS = 2000;

/** Makes the pipe when it is not there. Throws when there is something else, or it cannot be made. */
export function openFifo(path: string, owner: Identity | null): Fifo {
  const made = !isThere(path);
  if (made) {
    execFileSync("mkfifo", ["-m", "0600", "--", path], {
      timeout: MKFIFO_LIMIT_MS,
      stdio: ["ignore", "ignore", "pipe"],
    });
    if (owner !== null) chownSync(path, owner.uid, owner.gid);
  }
  // Reading too, so that it opens, and keeps what is written, before anybody reads.
  const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants;
  const fd = openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
  if (!fstatSync(fd).isFIFO()) {
    closeSync(fd);
    throw new Error(`Cannot use ${path} as a FIFO: it is something else`);
  }
  return {
    write(line) {
      try {
        writeSync(fd, line);
        return "written";
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "EAGAIN") return "full";
        throw error;
      }
    },
    close: () => closeSync(fd),
    remove: () => {
      if (made) rmSync(path, { force: true });
    },
  };
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
