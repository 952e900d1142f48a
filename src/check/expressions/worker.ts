// The thread that runs expressions. It knows nothing but one question at a time, and may be ended in the middle of it.

import { parentPort } from "node:worker_threads";
import { run } from "./run.ts";
import type { Question } from "./search.ts";

/** Where this file is, for who starts it. */
export const workerUrl: string = import.meta.url;

// In the thread that starts it there is no such port.
parentPort?.on("message", (question: Question) => parentPort?.postMessage(run(question)));
