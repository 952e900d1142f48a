// Runs an expression of the configuration on what a stranger sent. What is provably quick runs at once; anything else in a
// thread beside the loop, which is started when the first one comes, and ended when an expression takes too long: no
// answer of a server can stop the checks of the others.

import { Worker } from "node:worker_threads";
import { nowMs, processorMs, timeoutClock } from "../../lib/clock.ts";
import { errorText } from "../../lib/errors.ts";
import { withInlineFlags } from "../../lib/inline-flags.ts";
import { stepsMax } from "./cost.ts";

export type Question = {
  readonly source: string;
  readonly flags: string;
  /** The first that matches counts. */
  readonly texts: readonly string[];
};

export type Answer =
  | { readonly kind: "match"; readonly index: number; readonly end: number }
  | { readonly kind: "none" }
  /** `slow`: because of the text. `broken`: whatever the text. */
  | { readonly kind: "slow" | "broken"; readonly why: string };

export type Asker = {
  /** Whose texts they are. */
  readonly who: string;
  /** When an answer is of no use any more. */
  readonly patienceMs: number;
};

type Job = {
  readonly question: Question;
  readonly subject: string;
  /** Nobody is interested any more. */
  readonly uselessAtMs: number;
  readonly done: (answer: Answer) => void;
};

/** Some 10 ms. */
const STEPS_AT_ONCE_MAX = 2_000_000;
/**
 * What a thread may work on one question. It is no loop that waits, so there is no need to be strict: it is what the whole
 * process worked meanwhile, and a machine that is busy with others is not the expression's fault. On the clock it may be
 * so many times as long.
 */
const LIMIT_MS = 500;
const STALLS_MAX = 20;
const SLOW_MAX = 1000;
/** In MiB. A text has 16 at most. */
const HEAP_MAX_MB = 128;

/**
 * What the thread runs: it knows one question at a time, and may be ended in the middle of it. Not a file, for an upgrade may
 * be replacing files when another thread is wanted.
 */
const THREAD = `
const { parentPort } = require("node:worker_threads");
${errorText.toString()}
${run.toString()}
parentPort.on("message", (question) => parentPort.postMessage(${run.name}(question)));
`;

// One for the process: expressions are short, and a thread costs 10 MB.
const jobs: { readonly quick: Job[]; readonly slow: Job[] } = { quick: [], slow: [] };
/** Expressions that took too long, on whose texts: all others go first. */
const slow = new Set<string>();
const limit = timeoutClock.alarm(giveUp);
let worker: Worker | undefined;
let current: Job | undefined;
/** When the current one began, by the processor and by the clock. */
let began = { processorMs: 0, atMs: 0 };

/** What to make of an answer that is none. */
export function whyUnknown(
  { source, texts }: Pick<Question, "source" | "texts">,
  { why }: { readonly why: string },
): string {
  const letters = texts.reduce((sum, text) => sum + text.length, 0);
  return `/${source}/ on ${letters} letters: ${why}`;
}

/** Never rejects. */
export async function search(asked: Question, { who, patienceMs }: Asker): Promise<Answer> {
  const { texts } = asked;
  const question = { ...withInlineFlags(asked.source, asked.flags), texts };
  const { source } = question;
  const letters = texts.reduce((sum, text) => sum + text.length + 1, 0);
  if (stepsMax(source, letters) <= STEPS_AT_ONCE_MAX) return run(question);
  const subject = JSON.stringify([source, who]);
  const queue = slow.has(subject) ? jobs.slow : jobs.quick;
  return new Promise((resolve) => {
    queue.push({ question, subject, uselessAtMs: nowMs() + patienceMs, done: resolve });
    next();
  });
}

function next(): void {
  if (current !== undefined) return;
  const now = nowMs();
  for (current = take(); current !== undefined && current.uselessAtMs <= now; current = take()) {
    current.done({ kind: "slow", why: "no time for it" });
  }
  if (current === undefined) return;
  worker ??= startWorker();
  worker.postMessage(current.question);
  begin();
}

function begin(): void {
  began = { processorMs: processorMs(), atMs: nowMs() };
  limit.set(began.atMs + LIMIT_MS);
}

function take(): Job | undefined {
  return jobs.quick.shift() ?? jobs.slow.shift();
}

function startWorker(): Worker {
  const started = new Worker(THREAD, {
    eval: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
  });
  started.on("online", () => {
    // Its birth is not the expression's fault.
    if (worker === started && current !== undefined) begin();
  });
  started.on("message", (answer: Answer) => {
    if (worker === started) settle(answer);
  });
  started.on("error", (error) => {
    if (worker === started) lose({ kind: "broken", why: errorText(error) });
  });
  // It keeps no process alive that has nothing else to do.
  started.unref();
  return started;
}

function giveUp(): void {
  if (current === undefined) return;
  const leftMs = LIMIT_MS - (processorMs() - began.processorMs);
  const endMs = began.atMs + STALLS_MAX * LIMIT_MS;
  if (leftMs > 0 && nowMs() < endMs) return limit.set(Math.min(nowMs() + leftMs, endMs));
  if (slow.size >= SLOW_MAX) slow.clear();
  slow.add(current.subject);
  lose({ kind: "slow", why: `not done in ${LIMIT_MS} ms` });
}

function lose(answer: Answer): void {
  void worker?.terminate();
  worker = undefined;
  settle(answer);
}

function settle(answer: Answer): void {
  const job = current;
  current = undefined;
  limit.set(Infinity);
  if (job === undefined) return;
  if (answer.kind !== "slow") slow.delete(job.subject);
  job.done(answer);
  next();
}

/**
 * One expression on its texts, here and now; never throws. Its text runs in the thread too, with that of errorText, so it uses
 * nothing else of this file.
 */
function run({ source, flags, texts }: Question): Answer {
  try {
    const expression = new RegExp(source, flags);
    for (const [index, text] of texts.entries()) {
      const match = expression.exec(text);
      if (match !== null) return { kind: "match", index, end: match.index + match[0].length };
    }
    return { kind: "none" };
  } catch (error) {
    return { kind: "broken", why: errorText(error) };
  }
}
