// Findings as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), which editors and CI systems show at their lines.

import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { PairProblem } from "../config/pair/node.ts";
import { readVersion } from "../lib/version.ts";
import type { Findings } from "./findings.ts";

/** A level a rule: the text of a result says the rest. */
const RULES = [
  { id: "error", text: "It is refused: duet does not start with it, and a reload changes nothing" },
  { id: "warning", text: "It runs, and hardly as it was meant" },
  { id: "note", text: "It has no effect" },
] as const;

export function sarifOf({ problems }: Findings, exitCode: number): unknown {
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "duet check",
            semanticVersion: readVersion(),
            rules: RULES.map(({ id, text }) => ({
              id,
              shortDescription: { text },
              defaultConfiguration: { level: id },
            })),
          },
        },
        invocations: [{ executionSuccessful: exitCode < 2, exitCode }],
        results: problems.map(resultOf),
      },
    ],
  };
}

function resultOf({ file, line, severity, message, other }: PairProblem): unknown {
  return {
    ruleId: severity,
    ruleIndex: RULES.findIndex(({ id }) => id === severity),
    level: severity,
    message: { text: message },
    locations: [locationOf(file, line)],
    ...(other && { relatedLocations: [locationOf(other.file, other.line)] }),
  };
}

/** §3.30.5: lines count from 1, so a problem of the file as a whole has no region. */
function locationOf(file: string, line: number): unknown {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      ...(line > 0 && { region: { startLine: line } }),
    },
  };
}

/** A relative one is relative to where the tool was started, as CI systems take it (§3.4.3). */
function uriOf(file: string): string {
  return isAbsolute(file)
    ? pathToFileURL(file).href
    : file.split("/").map(encodeURIComponent).join("/");
}
