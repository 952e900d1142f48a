import test from "ava";
import { diffConfig } from "../../src/config/diff.ts";
import { configOf, INSTANCE, SERVICE } from "./helpers.ts";

const SCRIPT = "[vrrp_script.s]\nscript = /bin/true\n";
const before = `${SCRIPT}${INSTANCE}track_script[] = s\nnotify = /bin/a\n${SERVICE}`;

const nothing = {
  global: false,
  vrrp: { added: [], removed: [], changed: [] },
  director: false,
  hooks: false,
};

const rows: readonly (readonly [string, string, Partial<ReturnType<typeof diffConfig>>])[] = [
  ["nothing when only comments and order of keys changed", `# x\n${before}`, {}],
  ["the global part", `${before}[global]\nrouter_id = other\n`, { global: true }],
  [
    "an instance",
    before.replace("/24", "/25"),
    { vrrp: { added: [], removed: [], changed: ["VI_1"] } },
  ],
  [
    "an instance whose tracked script changed",
    before.replace("/bin/true", "/bin/false"),
    { vrrp: { added: [], removed: [], changed: ["VI_1"] } },
  ],
  [
    "an instance that was renamed: one removed, one added, and its hooks",
    before.replace("VI_1", "VI_2"),
    { vrrp: { added: ["VI_2"], removed: ["VI_1"], changed: [] }, hooks: true },
  ],
  ["hooks, without touching the instance", before.replace("/bin/a", "/bin/b"), { hooks: true }],
  ["the director", before.replace("21:80", "22:80"), { director: true }],
  [
    "the time of hooks, which is global too",
    `${before}[global]\nhook_timeout = 5\n`,
    { global: true, hooks: true },
  ],
];

for (const [title, after, expected] of rows) {
  test(`diffConfig() tells ${title}`, (t) => {
    t.deepEqual(diffConfig(configOf(before), configOf(after)), { ...nothing, ...expected });
  });
}
