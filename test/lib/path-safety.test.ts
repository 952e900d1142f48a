import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { type Entry, unsafeComponent } from "../../src/lib/path-safety.ts";

const names = { user: (uid: number) => `u${uid}`, group: (gid: number) => `g${gid}` };
const dir: Entry = { kind: "directory", uid: 0, gid: 0, mode: 0o755, target: "" };
const file: Entry = { ...dir, kind: "other" };
const tmp: Entry = { ...dir, mode: 0o1777 };

function link(target: string, uid = 0): Entry {
  return { kind: "link", uid, gid: 0, mode: 0o777, target };
}

/** What is said of `path` on a disk of these entries. */
function judge(path: string, disk: Readonly<Record<string, Entry>>): string | undefined {
  const all = new Map(Object.entries({ "/": dir, "/etc": dir, "/tmp": tmp, ...disk }));
  return unsafeComponent(path, (at) => all.get(at), names);
}

for (const [what, path, disk, right] of [
  [
    "a path of root's alone",
    "/etc/duet/n.sh",
    { "/etc/duet": dir, "/etc/duet/n.sh": file },
    undefined,
  ],
  [
    "a directory that a group may write to",
    "/etc/duet/n.sh",
    { "/etc/duet": { ...dir, gid: 50, mode: 0o775 }, "/etc/duet/n.sh": file },
    "/etc/duet is writable by group g50 (mode 0775)",
  ],
  [
    "a directory that root's group may write to",
    "/etc/duet/n.sh",
    { "/etc/duet": { ...dir, mode: 0o775 }, "/etc/duet/n.sh": file },
    undefined,
  ],
  [
    "a script that everybody may write to",
    "/etc/n.sh",
    { "/etc/n.sh": { ...file, mode: 0o777 } },
    "/etc/n.sh is writable by everybody (mode 0777)",
  ],
  [
    "a script of somebody's",
    "/etc/n.sh",
    { "/etc/n.sh": { ...file, uid: 7 } },
    "/etc/n.sh is owned by u7",
  ],
  [
    "a directory of somebody's",
    "/etc/d/n.sh",
    { "/etc/d": { ...dir, uid: 7 }, "/etc/d/n.sh": file },
    "/etc/d is owned by u7",
  ],
  ["root's script in the sticky /tmp", "/tmp/n.sh", { "/tmp/n.sh": file }, undefined],
  [
    "root's directory in the sticky /tmp",
    "/tmp/d/n.sh",
    { "/tmp/d": dir, "/tmp/d/n.sh": file },
    undefined,
  ],
  [
    "somebody's script in the sticky /tmp",
    "/tmp/n.sh",
    { "/tmp/n.sh": { ...file, uid: 7 } },
    "/tmp/n.sh is owned by u7",
  ],
  [
    "somebody's directory in the sticky /tmp",
    "/tmp/d/n.sh",
    { "/tmp/d": { ...dir, uid: 7 }, "/tmp/d/n.sh": file },
    "/tmp/d is owned by u7",
  ],
  [
    "somebody's link in the sticky /tmp to root's script",
    "/tmp/l",
    { "/tmp/l": link("/etc/n.sh", 7), "/etc/n.sh": file },
    "/tmp/l is owned by u7",
  ],
  [
    "a /tmp without the sticky bit",
    "/tmp/n.sh",
    { "/tmp": { ...tmp, mode: 0o777 }, "/tmp/n.sh": file },
    "/tmp is writable by everybody (mode 0777)",
  ],
  [
    "a sticky directory of somebody's: he may rename what is in it",
    "/tmp/n.sh",
    { "/tmp": { ...tmp, uid: 7 }, "/tmp/n.sh": file },
    "/tmp is owned by u7",
  ],
  [
    "a sticky bit on a file, which means nothing",
    "/etc/n.sh",
    { "/etc/n.sh": { ...file, mode: 0o1777 } },
    "/etc/n.sh is writable by everybody (mode 1777)",
  ],
  [
    "a link into a directory of somebody's",
    "/etc/n.sh",
    { "/etc/n.sh": link("../home/n.sh"), "/home": { ...dir, uid: 7 }, "/home/n.sh": file },
    "/home is owned by u7",
  ],
  [
    "a directory that is a link",
    "/etc/d/../n.sh",
    { "/etc/d": link("/home/x"), "/home": dir, "/home/x": dir, "/home/n.sh": { ...file, uid: 9 } },
    "/home/n.sh is owned by u9",
  ],
  [
    "links in a ring: they start nothing",
    "/etc/a",
    { "/etc/a": link("b"), "/etc/b": link("a") },
    undefined,
  ],
  ["a file that is not there: it starts nothing", "/etc/none", {}, undefined],
  [
    "a root directory of somebody's",
    "/etc/n.sh",
    { "/": { ...dir, uid: 7 }, "/etc/n.sh": file },
    "/ is owned by u7",
  ],
] as const) {
  test(`unsafeComponent() of ${what}`, (t) => {
    t.is(judge(path, disk), right);
  });
}

const asRoot = process.getuid?.() === 0 ? test : test.skip;

asRoot("unsafeComponent() reads the disk and names the user", (t) => {
  const place = mkdtempSync(join(tmpdir(), "duet-safety-"));
  t.teardown(() => rmSync(place, { recursive: true, force: true }));
  mkdirSync(join(place, "d"), { mode: 0o755 });
  const path = join(place, "d/n.sh");
  writeFileSync(path, "", { mode: 0o755 });
  symlinkSync("d/n.sh", join(place, "l"));
  t.is(unsafeComponent(join(place, "l")), undefined);
  chownSync(join(place, "d"), 65534, 65534);
  t.is(unsafeComponent(join(place, "l")), `${join(place, "d")} is owned by nobody`);
});
