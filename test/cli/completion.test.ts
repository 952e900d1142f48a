// The completion of shells as an operator has it: the script is sourced, and a line is typed.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { grammarOf, grammars } from "../../src/cli/grammar.ts";

const MAIN = fileURLToPath(new URL("../../duet/main.js", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "duet-completion-"));
test.after.always(() => rmSync(dir, { recursive: true }));
writeFileSync(join(dir, "one file.ini"), "");

const lines = [
  "duet ch",
  "duet check --el",
  "duet check one",
  "duet check --format k",
  "duet realserver dr sta",
  "duet help virtual_router",
  "duet run --run-dir /usr/li",
  "duet version ",
];

/** What bash offers for each line, asked in one shell. */
function offered(): readonly (readonly string[])[] {
  const script = [
    `source <("$0" "$1" completion bash) || exit 1`,
    ...lines.map(
      (line) =>
        `line=${JSON.stringify(line)}; read -ra COMP_WORDS <<<"$line"; [ "$line" = "\${line% }" ] || COMP_WORDS+=(''); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _duet; printf '%s\\n' "\${COMPREPLY[@]}" --`,
    ),
  ].join("\n");
  const args = ["--norc", "-c", script, process.execPath, MAIN];
  const { stdout, stderr, status } = spawnSync("bash", args, { cwd: dir, encoding: "utf8" });
  if (status !== 0 || stderr !== "") throw new Error(`exit status ${status}: ${stderr}`);
  return stdout
    .split("--\n")
    .slice(0, -1)
    .map((text) => text.split("\n").filter((word) => word !== ""));
}

test("bash offers commands, options, their values, files and what can be explained", (t) => {
  const found = offered();
  t.deepEqual(found.slice(0, 6), [
    ["check"],
    ["--elsewhere"],
    ["one file.ini"],
    ["keepalived"],
    ["start", "status"],
    ["virtual_router_id"],
  ]);
  t.true(found[6]?.includes("/usr/lib"));
  t.deepEqual(found[7], []);
});

test("what a command takes is read out of its line", (t) => {
  t.deepEqual(grammarOf("x dr|tun on [-f FILE] [--as a|b] [--json | --dir DIR] [FILE]", ""), {
    name: "x",
    doc: "",
    options: [
      { option: "-f", value: { kind: "file" } },
      { option: "--as", value: { kind: "words", words: ["a", "b"] } },
      { option: "--json", value: null },
      { option: "--dir", value: { kind: "directory" } },
    ],
    words: ["dr", "tun", "on"],
    takesFiles: true,
    takesTopics: false,
  });
  const names = new Set(COMMANDS.map(([usage]) => usage.split(" ")[0]));
  t.deepEqual(
    grammars().map(({ name }) => name),
    [...names],
  );
});

test("scripts for zsh and fish name every command; another shell is refused", (t) => {
  for (const shell of ["zsh", "fish"]) {
    const { stdout } = spawnSync(process.execPath, [MAIN, "completion", shell], {
      encoding: "utf8",
    });
    for (const { name } of grammars()) t.regex(stdout, new RegExp(`\\b${name}\\b`), shell);
  }
  const { status, stderr } = spawnSync(process.execPath, [MAIN, "completion", "bsh"], {
    encoding: "utf8",
  });
  t.is(status, 2);
  t.regex(
    stderr,
    /^duet completion: Cannot complete for "bsh": .*\(did you mean "bash"\?\)\nUsage: /,
  );
});
