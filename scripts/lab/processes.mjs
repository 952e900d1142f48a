// What processes cost: CPU and memory, from /proc.

import { readdirSync, readFileSync } from "node:fs";

/** A process and all that it started. */
export function family(pid) {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => statOf(name)?.[1] === String(pid))
    .map(Number);
  return [pid, ...children.flatMap(family)];
}

// The fields behind the name in brackets, which may hold spaces: state, parent, …
function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /s, "")
      .split(" ");
  } catch {
    return undefined; // it ended meanwhile
  }
}

// The kernel counts in hundredths of a second.
export function cpuMs(pids) {
  return pids.reduce((sum, pid) => {
    const fields = statOf(pid) ?? [];
    return sum + 10 * (Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
  }, 0);
}

export function memoryMb(pids, pattern) {
  const kib = pids.map((pid) =>
    Number(pattern.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))[1]),
  );
  return kib.reduce((sum, value) => sum + value, 0) / 1024;
}
