import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { timeoutClock } from "../../src/lib/clock.ts";
import {
  FILE_BYTES_MAX,
  type FileNow,
  type FileWatcher,
  openFileWatcher,
  parseTrackFile,
} from "../../src/track/file-watcher.ts";
import { memoryLog } from "../helpers/sockets.ts";
import { eventually } from "../helpers/wait.ts";

const numbers: readonly (readonly [string, number])[] = [
  ["5", 5],
  ["-7\n", -7],
  ["  +12 \n", 12],
  ["0", 0],
  ["-0", 0],
  ["0x1F", 31],
  ["-0x10", -16],
  ["010", 8],
  ["2147483647", 2147483647],
];

for (const [text, value] of numbers) {
  test(`parseTrackFile() reads ${JSON.stringify(text)} as strtol(3) does: ${value}`, (t) => {
    t.deepEqual(parseTrackFile(text), { value, problem: null });
  });
}

for (const text of ["", "\n", "x", "1 2", "1.5", "09", "0x", "2147483648", "5%"]) {
  test(`parseTrackFile() of ${JSON.stringify(text)} is 0 with a problem`, (t) => {
    const { value, problem } = parseTrackFile(text);
    t.is(value, 0);
    t.truthy(problem);
  });
}

test("parseTrackFile() never throws, and its value is a whole number (property)", (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: FILE_BYTES_MAX }), (text) => {
      t.true(Number.isSafeInteger(parseTrackFile(text).value));
    }),
  );
});

type Place = {
  readonly directory: string;
  readonly path: string;
  readonly now: () => FileNow | undefined;
  readonly watcher: FileWatcher;
  readonly becomes: (value: number, detail?: string) => Promise<void>;
  readonly warnings: () => readonly unknown[];
};

function place(
  t: ExecutionContext,
  options: {
    readonly path?: string;
    readonly init?: { readonly value: number; readonly overwrite: boolean };
    readonly startedAtMs?: number;
    readonly before?: (path: string) => void;
  } = {},
): Place {
  const directory = mkdtempSync(join(tmpdir(), "duet-track-file-"));
  const path = options.path ?? join(directory, "number");
  options.before?.(path);
  let now: FileNow | undefined;
  const { log, lines } = memoryLog();
  const watcher = openFileWatcher({
    clock: timeoutClock,
    log,
    startedAtMs: options.startedAtMs ?? Number.NaN,
    tell: (latest) => (now = latest),
  });
  t.teardown(() => {
    watcher.close();
    rmSync(directory, { recursive: true, force: true });
  });
  watcher.configure([{ name: "f", path, weight: 1, reverse: false, init: options.init ?? null }]);
  return {
    directory,
    path,
    now: () => now,
    watcher,
    becomes: async (value, detail = `holds ${value}`) =>
      void (await eventually(
        `the value ${value}: ${detail}`,
        () => now?.value === value && now.detail === detail,
      )),
    warnings: () => lines.filter(({ msg }) => msg === "tracked file holds no number, 0 is used"),
  };
}

test("a tracked file is read at the start, and again whenever it is written, replaced or removed", async (t) => {
  const { path, directory, now, becomes } = place(t, {
    before: (file) => writeFileSync(file, "3"),
  });
  t.deepEqual(now(), { name: "f", up: true, value: 3, detail: "holds 3" });

  writeFileSync(path, "4");
  await becomes(4);
  writeFileSync(join(directory, "new"), "5");
  renameSync(join(directory, "new"), path);
  await becomes(5);
  rmSync(path);
  await becomes(0, "missing");
  writeFileSync(path, "-6");
  await becomes(-6);
});

test("a tracked file without a number counts as 0, with one warning", async (t) => {
  const { path, becomes, warnings } = place(t, { before: (file) => writeFileSync(file, "3") });

  writeFileSync(path, "many");
  await becomes(0, 'no number: "many"');
  writeFileSync(path, "x".repeat(FILE_BYTES_MAX + 1));
  await becomes(0, `longer than ${FILE_BYTES_MAX} bytes`);
  t.is(warnings().length, 2);
});

test("a directory that is made later, or made anew, is watched", async (t) => {
  const base = mkdtempSync(join(tmpdir(), "duet-track-file-"));
  t.teardown(() => rmSync(base, { recursive: true, force: true }));
  const directory = join(base, "late");
  const { becomes, now } = place(t, { path: join(directory, "number") });
  t.is(now()?.detail, "missing");

  mkdirSync(directory);
  writeFileSync(join(directory, "number"), "7");
  await becomes(7);
  rmSync(directory, { recursive: true });
  await becomes(0, "missing");
  mkdirSync(directory);
  writeFileSync(join(directory, "number"), "8");
  await becomes(8);
});

test("a symbolic link is followed, also when what it leads to changes", async (t) => {
  const target = join(mkdtempSync(join(tmpdir(), "duet-track-file-")), "target");
  const { becomes } = place(t, {
    before(file) {
      writeFileSync(target, "1");
      symlinkSync(target, file);
    },
  });

  await becomes(1);
  writeFileSync(target, "2");
  await becomes(2);
  t.pass();
});

test("a file of a file system that tells no changes is refused (/proc)", (t) => {
  const { now } = place(t, { path: "/proc/sys/kernel/pid_max" });
  t.like(now(), { up: false, value: 0, detail: "on proc, where changes are not told" });
});

test("what is no regular file is not read", (t) => {
  const { now } = place(t, { path: "/dev/zero" });
  t.like(now(), { up: false, value: 0, detail: "no regular file" });
});

test("init_file writes a file that is missing, and leaves one alone that is there", (t) => {
  const init = { value: 9, overwrite: false };
  t.is(place(t, { init }).now()?.value, 9);
  t.is(place(t, { init, before: (file) => writeFileSync(file, "3") }).now()?.value, 3);
});

test("init_file overwrite replaces what was there before the start, but nothing written since", (t) => {
  const init = { value: 9, overwrite: true };
  const before = (file: string): void => writeFileSync(file, "3");
  t.is(place(t, { init, before, startedAtMs: Date.now() + 60_000 }).now()?.value, 9);
  t.is(place(t, { init, before, startedAtMs: Date.now() - 60_000 }).now()?.value, 3);
});

test("a reload never writes init_file", (t) => {
  const { watcher, path, directory, now } = place(t, { init: { value: 9, overwrite: true } });
  writeFileSync(path, "3");
  const second = join(directory, "second");
  const init = { value: 5, overwrite: true };

  watcher.configure([
    { name: "f", path, weight: 1, reverse: false, init },
    { name: "g", path: second, weight: 1, reverse: false, init },
  ]);

  t.like(now(), { name: "g", detail: "missing" });
});
