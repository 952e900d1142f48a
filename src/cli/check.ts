// duet check: judges a configuration file without touching the system.

import { parseArgs } from "node:util";
import type { Problem } from "../config/model.ts";
import { openUnseen } from "../config/names/unseen.ts";
import { judgePair } from "../config/pair/pair.ts";
import { printConfig } from "../config/print.ts";
import { problemLine } from "../config/problem-line.ts";
import { type PeopleOptions, type ReadForPeople, readForPeople } from "../config/read.ts";
import { READ_OPTIONS, READ_USAGE, readOptionsOf } from "../config/read-options.ts";
import { plainJson } from "../lib/plain-text.ts";
import { type Findings, jsonOf, lastLine } from "./findings.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, usageText } from "./options.ts";
import { sarifOf } from "./sarif.ts";

const USAGE = `Usage: duet check FILE [FILE_OF_THE_OTHER_NODE] ${READ_USAGE} [-i OTHER_NODE] [--elsewhere] [--json | --sarif | --print]`;

/** Exit 0 valid, 1 invalid, 2 usage or a file that cannot be read. */
export async function runCheck(args: readonly string[]): Promise<number> {
  const asked = readArgs(args);
  if ("usage" in asked) {
    console.error(`duet check: ${asked.usage}\n${USAGE}`);
    return EXIT_USAGE;
  }
  const reads: ReadForPeople[] = [];
  for (const { file, how } of asked.nodes) reads.push(await readForPeople(file, how));
  const findings = findingsOf(reads);
  const isUnreadable = reads.some(({ result }) => !result.ok && result.unreadable === true);
  const status = findings.valid ? EXIT_OK : isUnreadable ? EXIT_USAGE : EXIT_FAILED;
  if (asked.as === "json") sayJson(jsonOf(findings));
  else if (asked.as === "sarif") sayJson(sarifOf(findings, status));
  else {
    const lines = findings.problems.map(problemLine);
    // Of a file that nobody could read there is nothing to count.
    if (!isUnreadable) lines.push(lastLine(findings));
    const text = lines.join("\n");
    if (isUnreadable || asked.as === "print") console.error(text);
    else console.log(text);
  }
  if (asked.as === "print") for (const read of reads) printRead(read);
  return status;
}

function printRead({ result, shown }: ReadForPeople): void {
  if (result.ok) console.log(shown(printConfig(result.config)).trimEnd());
}

type Asking = { readonly file: string; readonly how: PeopleOptions };

type Asked =
  | {
      /** One, or both. */
      readonly nodes: readonly Asking[];
      readonly as: "text" | "json" | "sarif" | "print";
    }
  | { readonly usage: string };

function readArgs(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        ...READ_OPTIONS,
        "config-id": { ...READ_OPTIONS["config-id"], multiple: true },
        elsewhere: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        sarif: { type: "boolean", default: false },
        print: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const ids = values["config-id"] ?? [];
    if (positionals.length === 0) return { usage: "Cannot check nothing: name a file" };
    const count = Math.max(positionals.length, ids.length, 1);
    if (count > 2) return { usage: "Cannot check more than the two nodes of a pair" };
    const [as = "text", other] = (["json", "sarif", "print"] as const).filter((one) => values[one]);
    if (other !== undefined) return { usage: `Cannot use --${as} and --${other} together` };
    if (count === 2 && as === "print") return { usage: "Cannot print more than one node" };
    // One of the two is for another host, and nobody can tell which.
    const elsewhere = values.elsewhere || count === 2 ? openUnseen() : undefined;
    const nodes: Asking[] = [];
    for (let i = 0; i < count; i++) {
      const how = readOptionsOf({ ...values, "config-id": ids[i] ?? ids[0] });
      if (typeof how === "string") return { usage: how };
      nodes.push({ file: positionals[i] ?? positionals[0] ?? "", how: { ...how, elsewhere } });
    }
    return { nodes, as };
  } catch (error) {
    return { usage: usageText(error) };
  }
}

function findingsOf(reads: readonly ReadForPeople[]): Findings {
  const problems = withoutRepetition(reads.flatMap(problemsOf));
  const valid = reads.flatMap((read) => (read.result.ok ? [{ ...read, ...read.result }] : []));
  const [a, b] = valid;
  if (a === undefined || valid.length < reads.length) {
    return { valid: false, instances: null, services: null, problems };
  }
  if (b === undefined) {
    const { vrrpInstances, virtualServers } = a.config;
    const counts = { instances: vrrpInstances.length, services: virtualServers.length };
    return { valid: true, ...counts, problems };
  }
  const pair = judgePair(a, b);
  const ofPair = pair.problems.map((one) => ({ ...one, message: a.shown(one.message) }));
  if (ofPair.some(({ severity }) => severity === "error")) {
    return { valid: false, instances: null, services: null, problems: [...problems, ...ofPair] };
  }
  return { ...pair, valid: true, problems: [...problems, ...ofPair] };
}

/** One file may serve both nodes. */
function withoutRepetition(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((one) => [problemLine(one), one])).values()];
}

function problemsOf({ result, shown }: ReadForPeople): readonly Problem[] {
  const problems = result.ok ? result.warnings : result.problems;
  return problems.map((one) => ({ ...one, message: shown(one.message) }));
}

function sayJson(value: unknown): void {
  console.log(plainJson(JSON.stringify(value, null, 2)));
}
