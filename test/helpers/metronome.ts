// The control of what is measured in real time: a process that wants to run a hundred times a second, and what the machine
// took from it meanwhile. On a machine that does nothing else that is nothing, and a limit is what it says.

import { fork } from "node:child_process";
import type { TestFn } from "ava";
import { eventually } from "./wait.ts";

export type Metronome = {
  /** By how much its beats were late between two wall times, all together, and as long as others wait for each other. */
  readonly lostMs: (fromMs: number, toMs: number) => Promise<number>;
};

/** What is measured is the work of several processes, one after the other. */
const IN_A_ROW = 4;

/** Once a test file. It waits for nothing: ava wants all tests declared at once. */
export function openMetronome(test: TestFn): Metronome {
  const beats: (readonly [atMs: number, lateMs: number])[] = [];
  const child = fork("build/test/helpers/metronome-process.js", { stdio: "inherit" });
  child.on("message", (beat: readonly [number, number]) => beats.push(beat));
  test.after.always("the metronome stops", () => void child.kill());
  return {
    async lostMs(fromMs, toMs) {
      // The beat that was due at the end may be late itself.
      const after = await eventually("a beat", () => beats.findIndex(([atMs]) => atMs > toMs) + 1);
      const meant = beats.slice(0, after).filter(([atMs]) => atMs > fromMs);
      return IN_A_ROW * meant.reduce((sum, [, lateMs]) => sum + lateMs, 0);
    },
  };
}
