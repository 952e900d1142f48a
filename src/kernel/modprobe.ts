// Asks modprobe(8) for a kernel module, for kernels that do not load it when it is first used.

export type Loading = { readonly ok: true } | { readonly ok: false; readonly reason: string };

const TIMEOUT_MS = 5000;
const OUTPUT_BYTES_MAX = 4096;

/** Blocks until modprobe ends: for start-up, not for a loop that must turn. */
export function loadModule(name: string): Loading {
  // Loaded late: nearly nobody needs it.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const run = spawnSync("modprobe", ["--", name], {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  if (run.error !== undefined) return { ok: false, reason: `modprobe: ${run.error.message}` };
  if (run.status === 0) return { ok: true };
  const text = run.stderr.trim().split("\n")[0];
  return { ok: false, reason: text || `modprobe ended with status ${String(run.status)}` };
}
