// `duet realserver` many times in one process, in the machine that it is started in: a start of Node takes a second in the
// lab. Gets command lines as messages, answers what the command would have printed and its exit status.

import { runRealServer } from "../../build/src/cli/realserver.js";

let said = { stdout: "", stderr: "" };
Object.assign(globalThis.console, {
  log(text) {
    said.stdout += `${text}\n`;
  },
  error(text) {
    said.stderr += `${text}\n`;
  },
});
process.on("message", (words) => {
  said = { stdout: "", stderr: "" };
  const status = runRealServer(words);
  process.send({ status, ...said });
});
process.on("disconnect", () => process.exit(0));
