// What a neighbour hears on its end of the wire, as tcpdump tells it: no code of ours is on that side.

import type { Neighbour } from "../helpers/netns.ts";
import { eventually } from "../helpers/wait.ts";

export type Listener = {
  /** The lines so far. */
  readonly text: () => string;
  readonly close: () => void;
};

/** Resolves when it listens. */
export async function openListener(
  neighbour: Neighbour,
  device: string,
  filter: string,
): Promise<Listener> {
  const options = ["-i", device, "-l", "-n", "-e", "-v", "-x", "--immediate-mode"];
  const child = neighbour.spawn("tcpdump", [...options, filter]);
  let heard = "";
  let said = "";
  child.stdout?.on("data", (part: Buffer) => {
    heard += part.toString();
  });
  child.stderr?.on("data", (part: Buffer) => {
    said += part.toString();
  });
  process.once("exit", () => child.kill("SIGKILL"));
  await eventually("tcpdump listens", () => said.includes("listening on"));
  return { text: () => heard, close: () => void child.kill("SIGTERM") };
}
