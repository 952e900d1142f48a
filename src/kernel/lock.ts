// One daemon a run directory: a file that names the holder and is locked for as long as the holder lives,
// however it dies. flock(2).

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { writeAt } from "../lib/durable.ts";
import { errnoName, KernelError } from "./errors.ts";
import { errno, flock } from "./ffi.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;

export type Lock =
  | { readonly ok: true; readonly release: () => void }
  | { readonly ok: false; readonly holderPid: string };

/** Writes this process's pid into `path` when it gets the lock. */
export function takeLock(path: string): Lock {
  const fd = openOwn(path); // close-on-exec: children do not keep the lock
  if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
    const code = errno();
    closeSync(fd);
    if (errnoName(code) !== "EAGAIN") throw new KernelError(`lock ${path}`, code);
    return { ok: false, holderPid: readFileSync(path, "utf8").trim() };
  }
  ftruncateSync(fd);
  writeAt(path, () => writeSync(fd, `${process.pid}\n`));
  return { ok: true, release: () => closeSync(fd) };
}

/** Not through a link, and nothing but a file of ours that stands nowhere else: what is locked is also emptied. */
function openOwn(path: string): number {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  const stat = fstatSync(fd);
  if (stat.isFile() && stat.nlink === 1 && stat.uid === process.geteuid?.()) return fd;
  closeSync(fd);
  throw new Error(`Cannot use "${path}": it must be a plain file of this user, with one name`);
}
