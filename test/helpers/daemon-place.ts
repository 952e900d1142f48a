// Where a test runs its daemons: in the test's own network namespace, or in its neighbour's.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";

/** A `Neighbour` is one too. */
export type Place = {
  /** Words are separated by single spaces. Throws when the command fails. */
  readonly run: (command: string) => string;
  readonly spawn: (command: string, args: readonly string[]) => ChildProcess;
};

export const here: Place = {
  run(command) {
    const [program = "", ...args] = command.split(" ");
    return execFileSync(program, args, { encoding: "utf8" });
  },
  spawn: (command, args) => spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] }),
};

/** Does the place hold this address, on any interface? */
export function holds(place: Place, address: string): boolean {
  return place.run("ip -o address show").includes(` ${address}/`);
}

/** What is run at the end of a test whether it failed or not: ava's `t`. */
export type Teardown = { readonly teardown: (undo: () => void | Promise<void>) => void };

/** Every line that a process writes to a stream, and who waits for one. */
export function linesOf(
  stream: NodeJS.ReadableStream | null,
  onLine: (line: string) => void,
): void {
  let rest = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
}

/** Wall-clock milliseconds with a fraction, to compare with the kernel's time stamps of packets. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
