// Says which processes a tracked process means, and how many are right. Pure.

import { unreachable } from "../lib/unreachable.ts";
import type { ProcessConfig } from "./model.ts";

export type Seen = { readonly name: string; readonly words: readonly string[] };

type Named = Pick<ProcessConfig, "program" | "parameters" | "match" | "fullCommand">;

/** TASK_COMM_LEN without its zero: the kernel keeps no more of a name. */
const KERNEL_NAME_MAX = 15;

export function isProcess(config: Named, { name, words }: Seen): boolean {
  return isProgram(config, name, words) && areParameters(config, words.slice(1));
}

/** Does it take more than the kernel's name? */
export function needsWords({ match, fullCommand }: Named): boolean {
  return fullCommand || match !== "any";
}

export function isEnough(
  { quorum, quorumMax }: Pick<ProcessConfig, "quorum" | "quorumMax">,
  count: number,
): boolean {
  // keepalived: quorum_max 0 asks that none runs.
  if (quorumMax === 0) return count === 0;
  return count >= quorum && (quorumMax === null || count <= quorumMax);
}

function isProgram(
  { program, fullCommand }: Named,
  name: string,
  [command = ""]: readonly string[],
): boolean {
  if (fullCommand) return command === program || baseOf(command) === program;
  return name === baseOf(program).slice(0, KERNEL_NAME_MAX);
}

function areParameters({ match, parameters }: Named, theirs: readonly string[]): boolean {
  switch (match) {
    case "any":
      return true;
    case "exact":
      return theirs.length === parameters.length && begins(theirs, parameters);
    case "initial":
      return begins(theirs, parameters);
    case "partial":
      return theirs.join(" ").startsWith(parameters.join(" "));
    default:
      return unreachable(match);
  }
}

function begins(theirs: readonly string[], parameters: readonly string[]): boolean {
  return parameters.every((word, i) => theirs[i] === word);
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
