// The man pages, as scripts/man.mjs writes them out of the tables: everything is in them, and roff takes them.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { BLOCKS } from "../../src/config/foreign/carried-words.ts";
import { keysOf, SECTION_NAMES } from "../../src/config/keys.ts";

const PAGES = ["duet.8", "duet.ini.5", "duet-keepalived.5"] as const;
const folder = mkdtempSync(join(tmpdir(), "duet-man-"));
test.after.always(() => rmSync(folder, { recursive: true }));

const written = spawnSync(process.execPath, ["scripts/man.mjs", folder], { encoding: "utf8" });
const textOf = (page: (typeof PAGES)[number]): string => readFileSync(join(folder, page), "utf8");

/** What stands behind .TP, as a reader sees it. */
function itemsOf(page: (typeof PAGES)[number]): ReadonlySet<string> {
  const items = textOf(page).matchAll(/^\.TP\n\.B "(.*)"$/gm);
  return new Set(Array.from(items, ([, tag = ""]) => tag.replaceAll("\\-", "-")));
}

test("every command, every key and every keyword of keepalived has its item", (t) => {
  t.is(written.status, 0, written.stderr);
  const [commands, keys, keywords] = PAGES.map(itemsOf);
  for (const [usage] of COMMANDS) t.true(commands?.has(`duet ${usage}`), usage);
  for (const name of SECTION_NAMES) {
    for (const [key, { list }] of Object.entries(keysOf(name))) {
      t.true(keys?.has(`${key}${list ? "[]" : ""}`), key);
    }
  }
  for (const { words } of BLOCKS)
    for (const word of words.keys()) t.true(keywords?.has(word), word);
});

const REQUESTS = /^\.(?:TH|SH|PP|TP|B|I|BR|RI|br|nf|fi)(?: |$)/;

for (const page of PAGES) {
  test(`${page} holds requests that roff knows, and text that it shows as it is`, (t) => {
    const lines = textOf(page).split("\n");
    t.true(lines[0]?.startsWith(".TH "));
    for (const line of lines) {
      t.regex(line, /^[\x20-\x7e]*$/);
      if (/^[.']/.test(line)) t.regex(line, REQUESTS);
      else t.regex(line, /^(?:[^\\]|\\(?:e|-|&|\(\w\w|\[u[0-9A-F]{4,}\]))*$/);
    }
    const groff = spawnSync("groff", ["-man", "-ww", "-Tutf8", "-z", join(folder, page)], {
      encoding: "utf8",
    });
    // Where there is none, the requests above are all that is known of it.
    if (groff.error === undefined) t.is(groff.stderr, "");
  });
}
