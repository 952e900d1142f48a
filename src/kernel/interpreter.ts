// Why the kernel cannot run a script that is there: execve(2) says ENOENT of its interpreter too.

import { closeSync, openSync, readSync } from "node:fs";

const LINE_BYTES_MAX = 256;

/** `code` is what execve() said. */
export function whyNotRun(path: string, code: string): string {
  if (code !== "ENOENT") return code;
  const interpreter = /^#![ \t]*([^ \t\n]*)/.exec(beginning(path))?.[1];
  if (interpreter === undefined) return code;
  return interpreter.endsWith("\r")
    ? `${path} has CR LF line ends: there is no interpreter ${JSON.stringify(interpreter)}`
    : `there is no interpreter ${interpreter || "after #!"}, which ${path} asks for`;
}

function beginning(path: string): string {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(LINE_BYTES_MAX);
      return bytes.toString("latin1", 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch {
    return "";
  }
}
