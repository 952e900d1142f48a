// The processes of this machine, from /proc. proc(5).

import { closeSync, openSync, readdirSync, readSync } from "node:fs";

export type Process = {
  /** What the kernel calls it: up to 15 letters. */
  readonly name: string;
  readonly words: readonly string[];
};

const BYTES_MAX = 4096;
const buffer = Buffer.alloc(BYTES_MAX);

export function listPids(): readonly number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** undefined = it is gone, or only waits to be. A command line counts up to 4096 bytes. */
export function readProcess(pid: number, wantsWords: boolean): Process | undefined {
  const stat = readSome(`/proc/${pid}/stat`);
  // "17 (name) S …", where the name may hold anything.
  const open = stat?.indexOf("(") ?? -1;
  const end = stat?.lastIndexOf(")") ?? -1;
  if (stat === undefined || open < 0 || end < open) return undefined;
  const state = stat.charAt(end + 2);
  if (state === "Z" || state === "X") return undefined;
  const line = wantsWords ? readSome(`/proc/${pid}/cmdline`) : undefined;
  const words = line === undefined || line === "" ? [] : line.replace(/\0$/, "").split("\0");
  return { name: stat.slice(open + 1, end), words };
}

function readSome(path: string): string | undefined {
  try {
    const fd = openSync(path, "r");
    try {
      return buffer.toString("utf8", 0, readSync(fd, buffer));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
