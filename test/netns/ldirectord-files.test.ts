// What ldirectord takes, duet takes; what it refuses to start with, duet refuses, and tells the same line. The program reads its
// file before it says that it does not run.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import type { Problem } from "../../src/config/model.ts";
import { readAnyText } from "../config/damage.ts";

function filesIn(folder: string): readonly string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".cf"));
  return names.map((name) => join(folder, name));
}

function problemsOf(file: string): readonly Problem[] {
  return readAnyText(file, readFileSync(file, "utf8"));
}

function isError({ severity }: Problem): boolean {
  return severity === "error";
}

test("ldirectord and duet take the same files", async (t) => {
  const files = filesIn("test/ldirectord");
  t.true(files.length > 20);
  for (const file of files) t.deepEqual(problemsOf(file).filter(isError), [], file);
  // A start costs it half a second: it reads them as one.
  const folder = mkdtempSync(join(tmpdir(), "duet-ldirectord-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const all = join(folder, "all.cf");
  writeFileSync(all, files.map((file) => readFileSync(file, "utf8")).join("\n"));
  const said = await saidOf(all);
  t.notRegex(said, /^Error /m);
  t.regex(said, /is stopped/);
});

for (const file of filesIn("test/ldirectord/refused")) {
  test(`${file} is refused by ldirectord and by duet`, async (t) => {
    const said = await saidOf(file);
    const line = Number(/^Error .* at line (\d+):/m.exec(said)?.[1]);
    const problems = problemsOf(file);
    t.true(problems.some(isError));
    t.true(
      problems.some((one) => one.line === line),
      said,
    );
  });
}

async function saidOf(file: string): Promise<string> {
  const program = promisify(execFile)("ldirectord", ["-d", resolve(file), "status"]);
  // It exits with 3 when it does not run, and with 2 when it cannot.
  const { stdout, stderr } = await program.catch(
    (error: { readonly stdout: string; readonly stderr: string }) => error,
  );
  return `${stdout}${stderr}`;
}
