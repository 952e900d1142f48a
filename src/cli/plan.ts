// duet plan: what a reload of the running duet would change, without changing anything.

import { parseArgs } from "node:util";
import type { Config, ReadResult } from "../config/model.ts";
import { problemLine } from "../config/problem-line.ts";
import { readConfigFile } from "../config/read.ts";
import {
  READ_OPTIONS,
  READ_USAGE,
  type ReadOptions,
  readOptionsOf,
} from "../config/read-options.ts";
import { request } from "../control/client.ts";
import {
  isRunning,
  PLAN_CLASSES,
  type Plan,
  type PlanSubject,
  type Running,
} from "../control/plan.ts";
import { plainJson, plainText } from "../lib/plain-text.ts";
import { runDirOf } from "../lib/run-dir.ts";
import {
  EXIT_FAILED,
  EXIT_NOT_RUNNING,
  EXIT_OK,
  EXIT_USAGE,
  RUN_DIR_OPTION,
  sayNoAnswer,
  usageText,
} from "./options.ts";
import { print } from "./print.ts";

const USAGE = `Usage: duet plan [FILE] ${READ_USAGE} [--json] [--run-dir DIR]`;
const EXIT_DIFFERS = 2;

/** The desk waits 20 s for its roles. */
const TIMEOUT_MS = 30_000;
const ANSWER_MAX_BYTES = 500 * 2 ** 20;

type Planner = (running: Running, after: Config) => Promise<Plan>;

/** Exit 0 nothing, 2 something, 1 the file is invalid or nobody can tell, 3 not running; 2 as well for a wrong usage. */
export async function runPlan(
  args: readonly string[],
  loadPlanner: () => Promise<Planner>,
): Promise<number> {
  const asked = readArgs(args);
  if ("usage" in asked) {
    console.error(`duet plan: ${asked.usage}\n${USAGE}`);
    return EXIT_USAGE;
  }
  // A file that is wrong is wrong whether duet runs or not.
  const early = asked.file === undefined ? undefined : await readConfigFile(asked.file, asked.how);
  if (early?.ok === false) return sayInvalid(early);
  const { runDir } = asked;
  const reply = await request({
    runDir,
    method: "POST",
    path: "/v1/running",
    timeoutMs: TIMEOUT_MS,
    limitBytes: ANSWER_MAX_BYTES,
  });
  if (!reply.ok) {
    const status = sayNoAnswer("plan", runDir, reply);
    if (status === EXIT_NOT_RUNNING && asked.file !== undefined) {
      console.error(`duet plan: ${asked.file} is valid: a start would put all of it on`);
    }
    return status;
  }
  if (!isRunning(reply.body)) {
    console.error(`duet plan: Cannot use the answer: ${answerText(reply.body)}`);
    return EXIT_FAILED;
  }
  const running = reply.body;
  const read = early ?? (await readConfigFile(running.file, running.how as ReadOptions));
  if (!read.ok) return sayInvalid(read);
  const plan = await (await loadPlanner())(running, read.config);
  const file = asked.file ?? running.file;
  if (asked.json) print([plainJson(JSON.stringify({ file, ...plan }, null, 2)), "\n"]);
  else print(planLines(plan, file));
  return plan.subjects.length === 0 ? EXIT_OK : EXIT_DIFFERS;
}

type Asked =
  | {
      /** undefined = the one that runs. */
      readonly file: string | undefined;
      readonly how: ReadOptions;
      readonly json: boolean;
      readonly runDir: string;
    }
  | { readonly usage: string };

function readArgs(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        ...READ_OPTIONS,
        ...RUN_DIR_OPTION,
        json: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [file, ...more] = positionals;
    if (more.length > 0) return { usage: "Cannot plan more than one file" };
    const how = readOptionsOf(values);
    if (typeof how === "string") return { usage: how };
    return { file, how, json: values.json, runDir: runDirOf(values["run-dir"]) };
  } catch (error) {
    return { usage: usageText(error) };
  }
}

/** As `duet check` says it. */
function sayInvalid({ problems }: ReadResult & { readonly ok: false }): number {
  console.log(problems.map(problemLine).join("\n"));
  return EXIT_FAILED;
}

function answerText(body: unknown): string {
  const { error } = (body ?? {}) as { readonly error?: unknown };
  return typeof error === "string" ? plainText(error) : "it is not of this version of duet";
}

export function* planLines(plan: Plan, file: string): Generator<string> {
  for (const subject of plan.subjects) yield* subjectLines(subject);
  if (plan.subjects.length === 0) {
    yield `Nothing would change: ${plainText(file)} is what runs.\n`;
    return;
  }
  const { length } = plan.subjects;
  const counts = `${length} ${length === 1 ? "section" : "sections"}, ${plan.operations} kernel ${plan.operations === 1 ? "operation" : "operations"}`;
  const later =
    plan.restart_needed.length === 0
      ? ""
      : `; ${plan.restart_needed.join(", ")}: from the next start`;
  yield `A reload of ${plainText(file)}: ${PLAN_CLASSES[plan.class]} (${counts})${later}\n`;
}

const CLASS_WIDTH = Math.max(...Object.values(PLAN_CLASSES).map(({ length }) => length));

function* subjectLines({ title, changes }: PlanSubject): Generator<string> {
  yield `${plainText(nameOf(title))}\n`;
  for (const { class: kind, text, operation } of changes) {
    const asked = operation === null ? "" : ` (${operation})`;
    yield `  ${PLAN_CLASSES[kind].padEnd(CLASS_WIDTH)}  ${plainText(text + asked)}\n`;
  }
}

/** "VI_1", "web/rs1": what has the same name as in other commands; all else as in the file. */
function nameOf(title: string): string {
  const [, kind, name] = /^(vrrp_instance|virtual_server|real_server)\.(.*)$/.exec(title) ?? [];
  if (kind === undefined || name === undefined) return `[${title}]`;
  return kind === "real_server" ? name.replace(".", "/") : name;
}
