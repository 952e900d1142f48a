// The two nodes of a pair side by side: what must be the same on both and is not, and what must differ and does not. An error
// is what leaves an address or a service with two owners or with none after a failover; all else is a warning.

import { judgeInstances } from "./instances.ts";
import type { Node, PairProblem, Tell } from "./node.ts";
import { judgeNodes } from "./nodes.ts";
import { judgeServices } from "./services.ts";

export type PairJudged = {
  readonly problems: readonly PairProblem[];
  /** How many of each are on both. */
  readonly instances: number;
  readonly services: number;
};

export function judgePair(a: Node, b: Node): PairJudged {
  const problems: PairProblem[] = [];
  const tell: Tell = ({ at: { file, line }, other, message, severity }) => {
    problems.push({ file, line, message, severity, ...(other && { other }) });
  };
  const instances = judgeInstances(a, b, tell);
  const services = judgeServices(a, b, tell);
  judgeNodes(a, b, instances, tell);
  return { problems, instances: instances.length, services };
}
