// Loaded before every test file. A test process that does not end by itself has left something open; ava waits for it
// until its own timeout and then fails without a word. Here it is named, soon.

import test, { registerCompletionHandler } from "ava";

const PATIENCE_MS = 10_000;

registerCompletionHandler(() => {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((each) => each !== "Timeout");
    process.stderr.write(`# ${test.meta.file} does not end, open: ${open.join(", ")}\n`);
    process.exit(1);
  }, PATIENCE_MS).unref();
});
