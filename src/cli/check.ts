// duet check: judges a configuration file without touching the system.

import { parseArgs } from "node:util";
import { printConfig } from "../config/print.ts";
import { problemLine } from "../config/problem-line.ts";
import { type PeopleOptions, type ReadForPeople, readForPeople } from "../config/read.ts";
import { READ_OPTIONS, READ_USAGE, readOptionsOf } from "../config/read-options.ts";
import { plainJson } from "../lib/plain-text.ts";
import { type Findings, jsonOf, lastLine } from "./findings.ts";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./options.ts";
import { sarifOf } from "./sarif.ts";

const USAGE = `Usage: duet check FILE ${READ_USAGE} [--elsewhere] [--json | --sarif | --print]`;

/** Exit 0 valid, 1 invalid, 2 usage or a file that cannot be read. */
export async function runCheck(args: readonly string[]): Promise<number> {
  const asked = readArgs(args);
  if ("usage" in asked) {
    console.error(`duet check: ${asked.usage}\n${USAGE}`);
    return EXIT_USAGE;
  }
  const read = await readForPeople(asked.file, asked.how);
  const { result, shown } = read;
  const findings = findingsOf(read);
  const isUnreadable = !result.ok && result.unreadable === true;
  const status = result.ok ? EXIT_OK : isUnreadable ? EXIT_USAGE : EXIT_FAILED;
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
  if (result.ok && asked.as === "print") console.log(shown(printConfig(result.config)).trimEnd());
  return status;
}

type Asked =
  | {
      readonly file: string;
      readonly how: PeopleOptions;
      readonly as: "text" | "json" | "sarif" | "print";
    }
  | { readonly usage: string };

function readArgs(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        ...READ_OPTIONS,
        elsewhere: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        sarif: { type: "boolean", default: false },
        print: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (file === undefined) return { usage: "Cannot check nothing: name a file" };
    if (more.length > 0) return { usage: "Cannot check more than one file" };
    const [as = "text", other] = (["json", "sarif", "print"] as const).filter((one) => values[one]);
    if (other !== undefined) return { usage: `Cannot use --${as} and --${other} together` };
    const how = readOptionsOf(values);
    if (typeof how === "string") return { usage: how };
    return { file, how: { ...how, elsewhere: values.elsewhere }, as };
  } catch (error) {
    // Node adds advice of several sentences: the first says it.
    const text = error instanceof Error ? error.message : String(error);
    return { usage: text.replace(/\. .*$/s, "") };
  }
}

function findingsOf({ result, shown }: ReadForPeople): Findings {
  const problems = result.ok ? result.warnings : result.problems;
  return {
    valid: result.ok,
    instances: result.ok ? result.config.vrrpInstances.length : null,
    services: result.ok ? result.config.virtualServers.length : null,
    problems: problems.map((one) => ({ ...one, message: shown(one.message) })),
  };
}

function sayJson(value: unknown): void {
  console.log(plainJson(JSON.stringify(value, null, 2)));
}
