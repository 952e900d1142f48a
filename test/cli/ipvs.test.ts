import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test, { type ExecutionContext } from "ava";
import { OPTIONS } from "../../src/ipvs/ipvsadm/options.ts";

const MAIN = resolve("build/duet/main.js");

test("duet ipvs -h names every option; under the name ipvsadm it calls itself that", (t) => {
  const link = linkTo(t, "ipvsadm");
  const ours = run([MAIN, "ipvs", "-h"]);
  t.is(ours.status, 0);
  for (const { long } of OPTIONS) t.regex(ours.stdout, new RegExp(` --${long}\\b`));
  t.is(run([link, "-h"]).stdout, ours.stdout.replaceAll("duet ipvs ", "ipvsadm "));
  t.regex(run([link, "--version"]).stdout, /^ipvsadm v1\.31 \(duet \S+\)\n$/);
});

test("what makes no sense is refused before the kernel is asked", (t) => {
  const link = linkTo(t, "ipvsadm");
  const advice = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n";
  t.like(run([link, "nonsense"]), { status: 255, stderr: advice, stdout: "" });
  t.like(run([MAIN, "ipvs", "-Q"]), { status: 255, stderr: advice.replaceAll("ipvsadm", "duet ipvs") });
  t.like(run([MAIN, "ipvs", "-A", "-t", "x"]), { status: 2, stdout: "" });
  t.like(run([MAIN, "ipvs", "diff"]), { status: 2, stderr: "Usage: duet ipvs diff FILE (- for stdin)\n" });
  t.regex(run([MAIN, "ipvs", "diff", "/nowhere"]).stderr, /^duet ipvs: Cannot read \/nowhere: ENOENT/);
  const bad = run([MAIN, "ipvs", "diff", "-"], "-A -f 1\n-A -f 1\n");
  t.like(bad, { status: 2, stdout: "" });
  t.regex(bad.stderr, /^line 2: Service already exists: -A -f 1\n/);
}); // biome-ignore format: one a line

test("a slow reader gets every line, and one that goes away is no trouble", (t) => {
  const lines = Array.from({ length: 3000 }, () => "-A -t nonsense:80 --no-such-option-of-ipvsadm\n").join("");
  const sh = (rest: string) =>
    spawnSync("sh", ["-c", `"$0" "$1" ipvs diff - 2>&1 | ${rest}`, process.execPath, MAIN], { input: lines, encoding: "utf8", timeout: 120_000 });
  const slow = sh("(sleep 1; cat)");
  t.is(slow.stdout.split("\n").length, 3002);
  t.regex(slow.stdout, /\nduet ipvs: nothing was changed: 3000 of 3000 lines cannot be used\n$/);
  const gone = sh("head -n 1");
  t.regex(gone.stdout, /^line 1: .+\n$/);
  t.is(gone.stderr, "");
}); // biome-ignore format: one a line

// A new network namespace has an empty table where the kernel has ip_vs; where it has none, nothing can load it.
test("a kernel without ip_vs is told by the module's name", (t) => {
  const { status, stdout, stderr } = run([MAIN, "ipvs", "-Ln"], "", { PATH: "/nowhere" });
  if (status === 0) {
    t.regex(stdout, /^IP Virtual Server version /);
    return;
  }
  t.is(status, 2);
  t.regex(
    stderr,
    /^Can't initialize ipvs: .+\n.+\nduet ipvs: (the kernel has no ip_vs \(module ip_vs cannot be loaded\): modprobe: |CAP_NET_ADMIN is needed)/,
  );
});

function run(
  words: readonly string[],
  input = "",
  env: NodeJS.ProcessEnv = process.env,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { input, env, encoding: "utf8", timeout: 120_000 });
  return { status, stdout, stderr };
} // biome-ignore format: one a line

function linkTo(t: ExecutionContext, name: string): string {
  const folder = mkdtempSync(join(tmpdir(), "duet-ipvs-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  symlinkSync(MAIN, join(folder, name));
  return join(folder, name);
}
