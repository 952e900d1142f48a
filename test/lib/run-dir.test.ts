// The run directory is ours alone: who may write there can plant links in the place of our files.

import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test from "ava";
import { takeLock } from "../../src/kernel/lock.ts";
import { replaceFile } from "../../src/lib/durable.ts";
import { errorText } from "../../src/lib/errors.ts";
import { makeRunDir } from "../../src/lib/run-dir.ts";
import { temporaryDirectory } from "../helpers/sockets.ts";

test("makeRunDir() makes it with its parents, for us alone", (t) => {
  const path = join(temporaryDirectory(t), "a", "b");
  makeRunDir(path);
  t.is(statSync(path).mode & 0o777, 0o700);
  makeRunDir(path);
});

for (const mode of [0o777, 0o1777, 0o757]) {
  test(`makeRunDir() refuses one of mode ${mode.toString(8)}, and says what would be right`, (t) => {
    const path = join(temporaryDirectory(t), "run");
    mkdirSync(path);
    chmodSync(path, mode);
    const error = t.throws(() => makeRunDir(path));
    const octal = mode.toString(8).padStart(4, "0");
    t.true(errorText(error).includes(path));
    t.true(
      errorText(error).includes(`its mode ${octal} lets others write there`),
      errorText(error),
    );
    chmodSync(path, 0o755);
    makeRunDir(path);
  });
}

test("makeRunDir() refuses one of somebody else, and one that another group may write to", (t) => {
  const path = join(temporaryDirectory(t), "run");
  mkdirSync(path);
  chownSync(path, 1, 1);
  t.regex(errorText(t.throws(() => makeRunDir(path))), /it is owned by daemon: it must be root's/);
  chownSync(path, 0, 1);
  chmodSync(path, 0o775);
  t.regex(errorText(t.throws(() => makeRunDir(path))), /its mode 0775 lets others write there/);
  chownSync(path, 0, 0);
  t.notThrows(() => makeRunDir(path));
});

test("neither the lock nor a file that is replaced writes through a link that was planted", (t) => {
  const directory = temporaryDirectory(t);
  const precious = join(directory, "precious");
  writeFileSync(precious, "precious\n");
  const at = (name: string): string => join(directory, name);
  symlinkSync(precious, at("soft"));
  symlinkSync(at("nowhere"), at("dangling"));
  linkSync(precious, at("hard"));
  for (const name of ["soft", "dangling", "hard"]) t.throws(() => takeLock(at(name)));
  t.false(existsSync(at("nowhere")));
  symlinkSync(precious, at("soft.new"));
  replaceFile(at("soft"), "ours\n");
  t.is(readFileSync(at("soft"), "utf8"), "ours\n");
  t.is(statSync(at("soft")).mode & 0o777, 0o600);
  t.is(readFileSync(precious, "utf8"), "precious\n");
});
