import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { commandProblem } from "../../src/config/machine.ts";
import { readConfigFile } from "../../src/config/read.ts";
import { INSTANCE } from "./helpers.ts";

const dir = mkdtempSync(join(tmpdir(), "duet-read-"));
test.after.always(() => rmSync(dir, { recursive: true }));

function fileWith(name: string, content: string | Uint8Array): string {
  const file = join(dir, name);
  writeFileSync(file, content);
  return file;
}

test("readConfigFile() reads a file and takes the host name as router_id", async (t) => {
  const result = await readConfigFile(fileWith("ok.ini", INSTANCE));
  t.true(result.ok);
  t.is(result.ok ? result.config.global.routerId : "", hostname());
});

test("readConfigFile() knows this machine's addresses: 127.0.0.1 may be owned", async (t) => {
  const owner = `${INSTANCE.replace("10.0.0.100/24", "127.0.0.1")}priority = 255\n`;
  t.true((await readConfigFile(fileWith("owner.ini", owner))).ok);
});

for (const [title, file, reason] of [
  ["does not exist", join(dir, "none.ini"), "it does not exist"],
  ["is a directory", dir, "it is a directory"],
] as const) {
  test(`readConfigFile() flags a file that ${title} as unreadable`, async (t) => {
    t.deepEqual(await readConfigFile(file), {
      ok: false,
      unreadable: true,
      problems: [{ file, line: 0, message: `Cannot read this file: ${reason}`, severity: "error" }],
    });
  });
}

test("readConfigFile() says where bytes are no UTF-8, and stops at binary garbage", async (t) => {
  const latin1 = Buffer.from(`${INSTANCE}notify = /caf\u00e9\n`, "latin1");
  const first = await readConfigFile(fileWith("latin1.ini", latin1));
  t.deepEqual(!first.ok && first.problems.map(({ line }) => line), [5]);
  const binary = await readConfigFile(
    fileWith(
      "binary.ini",
      Uint8Array.from({ length: 4096 }, (_, i) => (i * 7) % 256),
    ),
  );
  t.true(!binary.ok && binary.unreadable === undefined && binary.problems.length > 0);
});

test("readConfigFile() warns of a hook that cannot be run, and is valid all the same", async (t) => {
  const result = await readConfigFile(
    fileWith("hook.ini", `${INSTANCE}notify = ${dir}/none.sh a\n`),
  );
  t.true(result.ok);
  t.deepEqual(result.ok && result.warnings.map(({ line, message }) => [line, message]), [
    [5, `Cannot run "${dir}/none.sh": it does not exist`],
  ]);
});

test("commandProblem() looks at the first word: quotes, PATH, file, executable bit", (t) => {
  const script = fileWith("a b.sh", "#!/bin/sh\n");
  t.is(commandProblem(`"${script}" x`), `"${script}": it is not executable`);
  chmodSync(script, 0o755);
  t.is(commandProblem(`"${script}" x`), undefined);
  t.is(commandProblem(`'${script}'`), undefined);
  t.is(commandProblem(script.replace(" ", "\\ ")), undefined);
  t.is(commandProblem("sh -c true"), undefined);
  t.is(
    commandProblem("no-such-program-here"),
    '"no-such-program-here": it is in no directory of PATH',
  );
  t.is(commandProblem(dir), `"${dir}": it is not a file`);
  t.is(commandProblem("bin/sh"), undefined);
});
