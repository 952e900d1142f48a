// Transcripts: a text file holds commands and, under "----", what they must print. UPDATE=1 rewrites the
// expected halves; read the diff before you commit it.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const DIRECTORY = "test/transcripts";

/** The transcripts whose names start with `prefix`, without ".txt". */
export function transcripts(prefix: string): readonly string[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.startsWith(prefix) && file.endsWith(".txt"))
    .map((file) => file.replace(/\.txt$/, ""));
}

/** Runs every command of a transcript; blocks that start with "#" are comments. */
export function replay(
  name: string,
  run: (command: string) => string,
): { readonly expected: string; readonly actual: string } {
  const path = `${DIRECTORY}/${name}.txt`;
  const written = readFileSync(path, "utf8");
  const actual = written
    .trimEnd()
    .split(/\n{2,}/)
    .map((block) => {
      const [command = ""] = block.split("\n----");
      return command.startsWith("#") ? block : `${command}\n----\n${run(command)}`;
    })
    .join("\n\n")
    .concat("\n");
  if (process.env["UPDATE"] !== "1") return { expected: written, actual };
  writeFileSync(path, actual);
  return { expected: actual, actual };
}

/** "advert priority=200 at=1000" -> type "advert" and its arguments. */
export function parseCommand(command: string): {
  readonly type: string;
  readonly args: ReadonlyMap<string, string>;
} {
  const [type = "", ...pairs] = command.split(" ");
  const args = new Map(
    pairs.map((pair) => {
      const [key = "", value = ""] = pair.split("=");
      return [key, value] as const;
    }),
  );
  return { type, args };
}
