// Loaded before every test file. A test process that does not end by itself has left something open; ava waits for it
// until its own timeout and then fails without a word. Here it is named, soon.

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import test, { registerCompletionHandler } from "ava";

const PATIENCE_MS = 10_000;

registerCompletionHandler(() => {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((each) => each !== "Timeout");
    const lines = [`${test.meta.file} does not end, open: ${open.join(", ")}`, ...companions()];
    process.stderr.write(lines.map((line) => `# ${line}\n`).join(""));
    process.exit(1);
  }, PATIENCE_MS).unref();
});

/** Processes of our own network, when that is not the machine's, and our children. */
function companions(): readonly string[] {
  const network = networkOf("self");
  const machines = networkOf("1");
  const isOwn = machines !== "" && network !== machines;
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")")).split(" ")[2]);
      if (parent !== process.pid && !(isOwn && networkOf(pid) === network)) return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return [`${pid}, child of ${parent}: ${command}`];
    } catch {
      return [];
    }
  });
}

function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return "";
  }
}
