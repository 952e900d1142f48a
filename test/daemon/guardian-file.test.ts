import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type ConfigFile, openConfigFile } from "../../src/daemon/guardian/file.ts";
import { openDegradedBook } from "../../src/daemon/process/degraded-book.ts";
import { timeoutClock } from "../../src/lib/clock.ts";
import { memoryLog, temporaryDirectory } from "../helpers/sockets.ts";
import { until } from "../helpers/until.ts";

test("a file that is not what runs is told until it is loaded, or is what it was", async (t) => {
  const { file, path, texts } = await open(t);
  writeFileSync(path, "other");
  await until("it is told", () => texts().length === 1);
  t.deepEqual(texts(), ["it was changed after it was loaded: see duet check, then duet reload"]);
  writeFileSync(path, "first");
  await until("it is over", () => texts().length === 0);
  writeFileSync(path, "other");
  await until("it is told again", () => texts().length === 1);
  await file.loaded(await file.look());
  t.deepEqual(texts(), []);
});

test("a file that was touched is the same; one that is gone is told with what that means", async (t) => {
  const { path, texts, told } = await open(t);
  writeFileSync(path, "first");
  rmSync(path);
  await until("it is told", () => texts().length === 1);
  t.regex(texts()[0] ?? "", /cannot be read any more .*ENOENT.*: the next start would fail/);
  t.is(told(), 1);
});

test("a file that was refused is told as that, until somebody changes it again", async (t) => {
  const { file, path, texts, told } = await open(t);
  writeFileSync(path, "bad");
  file.refused(await file.look());
  const before = told();
  writeFileSync(path, "other");
  await until("it is told", () => texts().length === 1);
  t.is(told(), before + 1);
});

test("a file that was rolled back is told as that, until somebody changes it", async (t) => {
  const { file, path, texts, told } = await open(t);
  file.rolledBack();
  const before = told();
  writeFileSync(path, "other");
  await until("it is told", () => texts().length === 1);
  t.is(told(), before + 1);
});

test("a file that is included is looked at too, and so is one that a pattern comes to mean", async (t) => {
  const { file, path, texts } = await open(t);
  const folder = dirname(path);
  const part = join(folder, "a.part");
  writeFileSync(part, "1");
  await file.loaded(await file.look(), [part, join(folder, "*.part")]);
  const told = async (): Promise<void> => until("it is told", () => texts().length === 1);
  const over = async (): Promise<void> => until("it is over", () => texts().length === 0);
  for (const [change, back] of [
    [() => writeFileSync(part, "2"), () => writeFileSync(part, "1")],
    [() => rmSync(part), () => writeFileSync(part, "1")],
    [() => writeFileSync(join(folder, "b.part"), ""), () => rmSync(join(folder, "b.part"))],
  ] as const) {
    change();
    await told();
    back();
    await over();
  }
  writeFileSync(join(folder, "other"), "");
  writeFileSync(part, "3");
  await told();
  await file.loaded(await file.look(), [part, join(folder, "*.part")]);
  t.deepEqual(texts(), []);
});

async function open(t: ExecutionContext): Promise<{
  readonly file: ConfigFile;
  readonly path: string;
  readonly texts: () => readonly string[];
  /** How often something began. */
  readonly told: () => number;
}> {
  const path = join(temporaryDirectory(t), "duet.ini");
  writeFileSync(path, "first");
  let begun = 0;
  const book = openDegradedBook({
    log: memoryLog().log,
    tell(event) {
      if (event.kind === "degraded" && event.begins) begun += 1;
    },
  });
  const file = openConfigFile({ path, clock: timeoutClock, book, lookEveryMs: 20 });
  t.teardown(file.close);
  await file.loaded(await file.look());
  return { file, path, texts: () => book.list().map(({ text }) => text), told: () => begun };
}
