import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { type Access, readersOf } from "../../src/lib/file-readers.ts";

const root = { gid: 0, mode: 0o755 };

for (const [what, file, directories, right] of [
  ["0600", { gid: 50, mode: 0o100600 }, [root], undefined],
  ["0644", { gid: 0, mode: 0o100644 }, [root], "everybody may read it (mode 0644)"],
  ["0604", { gid: 0, mode: 0o100604 }, [root], "everybody may read it (mode 0604)"],
  ["0640 of root's group", { gid: 0, mode: 0o100640 }, [root], undefined],
  ["0640 of a group", { gid: 50, mode: 0o100640 }, [root], "group g50 may read it (mode 0640)"],
  ["0644 below 0700", { gid: 0, mode: 0o100644 }, [{ gid: 0, mode: 0o700 }, root], undefined],
  [
    "0644 below 0750 of its group",
    { gid: 50, mode: 0o100644 },
    [{ gid: 50, mode: 0o750 }, root],
    "group g50 may read it (mode 0644)",
  ],
  [
    "0644 below 0750 of another group",
    { gid: 50, mode: 0o100644 },
    [{ gid: 51, mode: 0o750 }, root],
    undefined,
  ],
  ["0622, which is written only", { gid: 0, mode: 0o100622 }, [root], undefined],
] as readonly (readonly [string, Access, readonly Access[], string | undefined])[]) {
  test(`readersOf() a file of mode ${what}`, (t) => {
    const lookUp = () => [file, ...directories] as const;
    t.is(
      readersOf("/x", lookUp, (gid) => `g${gid}`),
      right,
    );
  });
}

test("readersOf() looks at the disk: through links, at all directories, and at nothing that is no file", (t) => {
  const dir = mkdtempSync(join(tmpdir(), "duet-readers-"));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const file = join(dir, "in", "x.ini");
  mkdirSync(join(dir, "in"));
  writeFileSync(file, "x");
  chmodSync(file, 0o644);
  symlinkSync(file, join(dir, "link"));
  chmodSync(join(dir, "in"), 0o755);
  chmodSync(dir, 0o755);
  t.is(readersOf(join(dir, "link")), "everybody may read it (mode 0644)");
  chmodSync(join(dir, "in"), 0o700);
  t.is(readersOf(join(dir, "link")), undefined);
  t.is(readersOf(join(dir, "none")), undefined);
  t.is(readersOf(dir), undefined);
});
